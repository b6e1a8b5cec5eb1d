"""How messages about a file are put together: paths as text, and sentences."""

from __future__ import annotations

from typing import Any


def path_text(path: tuple[Any, ...]) -> str:
    """Return a path in the file as text.

    >>> path_text(("layers", 3, "kernel"))
    'layers[3].kernel'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def sentence(text: str) -> str:
    """Return text with a full stop, unless it ends in a question.

    >>> sentence("division by zero"), sentence("unknown name 'x'. Did you mean 'y'?")
    ('division by zero.', "unknown name 'x'. Did you mean 'y'?")
    """
    return text if text.endswith((".", "?")) else f"{text}."


def named(message: str, path: tuple[Any, ...], subject: str) -> str:
    """Return the message about the value at a path, led by its key if the subject lacks that.

    >>> named("unknown name 'x'", ("layers", 0, "kernel", 1), "layer conv")
    "kernel: unknown name 'x'"
    """
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    is_said = key == "type" or subject in ("", key, path_text(path))
    return message if is_said else f"{key}: {message}"
