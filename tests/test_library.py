"""The library's functions: public names, and what is said about arguments that are wrong."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.errors import CnncalcError, Problem
from cnncalc.layers import TYPES, layer_type
from cnncalc.writers.printing import formats

# Arguments with which each function succeeds.
CALLS: dict[str, dict[str, Any]] = {
    "load": {"source": "lenet"},
    "analyze": {"source": "lenet"},
    "explain": {"source": "lenet", "layer": "CONV1"},
    "verify": {"source": {"name": "n", "input": 3, "layers": [{"type": "fc", "units": 2}]}},
    "diff": {"first": "lenet", "second": "lenet"},
    "draw": {"source": "lenet"},
    "demo": {"source": "lenet", "layer": "CONV1"},
    "apply": {"layer": "relu", "inputs": "1 -2"},
    "networks": {"word": "lenet"},
    "summarize": {"sources": ["lenet"]},
    "show": {"name": "lenet"},
    "new": {},
    "layer_types": {"word": "pool"},
    "solve": {"source": "lenet"},
    "reconcile": {"source": "lenet", "figure": "1M"},
    "check": {"answers": {"CONV1": {"parameters": 156}}, "against": "lenet"},
    "grade": {"answers": {"CONV1": {"parameters": 156}}, "against": "lenet"},
    "worksheet": {"source": "lenet"},
    "quiz": {"seed": 1, "count": 1},
}
OVERRIDES: dict[str, Any] = {"input": "28x28x1", "variant": None, "set": {}}
ANALYSIS: dict[str, Any] = OVERRIDES | {
    "convention": "mac", "batch": 1, "dtype": "float32", "exact": False, "max_layers": 10,
}  # fmt: skip
DRAWING: dict[str, Any] = ANALYSIS | {
    "depth": 1, "block": None, "training": False, "max_nodes": 400, "theme": "auto",
    "layout": "hwc", "scale": "sqrt", "labels": "usual", "runs": False, "width": None,
    "title": True, "standalone": False,
}  # fmt: skip
# What `**options` of a function stands for.
OPTIONS: dict[str, dict[str, Any]] = {
    "explain": ANALYSIS, "diff": ANALYSIS, "check": ANALYSIS, "grade": ANALYSIS,
    "draw": DRAWING, "worksheet": ANALYSIS, "demo": OVERRIDES, "verify": OVERRIDES,
    "reconcile": OVERRIDES,
}  # fmt: skip
WRONG: tuple[Any, ...] = (
    object(), 1.5, -1, 10**40, True, float("nan"), "nonsense", "", "\0", "\udcff", "x" * 5000,
    b"bytes", [],
    [object()], ["a", 1], {}, {"a": object()}, {1: 2}, set(), Decimal(2), Fraction(1, 3), print,
    range(3), range(0), lambda *_: None, (1, 2, 3, 4, 5), 3j, Ellipsis,
)  # fmt: skip


def arguments() -> Iterator[tuple[str, str]]:
    """Yield each function with each of its arguments."""
    for name in CALLS:
        for parameter in inspect.signature(getattr(cnncalc, name)).parameters.values():
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
                yield name, parameter.name
        yield from ((name, option) for option in OPTIONS.get(name, ()))


def test_every_function_is_called_here() -> None:
    """No public function is left out."""
    functions = {name for name in cnncalc.__all__ if inspect.isfunction(getattr(cnncalc, name))}
    assert functions == CALLS.keys()
    for name, options in OPTIONS.items():
        signature = inspect.signature(getattr(cnncalc, name))
        assert not options.keys() & signature.parameters.keys()


@pytest.mark.parametrize(("name", "argument"), [*arguments()])
def test_what_is_wrong_with_an_argument_is_said(name: str, argument: str) -> None:
    """Whatever is given, a function works or raises an error of ours, in a few sentences."""
    for wrong in WRONG:
        problems = said(name, argument, wrong)
        assert all(len(str(problem)) < 2500 for problem in problems)


def said(name: str, argument: str, value: Any) -> tuple[Problem, ...]:
    """Return the problems of a call with one argument changed; none if it works."""
    return problems_of(getattr(cnncalc, name), **(CALLS[name] | {argument: value}))


def problems_of(function: Any, **arguments: Any) -> tuple[Problem, ...]:
    """Return the problems of a call; none if it works."""
    try:
        function(**arguments)
    except CnncalcError as error:
        return error.problems or (Problem("none", "x" * 10_000),)
    return ()


@pytest.mark.parametrize(
    ("name", "argument", "value", "message"),
    [
        ("load", "source", 3, "a network is a name, a path, a dict or an Architecture."),
        ("analyze", "batch", "2", "batch is a whole number from 1 to 2,147,483,647. Received '2'."),
        ("analyze", "exact", 1, "exact is True or False. Received 1."),
        ("analyze", "variant", 1, "variant is text. Received 1."),
        ("analyze", "set", [1], "set is a mapping of parameters. Received list."),
        ("analyze", "convention", None, "unknown convention 'None'."),
        ("explain", "layer", 1, "layer is text. Received 1."),
        ("explain", "layer", "CONV11", "Did you mean 'CONV1'"),
        ("verify", "seed", -1, "seed is a whole number from 0 to"),
        ("verify", "limit_memory", 0, "limit_memory is a whole number from 1 to"),
        ("verify", "watch", "no", "watch is a function. Received str."),
        ("draw", "figure", "volume", "unknown figure 'volume'. Did you mean 'volumes'?"),
        ("draw", "width", 0, "width is a whole number from 1 to 1,000,000. Received 0."),
        ("draw", "block", "x", "LeNet has no block 'x'."),
        ("demo", "layer", None, "give the name of a layer of the network."),
        ("demo", "layer", "FC3", "has no window that a page steps through"),
        ("demo", "source", None, "a layer is one of a network. Give both."),
        ("apply", "layer", "MaxPool2d", "unknown type 'MaxPool2d'. Did you mean 'max_pool'?"),
        ("apply", "inputs", {}, "an array is text such as '1 2; 3 4'"),
        ("apply", "inputs", "1 x", "input: 'x' is no number."),
        ("apply", "arrays", [1], "arrays is a mapping of names. Received list."),
        ("apply", "arrays", {"weight": 1}, "relu has no array 'weight'. It has none."),
        ("apply", "set", {"slope": 1}, "layer relu: unknown field 'slope'."),
        ("apply", "layout", "nchw", "unknown layout 'nchw'. Did you mean 'chw'"),
        ("draw", "runs", 1, "runs is True or False. Received 1."),
        ("networks", "word", 1, "word is text. Received 1."),
        ("networks", "sort", "colour", "no column 'colour'."),
        ("solve", "kernel", 3, "kernel belongs to the formula, which is solved without a network."),
        ("reconcile", "of", 1, "of is text. Received 1."),
        ("reconcile", "figure", "many", "'many' is no figure."),
        ("check", "answers", 1, "answers are a path, a dict or a list. Received int."),
        ("check", "against", "lenett", "Did you mean 'lenet'"),
        ("grade", "out_of", "2", "out_of is a number of points. Received '2'."),
        ("worksheet", "columns", "weigths", "Did you mean 'weights'"),
        ("worksheet", "columns", 3, "columns is a list of words. Received 3."),
        ("quiz", "seed", None, "seed is a whole number or text. Received NoneType."),
        ("quiz", "topics", 1, "topics is a list of words. Received 1."),
        ("quiz", "levels", 4, "a level is one of 1, 2, 3."),
    ],
)
def test_a_message_names_the_argument(name: str, argument: str, value: Any, message: str) -> None:
    """It says what the argument takes, and what was received."""
    (problem,) = said(name, argument, value)
    assert message in str(problem)


RESULTS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "apply": (lambda: cnncalc.apply("softmax", "1 2"), ("digits", "terms", "outputs")),
    "analyze": (
        lambda: cnncalc.analyze("resnet18"),
        ("columns", "sort", "layout", "depth", "all_layers"),
    ),
    "diff": (lambda: cnncalc.diff("resnet18", "resnet34"), ("depth", "all_layers")),
    "verify": (lambda: cnncalc.verify("lenet"), ("depth", "all_layers")),
    "worksheet": (lambda: cnncalc.worksheet("lenet"), ("filled",)),
    "quiz": (lambda: cnncalc.quiz(7, count=1), ("title",)),
    "check": (lambda: cnncalc.check({"CONV1": {"weights": 1}}, "lenet"), ("hints",)),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_is_wrong_with_an_option_of_a_result_is_said(name: str, tmp_path: Path) -> None:
    """Formats, files and what is shown: whatever is given works or is an error of ours."""
    call, options = RESULTS[name]
    result = call()
    for wrong in WRONG:
        for format, option in product(formats(result), options):
            with suppress(CnncalcError):
                result.to(format, **{option: wrong})
        with suppress(CnncalcError):
            result.to(wrong)
        with suppress(CnncalcError):
            result.save(tmp_path / "result.md", wrong)
        if not isinstance(wrong, str):
            with pytest.raises(CnncalcError, match="path names a file"):
                result.save(wrong)


@pytest.mark.parametrize("kernel", [0, -1, True, 1.5, "3..1", "x", range(1, 9, 2), [3]])
def test_the_formula_takes_numbers_and_ranges(kernel: Any) -> None:
    """What is neither a number nor a range within bounds is an error."""
    with pytest.raises(CnncalcError, match="kernel is a whole number from 1 to"):
        cnncalc.solve(input=5, kernel=kernel)


def test_no_module_takes_the_place_of_a_function() -> None:
    """After every module of the package is imported, each public name is what it was."""
    program = (
        "import cnncalc, pkgutil, importlib, types\n"
        "for package in (cnncalc,):\n"
        "    for module in pkgutil.walk_packages(package.__path__, 'cnncalc.'):\n"
        "        if not module.name.endswith('__main__'):\n"
        "            importlib.import_module(module.name)\n"
        "import cnncalc.api\n"
        "modules = [name for name in cnncalc.__all__\n"
        "           if isinstance(getattr(cnncalc, name), types.ModuleType)]\n"
        "modules += [name for name in cnncalc.__all__\n"
        "            if isinstance(getattr(cnncalc.api, name, None), types.ModuleType)]\n"
        "print(modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def parts() -> Iterator[Any]:
    """Yield each class that a network is made of, with arguments that are right, and its fields."""
    network = {"name": "n", "input": "8x8x3", "layers": [cnncalc.Relu()]}
    fields = [*cnncalc.Architecture.model_fields, "nonsense"]
    yield pytest.param(cnncalc.Architecture, network, fields, id="Architecture")
    fields = [*cnncalc.Element.model_fields, "kernel"]
    yield pytest.param(cnncalc.Element, {"type": "relu"}, fields, id="Element")
    for tag in TYPES:
        cls = layer_type(tag)
        needed = {name: 2 for name, field in cls.model_fields.items() if field.is_required()}
        yield pytest.param(cls, needed, [*cls.model_fields, "nonsense"], id=tag)


@pytest.mark.parametrize(("cls", "right", "fields"), [*parts()])
def test_what_is_wrong_with_a_part_of_a_network_is_said(
    cls: Any, right: dict[str, Any], fields: list[str]
) -> None:
    """Whatever a layer, an element or an architecture is made from, it works or is refused."""
    looped: list[Any] = []
    looped.append(looped)
    for field in fields:
        for wrong in (*WRONG, 10**5000, looped, None, [None], cnncalc.Relu()):
            problems = problems_of(cls, **(right | {field: wrong}))
            assert all(len(str(problem)) < 2500 for problem in problems)
