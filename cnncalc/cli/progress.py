"""The bar on standard error: on a terminal, after a moment, and gone when done."""

from __future__ import annotations

import os
import sys
from threading import Timer
from types import TracebackType
from typing import Self

from cnncalc.cli import signals
from cnncalc.errors import printable

MOMENT = 0.3  # seconds: what is quicker shows no bar


class Bar:
    """A progress bar: called with how many parts are done, of how many, and which is next."""

    def __init__(self, title: str = "", *, remaining: bool = False) -> None:
        self._title, self._remaining = title, remaining

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(file=sys.stderr, markup=False, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(
                style="dim", complete_style="cyan", finished_style="cyan", pulse_style="cyan"
            ),
            TextColumn("{task.fields[part]}", markup=False),
            TimeRemainingColumn() if self._remaining else TimeElapsedColumn(),
            TextColumn("left" if self._remaining else ""),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task(printable(self._title), total=None, part="")
        self._timer = Timer(MOMENT, self._progress.start)
        self._signals = signals.raising(self._take_back)
        self._signals.__enter__()
        if console.is_terminal:
            self._timer.start()
        return self

    def _take_back(self) -> None:
        """Clear the bar's line and show the cursor, where the program ends in the next moment."""
        if self._progress.live.is_started:
            os.write(sys.stderr.fileno(), b"\r\x1b[2K\x1b[?25h")

    def __call__(self, done: int, total: int, part: str, share: float | None = None) -> None:
        """Move the bar to what is done, or to the share of the work that it makes."""
        self._progress.update(
            self._task,
            completed=done / total if share is None else share,
            total=1,
            part=f"{printable(part)}  {done} of {total}",
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._timer.cancel()
            if self._timer.is_alive():
                self._timer.join()
            if self._progress.live.is_started:
                self._progress.stop()
        finally:
            self._signals.__exit__(None, None, None)
