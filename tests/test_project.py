"""The house rules: which way imports point, what stands in the README, what is derived."""

from __future__ import annotations

import ast
import doctest
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import cnncalc
from cnncalc.format import shipped
from cnncalc.format.networks import ShippedNetwork
from cnncalc.writers import FORMATS
from derive import DERIVED, derived

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cnncalc"
README = (ROOT / "README.md").read_text(encoding="utf-8")

# A room imports from the rooms before its own, and from its own.
ROOMS = [
    ["__init__"],  # hands out names, and imports nothing itself
    ["units"],  # how numbers and lists of words are written
    ["errors"],
    ["volume"],
    ["arithmetic"],
    ["layers"],
    ["model"],  # the graph and the report: data, and how it is counted
    ["format"],  # the file, and its way to a graph
    ["readers"],
    ["verification", "homework", "explanation", "solving", "applying"],
    ["reconciling"],
    ["demos"],  # what pages that step through windows begin with
    ["figures"],  # from a report to shapes; what they are written as is the writers'
    ["writers"],
    ["api"],
    ["cli"],
    ["__main__"],
]
RANK = {room: rank for rank, rooms in enumerate(ROOMS) for room in rooms}
ALONE = "kernels"  # sees no other room, and is seen from inside functions only

# The imports inside a function that go against that order: who, and where to.
LATE = {
    ("layers", "kernels"),  # a layer's forward; analysis never loads NumPy
    ("verification", "kernels"),
    ("errors", "layers"),  # what other frameworks call a type, for a suggestion
    ("model", "writers"),  # a report's _repr_html_ and to_dict
}
# The tables of names that are imported when first used.
TABLES = {"__init__", "cli.options", "writers.printing"}
TABLES |= {f"{room}.__init__" for room in ("layers", "readers", "figures", "writers", "cli")}

# Who may import what is not ours when it is itself imported; everyone may inside a function.
LIBRARIES = {
    "click": {"cli"},
    "rich": set(),  # where a console has colours, or a bar moves
    "pydantic": {"layers", "format"},
    "annotated_types": {"layers"},  # pydantic's own
    "yaml": {"readers"},
    "numpy": {"kernels", "verification"},
    "openpyxl": set(),  # an extra
    "resvg_py": set(),  # an extra
}

LONGEST = {PACKAGE: 500, ROOT / "tests": 600, ROOT / "tools": 300, ROOT / "benchmarks": 300}
LONGEST_FAMILY = 100

MODULES = sorted(PACKAGE.rglob("*.py"))
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def dotted(path: Path) -> str:
    """Return a file's name below the package: `layers.base`."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each module that a file imports, and whether inside a function; types excepted."""

    def walk(node: ast.AST, late: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            children: list[ast.stmt] = node.orelse
        else:
            children = list(ast.iter_child_nodes(node))  # type: ignore[arg-type]
        if isinstance(node, ast.Import):
            yield from ((alias.name, late) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            if node.module == "cnncalc":
                yield from ((f"cnncalc.{alias.name}", late) for alias in node.names)
            else:
                yield node.module or "", late
        inside = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in children:
            yield from walk(child, inside)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), False)


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_point_one_way(path: Path) -> None:
    """No module imports from a later room, but for the listed late imports."""
    room = dotted(path).split(".")[0]
    for name, late in imports(path):
        top, _, rest = name.partition(".")
        if top == "cnncalc":
            other = rest.split(".")[0] or "__init__"
            assert other in RANK or other == ALONE, f"{other} has no place in ROOMS"
            down = other == room or (ALONE not in (room, other) and RANK[other] < RANK[room])
            assert down or (late and (room, other) in LATE), f"{room} imports {name}"
        elif top not in sys.stdlib_module_names:
            assert top in LIBRARIES, f"{name} is no dependency"
            assert late or room in LIBRARIES[top], f"{room} imports {name} at once"
            assert room != ALONE or top == "numpy", f"{room} imports {name}"


