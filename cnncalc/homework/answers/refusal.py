"""What is said of a file in which no answer was found: what was seen, and what would be read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from cnncalc.homework.answers.heads import head_of
from cnncalc.homework.answers.sentences import without_bullet
from cnncalc.homework.answers.text import Line

LONGEST_SHOWN = 60
MOST_COMPARED = 200  # lines
_KINDS = ("conv", "pool", "fc", "dense", "linear", "input", "output", "flatten", "relu", "total")


def no_answers(lines: Sequence[Line], names: frozenset[str]) -> str:
    """Return why no answer was found in the lines of a file, and a line that would be read."""
    said = [line for line in lines if line.text.strip()]
    shown = next(iter(sorted(names - {"input"})), "conv1")
    example = f"One that would be read: '{shown}: 28x28x6, 156 parameters'."
    if not said:
        return f"no answers found: no line with text. {example}"
    count = f"{len(said)} line{'s' * (len(said) > 1)}"
    heads = _with_heads(said)
    if heads:
        return (
            f"no answers found: {count}, and heads in line {heads[0].number}, "
            f"{_short(heads[0].text)!r}, but no row under them. {example}"
        )
    nearest = _nearest(said, names)
    near = f"; the nearest is line {nearest.number}, {_short(nearest.text)!r}" if nearest else ""
    return (
        f"no answers found: {count}, no row in them begins with a layer's name or type{near}. "
        f"{example}"
    )


def _with_heads(lines: Sequence[Line]) -> list[Line]:
    found = []
    for line in lines[:MOST_COMPARED]:
        parts = re.split(r"[|,;\t]|\s{2,}", line.text[:400])
        if sum(head_of(part.strip()) is not None for part in parts) > 1:
            found.append(line)
    return found


def _nearest(lines: Sequence[Line], names: frozenset[str]) -> Line | None:
    """Return the line whose first word is the most like a layer's name; one with a number, else."""
    words = [*sorted(names)[:50], *_KINDS]
    best: tuple[float, Line] | None = None
    for line in lines[:MOST_COMPARED]:
        first = re.match(r"[\W\d]*([^\W_][\w.-]{0,30})", without_bullet(line.text[:200]))
        if first is None:
            continue
        word = first[1].lower()
        ratio = max(difflib.SequenceMatcher(None, word, one).ratio() for one in words)
        ratio += 0.1 * bool(re.search(r"\d", line.text[:400]))
        if best is None or ratio > best[0]:
            best = ratio, line
    if best is not None and best[0] >= 0.5:
        return best[1]
    return next((line for line in lines if re.search(r"\d", line.text[:400])), None)


def _short(text: str) -> str:
    text = " ".join(text[:400].split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
