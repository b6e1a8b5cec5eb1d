"""The program: `cnncalc`, or `python -m cnncalc`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line, and end the process at once.

    Output is flushed and files are closed. Freeing every object first, as the interpreter does at
    exit, would take longer than analyzing AlexNet.
    """
    # What is imported and built lives until the end: a search for garbage every 700 objects would
    # find none.
    gc.set_threshold(100_000)
    # Plugins of Pydantic, which other programs of this environment may use, are of no use here;
    # to look for them it reads what is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code: object = 0
    try:
        from cnncalc.cli import main

        main()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:  # where no handler could be set
        code = 130
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    run()
