"""Reads a sheet of a student's quiz: what it says of itself, and the answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnncalc.errors import Place, Problem, ReadError
from cnncalc.homework.answers.text import unmarked

_PLAN = re.compile(r"(\d{1,3}) questions? on ([a-z_, ]+), levels? ([1-9](?: ?to ?[1-9])?)\.?")
_ANSWER = re.compile(r"[ \t>*_]*answer[ \t*_]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of a quiz: how many questions, on which topics, of which levels."""

    count: int
    topics: tuple[str, ...]
    levels: tuple[int, ...]

    def __str__(self) -> str:
        """Return the plan as a sheet states it.

        >>> str(Plan(count=2, topics=("shapes", "params"), levels=(1, 2, 3)))
        '2 questions on shapes, params, levels 1 to 3.'
        """
        least, most = min(self.levels), max(self.levels)
        levels = f"level {least}" if least == most else f"levels {least} to {most}"
        noun = "question" if self.count == 1 else "questions"
        return f"{self.count} {noun} on {', '.join(self.topics)}, {levels}."


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizSheet:
    """A sheet of a student's quiz as it came back: what it says of itself, and each answer."""

    file: str
    title: str
    name: str
    plan: Plan
    answers: Mapping[int, WrittenAnswer]  # by the number of the question


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAnswer:
    """A question on a sheet that came back: its text up to the answer, and the answer."""

    asked: str
    text: str
    line: int


def same(text: str) -> str:
    """Return a text's words in lower case: the same for texts that people take for the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded)) or " ".join(folded.split())


def is_quiz_sheet(text: str) -> bool:
    """Return whether a text is a sheet of a student's quiz: it states the plan."""
    head = text[:5000]
    return "name:" in head.lower() and any(
        _PLAN.fullmatch(_bare(line)) for line in head.splitlines()
    )


def read_sheet(text: str, file: str) -> QuizSheet:
    """Return a sheet of a quiz, parsed. Raises: ReadError if it lacks its title, name or plan."""
    title = name = ""
    plan: Plan | None = None
    sections: dict[int, list[tuple[int, str]]] = {}
    number = 0
    for count, line in enumerate(text.splitlines(), 1):
        bare = _bare(line)
        heading = re.fullmatch(r"#{2,3} *(\d{1,3})\..*", line.strip())
        if heading:
            number = int(heading[1])
            sections.setdefault(number, [])
        elif number:
            sections[number].append((count, line))
        elif line.startswith("# ") and not title:
            title = bare[1:].strip()
        elif bare.lower().startswith("name:") and not name:
            name = bare[5:].strip()
        elif found := _PLAN.fullmatch(bare):
            plan = _plan(found)
    if plan is None or not name:
        message = "no sheet of a quiz: it lacks its title, name or number of questions."
        raise ReadError(Problem("quiz", message, place=Place(file)))
    answers = {number: _written(lines) for number, lines in sections.items()}
    return QuizSheet(file=file, title=title, name=name, plan=plan, answers=answers)


def _bare(line: str) -> str:
    r"""Return a line without Markdown's escapes and signs of emphasis."""
    return re.sub(r"\\([\\`*\[\]<>|~$&_])", r"\1", line).strip().strip("*").strip()


def _plan(found: re.Match[str]) -> Plan | None:
    least, *most = (int(n) for n in re.findall(r"\d", found[3]))
    topics = tuple(topic for part in found[2].split(",") if (topic := part.strip()))
    levels = range(least, (most[0] if most else least) + 1)
    return Plan(count=int(found[1]), topics=topics, levels=tuple(levels)) if levels else None


def _written(lines: Sequence[tuple[int, str]]) -> WrittenAnswer:
    """Return a question's answer: behind `Answer:`, or on the first line below it."""
    for position, (number, line) in enumerate(lines):
        if found := _ANSWER.match(line):
            asked = "\n".join(text for _, text in lines[:position])
            for at, text in [(number, line[found.end() :]), *lines[position + 1 :]]:
                answer = unmarked(text).strip("_*` ").strip()
                if answer:
                    return WrittenAnswer(asked=asked, text=answer, line=at)
            return WrittenAnswer(asked=asked, text="", line=number)
    asked = "\n".join(text for _, text in lines)
    return WrittenAnswer(asked=asked, text="", line=lines[0][0] if lines else 1)
