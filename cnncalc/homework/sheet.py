"""The sheet: answers about a network, cell by cell, each with its place in the file.

Every reader of answers returns one; marking sees nothing else of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cnncalc.errors import Place, Problem, UnknownNameError, did_you_mean

# The columns of sheets, in the order in which they are shown and marked.
COLUMNS = (
    "input",
    "output",
    "extents",
    "weights",
    "biases",
    "parameters",
    "macs",
    "flops",
    "additions",
    "activations",
    "memory",
    "receptive_field",
    "step",
    "working",
)
LONGEST_NAME = 80  # characters of a row's

_TOTALS = {
    "total", "totals", "sum", "overall", "network", "all", "model", "gesamt", "summe", "insgesamt",
    "totale", "totaux", "somme", "suma", "soma", "somma", "totais", "totales", "grand", "σ", "∑",
    "合计", "總計", "总计", "总和", "合計", "합계", "총계", "итого", "всего", "сумма",
}  # fmt: skip

_BLANK = {"", "-", "–", "—", "--", "n/a", "na", "none", "nil", "...", "…", "blank", "?"}


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One answer as it is written."""

    text: str
    place: Place
    unit: str = ""  # that the head of its column gives
    problem: str = ""  # one sentence: why the line could not be taken apart into cells

    @property
    def blank(self) -> bool:
        """Return whether nothing was answered."""
        return self.text.strip().lower() in _BLANK


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet: a layer as it is called there, and the answers about it."""

    name: str
    type: str  # as a file would call it; "" where the words name none
    cells: Mapping[str, SheetCell]  # by column
    place: Place
    # The layer itself where its words say it, as an element of a file.
    element: Mapping[str, Any] | None = field(default=None, kw_only=True)
    # Whether other rows are of its layers: it is a block that is open.
    block: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetHead:
    """A head of a column, and what it is read as.

    Attributes:
        text: as it is written.
        place: where it stands.
        column: the answer's column, or `name`, `type`, `number`, `settings`, `remark`.
        unit: that its cells have.
        how: by what it is known.
    """

    text: str
    place: Place
    column: str
    unit: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What a sheet says that was not read.

    Attributes:
        kind: a column of a table, a line, or a cell under no head.
        text: as it is written.
        place: where it stands.
        reason: one sentence.
    """

    kind: Literal["column", "line", "cell"]
    text: str
    place: Place
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All answers of one file.

    Attributes:
        file: as the user called it.
        rows: a layer's answers each.
        columns: that the sheet has, answered or not.
        totals: by column; `peak` are the values alive at once.
        order: a claim about the order of layer types.
        forms: of what is read: `a table with pipes`, `lines`.
        heads: of the tables' columns, as they are read.
        unread: everything that was not read.
        decimal_comma: whether the sheet writes fractions with a comma.
    """

    file: str
    rows: tuple[SheetRow, ...]
    columns: tuple[str, ...]
    totals: Mapping[str, SheetCell] = field(default_factory=dict)
    order: SheetCell | None = None
    forms: tuple[str, ...] = ()
    heads: tuple[SheetHead, ...] = ()
    unread: tuple[Unread, ...] = ()
    decimal_comma: bool = False


def refuse_unknown(columns: Iterable[str]) -> None:
    """Raise an UnknownNameError for a column that no sheet has."""
    for column in columns:
        if column not in COLUMNS:
            message = (
                f"no column {column[:60]!r}.{did_you_mean(column, COLUMNS, foreign=False)} "
                f"There are: {', '.join(COLUMNS)}."
            )
            raise UnknownNameError(Problem("unknown_column", message))


def is_total(name: str) -> bool:
    """Return whether a row's name says that it is the total.

    >>> is_total("TOTAL:"), is_total("Total params"), is_total("conv1")
    (True, True, False)
    """
    words = re.findall(r"[^\W\d_]+|∑", name.lower())
    return bool(words) and words[0] in _TOTALS and "conv" not in words