def test_the_order_lists_what_there_is() -> None:
    """Rooms, late imports, tables and libraries that nothing uses any more are no longer listed."""
    rooms = {dotted(path).split(".")[0] for path in MODULES}
    assert rooms == {*RANK, ALONE}
    found = [
        (dotted(path).split(".")[0], name, late) for path in MODULES for name, late in imports(path)
    ]
    assert {
        (room, name.split(".")[1]) for room, name, late in found if late and "." in name
    } >= LATE
    for library, allowed in LIBRARIES.items():
        assert {room for room, name, late in found if name.split(".")[0] == library} >= allowed
    by_name = {dotted(path) for path in MODULES if "import_module" in path.read_text("utf-8")}
    assert by_name == TABLES


def test_the_guide_shows_every_room_in_order() -> None:
    """CONTRIBUTING.md has a line for each room, in the order of the imports."""
    shown = re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)
    assert {*shown} == {*RANK, ALONE} - {"__init__", "__main__"}
    ranks = [RANK[room] for room in shown if room != ALONE]
    assert ranks == sorted(ranks)


def test_the_guide_names_what_there_is() -> None:
    """Each table, file and folder in "To add" is where the guide says."""
    (section,) = re.findall(r"^## To add.*?(?=^## )", GUIDE, re.MULTILINE | re.DOTALL)
    for name, file in re.findall(r"`([A-Z]+)` in `([\w/.]+)`", section):
        path = next(path for path in (PACKAGE / file, ROOT / file) if path.exists())
        assert re.search(rf"^{name}\b", path.read_text("utf-8"), re.MULTILINE), file
    for file in re.findall(r"`([\w/]+/[\w.]*)`", section):
        assert any((root / file).exists() for root in (ROOT, PACKAGE, PACKAGE / "writers")), file


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_only_the_tables_import_by_name(path: Path) -> None:
    """An import by a computed name, which the test above cannot follow, is in a table alone."""
    if "import_module" in path.read_text(encoding="utf-8"):
        assert dotted(path) in TABLES


# What a table on a terminal needs nothing of: other commands, other formats, errors.
LATE_MODULES = (
    *("numpy", "rich", "html", "difflib"),
    *("cnncalc.kernels", "cnncalc.verification", "cnncalc.homework", "cnncalc.explanation"),
    *("cnncalc.format.networks", "cnncalc.format.schema", "cnncalc.format.field_schemas"),
    *("cnncalc.format.expansion.merging", "cnncalc.layers.hints", "cnncalc.layers.setting_errors"),
    *("cnncalc.layers.exponential", "cnncalc.model.tiling", "cnncalc.writers.table_model"),
)


