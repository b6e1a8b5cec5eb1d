"""A quiz for each student: no sheet tells its key, and each comes back to be marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cnncalc import api
from cnncalc.cli import main
from cnncalc.homework.answers.quiz_sheet import Plan, read_sheet
from cnncalc.homework.quiz import personal
from cnncalc.writers.answer_text import value_text
from cnncalc.writers.folder import file_names
from cnncalc.writers.quiz import write_personal

NAMES = 'name,mail\nAnn Lee,a@x\n"O\'Neil, Bob",b\n../../evil,c\n<b>|*x*|,d\n=cmd,e\n'
ASKED = ("-n", "6", "--topic", "shapes,params,values")


def run(*arguments: str) -> Result:
    """Return what a command line gives."""
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of sheets that the word tuesday makes."""
    root = tmp_path_factory.mktemp("quiz")
    (root / "names.csv").write_text(NAMES, "utf-8")
    roster, sheets = str(root / "names.csv"), str(root / "sheets")
    made = run("quiz", "--roster", roster, "--folder", sheets, "--seed", "tuesday", *ASKED)
    assert (made.exit_code, made.output) == (0, "")
    return root / "sheets"


def answered(path: Path, name: str, wrong: int = 0) -> str:
    """Return a sheet with its right answers, but for the first few."""
    text = path.read_text("utf-8")
    sheet = read_sheet(text, "s")
    made = personal.personal(api.analyze, "tuesday", sheet.title, name, sheet.plan)
    answers = [value_text(question.answer) for question in made.quiz]
    answers[:wrong] = ["1"] * wrong
    for answer in answers:
        text = text.replace("Answer: ______________", f"Answer: {answer}", 1)
    return text


def marked(tmp_path: Path, text: str, word: str = "tuesday") -> Result:
    """Return what check says of a sheet."""
    (tmp_path / "sheet.md").write_text(text, "utf-8")
    return run("check", str(tmp_path / "sheet.md"), "--quiz", word)


def test_each_student_has_a_sheet_of_their_own(folder: Path) -> None:
    """The files lie in the folder whatever the names are; each has title and name, and others."""
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["Ann_Lee.md", "O_Neil_Bob.md", "b_x.md", "cmd.md", "evil.md"]
    texts = [(folder / name).read_text("utf-8") for name in names]
    assert texts[0].startswith("# Convolutional networks\n\nName: Ann Lee\n\n6 questions on ")
    assert len({text.partition("## 1.")[2] for text in texts}) == len(texts)
    assert len(list(folder.parent.iterdir())) == 2


@pytest.mark.parametrize("wrong", [0, 2])
def test_a_filled_sheet_is_marked(folder: Path, tmp_path: Path, wrong: int) -> None:
    """The word makes the key again: six points less the wrong ones."""
    result = marked(tmp_path, answered(folder / "Ann_Lee.md", "Ann Lee", wrong))
    assert f"Score {6 - wrong} of 6" in result.output
    assert result.exit_code == (1 if wrong else 0)


def test_hostile_names_come_back(folder: Path, tmp_path: Path) -> None:
    """What Markdown escapes is read back."""
    for file, name in (("b_x", "<b>|*x*|"), ("O_Neil_Bob", "O'Neil, Bob"), ("cmd", "=cmd")):
        result = marked(tmp_path, answered(folder / f"{file}.md", name))
        assert "Score 6 of 6" in result.output, result.output


def test_a_sheet_may_be_worked_on(folder: Path, tmp_path: Path) -> None:
    """Working above the answer, an answer on its own line, a question that is left out."""
    text = answered(folder / "Ann_Lee.md", "Ann Lee")
    text = re.sub(r"\nAnswer: (\S+)", r"\n(26 - 3)/2 + 1, so\n\nAnswer:\n\n**\1**", text, count=1)
    assert "Score 6 of 6" in marked(tmp_path, text).output
    assert "Score 5 of 6" in marked(tmp_path, text[: text.index("## 6.")]).output


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_sheet_may_come_from_any_editor(folder: Path, tmp_path: Path, encoding: str) -> None:
    """In the encodings in which editors save, with other ends of lines and marks around answers."""
    text = answered(folder / "Ann_Lee.md", "Ann Lee")
    text = re.sub(
        r"Answer: (\d+)\n",
        r"Answer: $\1$ ✅\n" if encoding != "cp1252" else r"Answer: **\1**\n",
        text,
    )
    (tmp_path / "sheet.md").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    result = run("check", str(tmp_path / "sheet.md"), "--quiz", "tuesday")
    assert "Score 6 of 6" in result.output, result.output


