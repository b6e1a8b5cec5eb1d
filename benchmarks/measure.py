"""Timing for the benchmarks: all is measured in turns, so that ratios can be believed."""

from __future__ import annotations

import ctypes
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple


class Ended(NamedTuple):
    """What a whole process took: seconds, peak memory in MiB (0 on Windows); and how it ended."""

    seconds: float
    peak: float
    code: int
    errors: str


def ended(command: Sequence[str]) -> Ended:
    """Return what a process took, however it ended."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr
    errors = child.stderr.read()
    peak = 0.0
    if sys.platform == "win32":
        child.wait()
    else:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    seconds = time.perf_counter() - start
    return Ended(seconds, peak, child.returncode, errors.decode(errors="replace"))


def process(command: Sequence[str]) -> tuple[float, float]:
    """Return the seconds that a whole process takes, and its peak memory in MiB (0 on Windows).

    Raises: SystemExit if it fails.
    """
    seconds, peak, code, errors = ended(command)
    if code:
        raise SystemExit(f"{command[0]} failed:\n{errors}")
    return seconds, peak


PAUSE = 0.1  # seconds; a library's threads go on waiting in a loop for a while after its work


def in_turns(
    runs: Sequence[Callable[[], object]], rounds: int, pause: float = 0.0
) -> list[list[float]]:
    """Return for each of `runs` the seconds that it took in each round.

    With a pause before each turn, none finds the processors taken by the threads of the one
    before. Then it runs once untimed, to have its own threads awake and its data at hand.
    """
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, taken in zip(runs, seconds, strict=True):
            if pause:
                time.sleep(pause)
                run()
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    return seconds


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median over the rounds of what we took by what they took.

    >>> ratio([1, 2, 9], [2, 4, 6])
    0.5
    """
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def _forcing() -> dict[str, str]:
    """Return the variables that are set and have OpenBLAS use an older kernel."""
    names = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    return {name: os.environ[name] for name in names if name in os.environ}


def blas_kernel() -> str:
    """Return the kernel that NumPy's OpenBLAS chose, and the variables that had it do so."""
    import numpy

    name = str(numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"])
    for module in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        with suppress(ImportError, OSError, AttributeError):
            library = ctypes.CDLL(import_module(module).__file__)
            library.scipy_openblas_get_corename64_.restype = ctypes.c_char_p
            name = f"OpenBLAS {library.scipy_openblas_get_corename64_().decode()}"
            break
    return "".join([name, *(f", {name}={value}" for name, value in _forcing().items())])


def run_unforced() -> None:
    """Run this script again without the variables that have OpenBLAS use an older kernel."""
    forcing = _forcing()
    if forcing:
        print(f"\nwithout {' and '.join(forcing)}:", flush=True)
        free = {name: value for name, value in os.environ.items() if name not in forcing}
        subprocess.run([sys.executable, *sys.argv], env=free, check=True)