def test_analysis_never_loads_numpy() -> None:
    """A whole analyze command ends without NumPy, and without what only other commands need."""
    program = (
        "import sys; sys.argv = ['cnncalc', 'analyze', 'alexnet']\n"
        "from cnncalc.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        f"late = {LATE_MODULES}\n"
        "print([name for name in late if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "[]\n")


MODULE_NAMES = ["cnncalc"] + [
    module.name
    for module in pkgutil.walk_packages(cnncalc.__path__, "cnncalc.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULE_NAMES)
def test_doctests(name: str) -> None:
    """Every example in a docstring gives what it says."""
    assert not doctest.testmod(import_module(name)).failed


@pytest.mark.parametrize("folder", LONGEST, ids=lambda folder: folder.name)
def test_no_file_is_long(folder: Path) -> None:
    """A file that has grown past the bound holds two things."""
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in folder.rglob("*.py")}
    assert {path.name: n for path, n in lengths.items() if n > LONGEST[folder]} == {}


def test_public_names() -> None:
    """Every public name exists, is documented, and is one of those that stay."""
    for name in cnncalc.__all__:
        assert name == "__version__" or getattr(cnncalc, name).__doc__, name
    assert {"analyze", "load", "verify", "Architecture", "Element"} <= set(cnncalc.__all__)


# --- what is shipped --------------------------------------------------------------------


FILES = sorted(shipped.directory().glob("*.yaml"))


@pytest.mark.parametrize("name", DERIVED)
def test_derived_files_are_up_to_date(name: str) -> None:
    """`python tools/derive.py` would change nothing."""
    # The order of a schema's keys differs from one version of Pydantic to another.
    read = json.loads if name.endswith(".json") else str
    before, after = map(read, derived(name))
    assert before == after


def test_names_are_unique() -> None:
    """A shipped name means one network: no two entries share it, nor an entry another's file."""
    entries = shipped.index()
    names = [entry.name for entry in entries]
    assert len(names) == len(set(names))
    for path in FILES:
        assert {entry.file for entry in entries if entry.name == path.stem} <= {path.name}
    assert not any(shipped.is_path(name) for name in names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_are_short_and_point_to_their_schema(path: Path) -> None:
    """A family fits on two screens; an editor completes and checks it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=schema.json"
    assert len(lines) <= LONGEST_FAMILY


def test_find_knows_names_variants_paths_and_bare_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shipped name, its file's bare name and a path each find their file."""
    monkeypatch.chdir(tmp_path)
    alexnet = shipped.directory() / "alexnet.yaml"
    assert shipped.find("alexnet")[:2] == (alexnet, None)
    assert shipped.find("alexnet.yaml") == (alexnet, None, "alexnet", "alexnet")
    assert shipped.find("./alexnet.yaml")[:2] == (Path("alexnet.yaml"), None)
    assert shipped.find("nets/alexnet")[:2] == (Path("nets/alexnet"), None)
    (tmp_path / "alexnet.yaml").write_text("name: mine")
    assert shipped.find("alexnet.yaml") == (Path("alexnet.yaml"), None, "alexnet", None)
    assert shipped.find("alexnet")[:2] == (alexnet, None)


@pytest.mark.parametrize("entry", shipped.index(), ids=lambda entry: entry.name)
def test_find_finds_every_entry(entry: ShippedNetwork) -> None:
    """Each name of the index leads to its file and variant, with an ending too."""
    found = shipped.find(entry.name)
    assert found[:2] == (shipped.directory() / entry.file, entry.variant)
    assert shipped.find(f"{entry.name}.yaml") == found._replace(instead=entry.name)


def test_unknown_names_get_suggestions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest names are suggested, or the file that lies here under that name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").touch()
    for name, meant in {"alexnt": "alexnet", "AlexNet": "alexnet", "mine": "mine.yaml"}.items():
        with pytest.raises(cnncalc.CnncalcError) as error:
            shipped.find(name)
        assert str(error.value).startswith(f"no architecture '{name}'. Did you mean '{meant}'")


# --- the README ---------------------------------------------------------------------------


def test_readme_library_runs() -> None:
    """The README's Python, run as a doctest, gives what it shows."""
    (source,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    example = doctest.DocTestParser().get_doctest(source, {}, "README.md", "README.md", 0)
    assert example.examples
    assert not doctest.DocTestRunner().run(example).failed


def test_readme_compares_the_right_numbers() -> None:
    """Our line of the README's comparison has the numbers of the shipped networks."""
    macs = {entry.name: entry.macs for entry in shipped.index()}
    ours = re.search(r"^\| \*\*cnncalc\*\*.*$", README, re.MULTILINE)
    assert ours
    assert f"| {macs['alexnet']:,} | {macs['resnet50']:,} |" in ours[0]


# --- the wheel ----------------------------------------------------------------------------


@pytest.mark.wheel
def test_the_wheel_works_where_the_checkout_is_not(tmp_path: Path) -> None:
    """A wheel in a fresh environment finds its architectures and prints the same table."""

    def run(*command: str | Path) -> str:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    run(scripts / "python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    run(scripts / "python", "-m", "pip", "install", "-q", wheel)
    code = (
        "from cnncalc.format import shipped; "
        "print(shipped.directory()); print(len(shipped.index()))"
    )
    folder, entries = run(scripts / "python", "-c", code).splitlines()
    assert Path(folder).is_relative_to(tmp_path)
    assert int(entries) == len(shipped.index())
    for form in FORMATS:
        arguments = ["analyze", "alexnet", "--format", form]
        here = run(sys.executable, "-m", "cnncalc", *arguments)
        assert run(scripts / "cnncalc", *arguments) == here
        assert "FC8" in here