CHANGED = {
    "another word": ("", "", "monday"),
    "another name": ("Name: Ann Lee", "Name: Bob", "tuesday"),
    "another title": ("# Convolutional networks", "# Quiz", "tuesday"),
    "fewer questions": ("6 questions", "1 questions", "tuesday"),
    "an easier level": ("levels 1 to 3", "level 1", "tuesday"),
    "other topics": ("shapes, params, values", "values", "tuesday"),
    "a question changed": ("enters this layer", "leaves this layer", "tuesday"),
    "unknown topics": ("shapes, params, values", "luck", "tuesday"),
}


@pytest.mark.parametrize(("old", "new", "word"), CHANGED.values(), ids=list(CHANGED))
def test_what_is_changed_is_refused(
    folder: Path, tmp_path: Path, old: str, new: str, word: str
) -> None:
    """One sentence, without a traceback: the questions are not those of this word and name."""
    text = answered(folder / "Ann_Lee.md", "Ann Lee")
    changed = text.replace(old, new, 1) if old else text
    assert changed != text or not old
    result = marked(tmp_path, changed, word)
    assert result.exit_code == 2
    assert "these are not the questions that this word makes for" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_the_word_there_is_one_sentence(folder: Path) -> None:
    """A sheet of a quiz is no sheet about a network."""
    for arguments in ((), ("--key", "lenet")):
        result = run("check", str(folder / "Ann_Lee.md"), *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Give the quiz's word: --quiz WORD." in result.stderr


def test_nothing_on_a_sheet_makes_the_key(folder: Path) -> None:
    """No word or line of it is the seed, nor makes the first question as one."""
    text = (folder / "Ann_Lee.md").read_text("utf-8")
    plan = Plan(count=6, topics=("shapes", "params", "values"), levels=(1, 2, 3))
    true = personal.personal(api.analyze, "tuesday", "Convolutional networks", "Ann Lee", plan)
    seed = str(true.quiz.seed)
    assert len(seed) == 64
    assert not any(seed[i : i + 6] in text for i in range(0, 64, 6))
    assert "tuesday" not in text
    head = text[: text.index("## 1.")]
    tried = {*head.split(), *head.splitlines(), head, "Ann Lee", "Convolutional networksAnn Lee"}
    first = true.quiz[0]
    for word in tried:
        (asked,) = api.quiz(word, topics="shapes", count=1)
        assert asked.answer != first.answer or asked != first
        other = personal.seed_of(word, "Convolutional networks", "Ann Lee", plan)
        assert other != seed


def test_the_secret_is_drawn_and_said_once(tmp_path: Path) -> None:
    """64 bits on standard error, none of it in the sheets; it makes the sheets again."""
    roster = tmp_path / "names.txt"
    roster.write_text("Ann\nBob\n", "utf-8")
    made = run("quiz", "--roster", str(roster), "-n", "1")
    (secret,) = set(re.findall(r"\b[0-9a-f]{16}\b", made.stderr))
    assert secret not in made.stdout
    again = run("quiz", "--roster", str(roster), "-n", "1", "--seed", secret)
    assert (again.stdout, again.stderr) == (made.stdout, "")
    assert run("quiz", "--roster", str(roster), "-n", "1").stdout != made.stdout


def test_nothing_is_overwritten(folder: Path) -> None:
    """Sheets that are there stay, they may be filled in; --force replaces them."""
    arguments = ("quiz", "--roster", str(folder.parent / "names.csv"), "--folder", str(folder),
                 "--seed", "tuesday", *ASKED)  # fmt: skip
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "there is something else in it" in refused.stderr
    assert run(*arguments, "--force").exit_code == 0


def test_a_class_of_quizzes(folder: Path, tmp_path: Path) -> None:
    """All sheets of a roster are marked at once, against each one's own key."""
    for name, file in (("Ann Lee", "Ann_Lee"), ("../../evil", "evil")):
        (tmp_path / f"{file}.md").write_text(answered(folder / f"{file}.md", name), "utf-8")
    grades = tmp_path / "grades.csv"
    result = run("check", f"{tmp_path}/*.md", "--quiz", "tuesday", "--gradebook", str(grades))
    assert result.exit_code == 0
    assert [line.split(",")[1:3] for line in grades.read_text("utf-8").splitlines()[1:]] == [
        ["6", "6"]
    ] * 2


def test_anothers_sheet_is_found_out(folder: Path, tmp_path: Path) -> None:
    """Handed in beside the other's own it is marked for neither; alone, the name is said."""
    sheet = answered(folder / "Ann_Lee.md", "Ann Lee")
    (tmp_path / "ann.md").write_text(sheet, "utf-8")
    (tmp_path / "eve.md").write_text(sheet.replace("Ann Lee", "ANN  LEE"), "utf-8")
    grades = tmp_path / "grades.csv"
    result = run("check", f"{tmp_path}/*.md", "--quiz", "tuesday", "--gradebook", str(grades))
    assert result.exit_code == 2
    assert "ann.md: the sheet of 'Ann Lee', and so is" in result.output
    (tmp_path / "ann.md").unlink()
    run("check", f"{tmp_path}/*.md", "--quiz", "tuesday", "--gradebook", str(grades))
    assert ",ANN  LEE," in grades.read_text("utf-8")


ROSTERS = [
    ("Ann\nBob\n", ["Ann", "Bob"]),
    ("Lee, Ann\n\nBob\n", ["Lee, Ann", "Bob"]),
    ("\ufeffFirst name;Last name;ID\nAnn;Lee;1\n", ["Ann Lee"]),
    ("id\tName\n1\tAnn\n", ["Ann"]),
    ("ID,Student\n1,李雷\n", ["李雷"]),
]


@pytest.mark.parametrize(("text", "names"), ROSTERS)
def test_names_of_a_roster(text: str, names: list[str]) -> None:
    """A name on each line, or in the columns that say so."""
    assert personal.names(text, "r") == names


def test_a_roster_may_come_from_a_spreadsheet(tmp_path: Path) -> None:
    """In the encodings that spreadsheets save."""
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes("Name;ID\r\nZoë Müller;1\r\n".encode(encoding))
        made = run("quiz", "--roster", str(path), "-n", "1", "--seed", "w")
        assert "Name: Zoë Müller\n" in made.stdout, made.output


@pytest.mark.parametrize("text", ["", "\n\n", "Ann\nANN\n", "x" * 300, '"' * 90_000])
def test_rosters_that_are_refused(text: str, tmp_path: Path) -> None:
    """Nobody, the same name twice, names that are too long: one line each."""
    path = tmp_path / "names.csv"
    path.write_text(text, "utf-8")
    result = run("quiz", "--roster", str(path), "-n", "1", "--seed", "w")
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1


def test_file_names_are_safe_and_different() -> None:
    """No separator, no device, no hidden file, none twice, none too long."""
    names = ["a/b", "a\\b", "..", "A_B", "con", "x" * 500, "\u202e\x00", "é", "e\u0301"]
    made = file_names(names, ".md")
    assert len({name.casefold() for name in made}) == len(names)
    assert all(re.fullmatch(r"\w[\w-]*\.md", name) and len(name) < 90 for name in made)
    assert made[4] == "con_.md"


def test_a_key_for_each_student() -> None:
    """The teacher's copy has the name and the answers, in every format."""
    plan = Plan(count=1, topics=("params",), levels=(1,))
    one = personal.personal(api.analyze, "w", "Q", "Ann Lee", plan)
    assert str(write_personal(one, "key")).startswith("# Q: answers\n\nName: Ann Lee\n")
    assert str(one.quiz[0].answer) in str(write_personal(one, "gift"))


def test_hints_on_a_value_are_about_its_window(folder: Path, tmp_path: Path) -> None:
    """No sum of rows: what the window sees."""
    text = answered(folder / "Ann_Lee.md", "Ann Lee")
    third = text.index("Answer:", text.index("## 3. values"))
    text = text[:third] + re.sub(r"Answer: .*", "Answer: 98765", text[third:], count=1)
    (tmp_path / "sheet.md").write_text(text, "utf-8")
    said = run("check", str(tmp_path / "sheet.md"), "--quiz", "tuesday", "--hints", "2").output
    assert "value = value·weight of all that the window sees" in said
    assert "What does the window see there" in said
