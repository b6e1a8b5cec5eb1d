"""Which column of a table is what: by its head, and by its cells where that leaves it open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cnncalc.homework.answers.grid import MAX_ROWS, SEARCHED, Grid
from cnncalc.homework.answers.heads import (
    NAME,
    NUMBER,
    PARTS,
    REMARK,
    SETTINGS,
    TYPE,
    Head,
    head_of,
    own_head,
)
from cnncalc.homework.answers.phrases import kind_of
from cnncalc.homework.sheet import COLUMNS

_WORDY = re.compile(
    r"(?i)filter|kernel|stride|unit|neuron|pad|same|valid|\d\s*[x×]\s*\d+\s*[,/ ]|size|rate"
)
_ARITHMETIC = re.compile(r"[\d\s.,()\[\]+*x×X·⋅/÷^-]*[+·⋅][\d\s.,()\[\]+*x×X·⋅/÷^-]*|\d[\d.,\s]*")
_SEVERAL = re.compile(r"\d\s*(?:[x×*@]|,\s)\s*\d|[\[(][^()\[\]]*\d\s*,|\d,\d{1,2}(?!\d)")
NOTHING = {"", "-", "–", "—", "--"}


@dataclass(slots=True)
class Columns:
    """The columns of a grid.

    Attributes:
        row: in which the heads stand.
        known: each column's head, by its index.
        by_name: the index of each column that is one of its own.
        settings: the indices of the columns that say what a layer is.
        parts: the indices of columns that are a part of the output each.
        why: why a column is not read, by its index.
    """

    row: int
    known: dict[int, Head]
    by_name: dict[str, int] = field(default_factory=dict)
    settings: list[int] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)


def columns_of(grid: Grid, own: Mapping[str, str]) -> Columns | None:
    """Return the columns under the first row with heads of a layer and of an answer."""
    for number, cells in enumerate(grid.rows[:SEARCHED]):
        known: dict[int, Head] = {}
        for index, cell in enumerate(cells):
            head = own_head(cell.text, own) or head_of(cell.text)
            if head is not None:
                texts = [row[index].text for row in grid.rows[number + 1 :] if index < len(row)]
                known[index] = _decided(head, [text for text in texts if text not in NOTHING])
        names = {head.column for head in known.values()}
        if not names & {NAME, TYPE, NUMBER} and 0 not in known and _names_layers(grid, number):
            known[0] = Head(column=NAME)  # names of layers need no head
            names.add(NAME)
        if names & {NAME, TYPE, NUMBER} and names & {*COLUMNS, *PARTS}:
            return _assigned(number, known, grid)
    return None


def _names_layers(grid: Grid, number: int) -> bool:
    """Return whether most of the first column's cells below a row begin with a layer's kind."""
    cells = [row[0].text for row in grid.rows[number + 1 :] if row and row[0].text]
    return sum(kind_of(text) is not None for text in cells) * 2 > len(cells) > 0


def headless(grid: Grid) -> Grid | None:
    """Return a table without heads with those that its cells mean; None where they do not say."""
    rows = [row for row in grid.rows if any(cell.text for cell in row)]
    width = len(rows[0]) if rows else 0
    if not 2 <= width <= 3 or len(rows) < 2 or any(len(row) != width for row in rows):
        return None
    whole = Grid(f"{grid.form} without heads", [[replace(c, text="") for c in rows[0]], *rows])
    if not _names_layers(whole, 0) or any(head_of(cell.text) for cell in rows[0]):
        return None
    heads = ["Layer"]
    for index in range(1, width):
        texts = [row[index].text for row in rows if row[index].text not in NOTHING]
        several = sum(bool(_SEVERAL.search(text)) for text in texts) * 2 > len(texts)
        heads.append("Output" if several else "Params")
    if len({*heads}) != width:
        return None
    whole.rows[0] = [replace(c, text=text) for c, text in zip(rows[0], heads, strict=True)]
    return whole


def _decided(head: Head, texts: Sequence[str]) -> Head:
    """Return a head with that of its possible columns which its cells fit."""
    if not texts:
        return head
    if head.column == NUMBER and head.open:
        counting = all(re.fullmatch(r"[\W\d]{1,6}[a-z]?", text) for text in texts)
        return head if counting else replace(head, column=head.open[0])
    several = sum(bool(_SEVERAL.search(text)) for text in texts) * 2 > len(texts)
    wordy = sum(_is_wordy(text) for text in texts) * 2 > len(texts)
    if "settings" in head.open and wordy:
        return replace(head, column=SETTINGS)
    if head.column == TYPE and "output" in head.open:
        numeric = sum(bool(re.search(r"\d", text)) for text in texts) * 2 > len(texts)
        return replace(head, column="output" if several else "activations") if numeric else head
    if "memory" in head.open and any(re.search(r"\d\s*[KMG]?i?B\b", text) for text in texts):
        return replace(head, column="memory")
    if "output" in head.open and several:
        three = sum(len(re.findall(r"\d+", text)) != 2 for text in texts) * 2 > len(texts)
        if head.column != "extents" or three:
            return replace(head, column="output")
    return head


def _is_wordy(text: str) -> bool:
    """Return whether a cell is a phrase such as `32 filters 3x3`, and no arithmetic."""
    return bool(_WORDY.search(text)) and "=" not in text and not _ARITHMETIC.fullmatch(text)


def _are_settings(found: Columns, grid: Grid) -> bool:
    """Return whether the column that was taken for parameters has settings in it.

    A second one, `# Params` beside `Parameters`, has the numbers then.
    """
    index = found.by_name.get("parameters")
    texts = [
        row[index].text
        for row in grid.rows[found.row + 1 :]
        if index is not None and index < len(row)
    ]
    return any(_is_wordy(text) or _SEVERAL.search(text) for text in texts if "=" not in text)


def _assigned(number: int, known: dict[int, Head], grid: Grid) -> Columns:
    """Return which column is which: of two that mean the same, the first."""
    found, cells = Columns(number, known), grid.rows[number]
    for index, head in known.items():
        column = head.column
        if column == SETTINGS:
            found.settings.append(index)
        elif column in PARTS:
            found.parts.setdefault(column, index)
        elif column == REMARK:
            continue
        elif column == "parameters" and _are_settings(found, grid):
            found.settings.append(found.by_name[column])
            found.by_name[column] = index
        elif column in found.by_name:
            other = cells[found.by_name[column]].text
            found.why[index] = f"It means {column}, as the column {other[:40]!r} does."
        else:
            found.by_name[column] = index
    if NUMBER in found.by_name and not {NAME, TYPE} & {*found.by_name}:
        found.by_name[NAME] = found.by_name.pop(NUMBER)
    for index, cell in enumerate(cells):
        if index not in known and cell.text.strip():
            found.why[index] = "Its head is not known; a key's heads: may name it."
    _depth_apart(found)
    return found


def _depth_apart(found: Columns) -> None:
    """Take the sizes beside a column of depths for parts of the output."""
    parts, by_name = found.parts, found.by_name
    if "depth" in parts and "output" not in by_name and "extents" in by_name:
        parts["extents"] = by_name.pop("extents")
    elif parts and "output" in by_name:
        for part in list(parts):
            index = parts.pop(part)
            found.why[index] = "A part of the output, which has a column of its own."
    if set(parts) == {"depth"}:
        found.why[parts.pop("depth")] = "The depth alone is no volume."


def turned(grid: Grid) -> Grid:
    """Return a grid with its rows as columns."""
    rows = grid.rows[:60]
    width = min(max((len(row) for row in rows), default=0), MAX_ROWS)
    return Grid(
        grid.form,
        [
            [row[index] if index < len(row) else replace(row[0], text="") for row in rows if row]
            for index in range(width)
        ],
    )
