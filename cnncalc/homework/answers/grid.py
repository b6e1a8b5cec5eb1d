"""A table as a grid of cells, and the lines in it that are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cnncalc.homework.answers.heads import NAME, NUMBER, TYPE, head_of
from cnncalc.homework.answers.text import unmarked
from cnncalc.homework.sheet import COLUMNS, SheetCell

MAX_COLUMNS, MAX_ROWS = 60, 2_000
SEARCHED = 30  # lines of a table in which the heads are looked for
TREE = re.compile("[\u2502\u2503 ]*[\u251c\u2514\u2570][\u2500\u2501]+ ?(?=[A-Za-z])")
_RULE = re.compile(r"[\s\-_=+|:─━═┄┈~*.·]*")

Cells = list[SheetCell]


@dataclass(slots=True)
class Grid:
    """The cells of a table, row by row."""

    form: str  # what kind of table it is, for the report on the reading
    rows: list[Cells]
    depths: dict[int, int] = field(default_factory=dict)  # by row, of lines drawn as a tree


def is_rule(text: str) -> bool:
    """Return whether a line only separates others."""
    return bool(_RULE.fullmatch(text))


def has_heads(texts: Sequence[str]) -> bool:
    """Return whether a row has a head for layers and one for an answer."""
    found = {head.column for text in texts if (head := head_of(unmarked(text)))}
    return bool(found & {NAME, TYPE, NUMBER}) and bool(found & {*COLUMNS, "width", "height"})
