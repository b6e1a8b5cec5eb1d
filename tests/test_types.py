"""What type checkers see of the package, and what an older Python does."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import cnncalc
from cnncalc.layers import TYPES

# A line that a type checker must refuse says so.
USES = """\
import cnncalc
from cnncalc import Architecture, Conv, Element, Fc, MaxPool, Relu, Volume
from cnncalc import Nonsense  # wrong

conv = Conv(filters=8, kernel=(3, 5), stride=2, padding="same")
filters: int = conv.filters
kernel: str = conv.kernel  # wrong
Conv(filtres=8, kernel=5)  # wrong
Conv(filters=8, kernel="5")  # wrong
Conv(filters=8)  # wrong
Conv(filters=8, kernel=5, padding="full")  # wrong

parts = [Conv(filters=8, kernel=5), Relu()]
one = Architecture(name="one", input=(28, 28, 1), layers=parts)
two = Architecture(
    name="two",
    input="28x28x1",
    layers=[
        Element(Conv(filters=8, kernel=5), name="CONV1", then=[Relu()]),
        Relu(),
        "relu",
        {"type": "max_pool", "kernel": 2},
        Fc(units=10),
    ],
)
Architecture(name="three", input=Volume((28, 28), 1), layers=(MaxPool(kernel=2),), year=1998)
Architecture(name="four", input="28x28x1", layers=[5])  # wrong
Architecture(name="five", input="28x28x1", layer=[Relu()])  # wrong
Architecture(name="six", input=2.5, layers=[Relu()])  # wrong
Element(conv, name=5)  # wrong
Element(Conv)  # wrong
name: str = two.layers[0].name  # wrong
name = two.layers[0].name or "none"

report = cnncalc.analyze(two, batch=2)
parameters: int = report.parameters
output: str = report["CONV1"].output  # wrong
cnncalc.analyze(two, convention=2)  # wrong
cnncalc.analyse(two)  # wrong
ok: bool = cnncalc.verify(two).ok
try:
    cnncalc.load("nonesuch")
except cnncalc.CnncalcError as error:
    code: str = error.problems[0].code
"""


def test_a_type_checker_knows_the_public_names(tmp_path: Path) -> None:
    """Right uses pass mypy, and wrong names, settings and types do not."""
    pytest.importorskip("mypy")
    (tmp_path / "uses.py").write_text(USES, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "uses.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    found = {int(line.split(":")[1]) for line in errors}
    wrong = {n for n, line in enumerate(USES.splitlines(), 1) if line.endswith("# wrong")}
    assert found == wrong, done.stdout + done.stderr


def test_the_stub_has_every_name() -> None:
    """What is handed out at run time is what type checkers are told, from the same modules."""
    stub = ast.parse(Path(cnncalc.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    told = {
        alias.name: node.module
        for node in ast.walk(stub)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    classes = {name for _, name in TYPES.values()}
    assert told.keys() == {*cnncalc.PUBLIC} | classes
    assert {*dir(cnncalc)} == told.keys() | {"__version__"}
    for name, module in told.items():
        assert getattr(cnncalc, name) is getattr(sys.modules[str(module)], name)
    with pytest.raises(AttributeError, match="module 'cnncalc' has no attribute 'Nonsense'"):
        cnncalc.Nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_an_older_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's first file is read by any Python 3, and says which is needed."""
    path = Path(cnncalc.__file__)
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 4))
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(ImportError, match=r"needs Python 3\.11 or newer\. This is Python 3\.10\.4"):
        runpy.run_path(str(path))
