"""A short part of the search for input that breaks the command line, always the same one."""

from __future__ import annotations

import sys

import fuzz
import pytest

Done = dict[str, str | float | int]  # what a worker says of a case


@pytest.mark.skipif(sys.platform == "win32", reason="memory and time are held otherwise there")
def test_mutated_input_gets_an_answer_or_a_clear_error() -> None:
    """`python -m tests.fuzz --minutes 60` searches on; what it finds is a test of its own then."""
    with fuzz.Worker() as worker:
        for number in range(80):
            case = fuzz.drawn(f"suite:{number}")
            assert worker.run(case) is None, (number, case)


def test_what_may_not_be_is_seen() -> None:
    """A traceback, a wrong exit code, silence, a colour of the input, time and memory."""
    case = fuzz.Case(("analyze", "net.yaml"), {})
    fine: dict[str, str | float | int] = {
        "code": 2,
        "said": "",
        "seconds": 0.1,
        "output": "",
        "errors": "net.yaml: no.",
    }
    assert fuzz.judged(fine, case) is None
    several: tuple[Done, ...] = (
        {"said": "ValueError at a.py:1: x"},
        {"code": 3},
        {"errors": ""},
        {"output": "\x1b[31m"},
        {"seconds": 3.0},
        {"errors": f"cnncalc: {fuzz.NO_MEMORY}."},
    )
    for bad in several:
        assert fuzz.judged(fine | bad, case), bad
