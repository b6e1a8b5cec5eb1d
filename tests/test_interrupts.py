"""Ctrl-C and other signals: the program ends at once, a library has its KeyboardInterrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from cnncalc.api.interrupts import interruptible

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")

# Says when the first line of the package is about to run.
PROGRAM = """
import os, sys
def told(event, arguments):
    if event == "exec" and arguments[0].co_filename.endswith("cnncalc/__init__.py"):
        os.write(1, b"x")
sys.argv[0] = "cnncalc"
sys.addaudithook(told)
from cnncalc.__main__ import run
run()
"""


def interrupted(delay: float, *arguments: str) -> tuple[int, bytes]:
    """Return exit code and errors of a command that is interrupted so long after its first line."""
    # A process that ignores interrupts, as a job in a shell's background does, hands that on.
    disposition = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    finally:
        signal.signal(signal.SIGINT, disposition)
    assert process.stdout
    process.stdout.read(1)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    return process.returncode, errors


def test_an_interrupt_is_130_from_the_first_line_on() -> None:
    """While modules are imported, schemas are built, a network is run: no traceback, no word."""
    for delay in (0.001, 0.01, 0.03, 0.06, 0.1, 0.15):
        assert interrupted(delay, "verify", "alexnet") == (130, b""), delay


def test_a_signal_leaves_the_cursor_visible() -> None:
    """What ends a command with a bar has the bar take itself back first."""
    pty = pytest.importorskip("pty")
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
        os.execve(sys.executable, [sys.executable, "-m", "cnncalc", "verify", "vgg16"], environment)
    seen = b""
    try:
        while b"\x1b[?25l" not in seen:
            seen += os.read(terminal, 4096)
        os.kill(child, signal.SIGTERM)
        while b"\x1b[?25h" not in seen:
            seen += os.read(terminal, 4096)
    except OSError:  # the end
        pass
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert b"\x1b[?25h" in seen
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM


def test_an_interrupt_in_a_library_comes_out_as_one() -> None:
    """Whatever wraps it in between; what a caller handles already is not taken for one."""

    @interruptible
    def wrapped(inner: type[BaseException]) -> None:
        try:
            raise inner
        except inner as error:
            raise RuntimeError from error

    with pytest.raises(KeyboardInterrupt):
        wrapped(KeyboardInterrupt)
    with pytest.raises(RuntimeError):
        wrapped(ValueError)
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        with pytest.raises(RuntimeError):
            wrapped(ValueError)
