"""The program: `cnncalc`, or `python -m cnncalc`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line, and end the process at once.

    What it printed is flushed and its files are closed; to free every object first, as the
    interpreter does, would take longer than to analyze AlexNet.
    """
    # What is imported and built stays until the end: to look for garbage in it, every 700
    # objects, finds none.
    gc.set_threshold(100_000)
    code: object = 0
    try:
        from cnncalc.cli import main

        main()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:  # while it was still being imported
        code = 130
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    run()
