"""Columns of text on a terminal: two thin rules, no boxes, no cell wrapped by anyone else."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.box import Box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from cnncalc.writers import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console


class Part(NamedTuple):
    """A column as it is printed: its cells and what stands under them."""

    head: str
    cells: Sequence[Text]
    total: str | Text = ""
    right: bool = True
    close: bool = False  # belongs to the number before it, so the gap is 1

    @property
    def width(self) -> int:
        """Return the columns of the terminal that it takes."""
        lines = [line for cell in self.cells for line in cell.plain.split("\n")]
        return max(map(cell_len, [self.head, *str(self.total).split("\n"), *lines]))


def shorten(phrase: str) -> str:
    """Return a phrase in fewer words.

    >>> shorten("96 11x11 filters at stride 4, pad 0")
    '96 11x11, stride 4, pad 0'
    """
    return phrase.replace(" filters at stride", ", stride").replace(" at stride", ", stride")


def chunks(phrase: str) -> list[str]:
    """Return the parts of a phrase between which it may be broken: no word leaves its number.

    >>> chunks("96 11x11, stride 4, pad 0")
    ['96 11x11,', 'stride 4,', 'pad 0']
    """
    found: list[str] = []
    open_ = False  # whether the part before waits for its noun
    for word in phrase.split(" "):
        if found and (open_ or (word[:1].isdigit() and not found[-1].endswith((",", "+")))):
            found[-1] += " " + word
        else:
            found.append(word)
        open_ = word.isdigit() or word == "×" or word == "x"
    return found


def wrap(words: Iterable[str], width: int, first: str = "", indent: str = "") -> list[str]:
    """Return words as lines of at most a width, the later ones indented.

    >>> wrap(["a", "bc", "d"], 4, indent="  ")
    ['a bc', '  d']
    """
    lines: list[str] = []
    line, empty = first, True
    for word in words:
        if not empty and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line.rstrip())
            line, empty = indent, True
            if not word:
                continue
        line += word if empty else " " + word
        empty = False
    return [*lines, line]


def gaps(parts: Sequence[Part]) -> list[int]:
    """Return the gap before each part: 1 after text and within a number, 2 between numbers."""
    found = [0]
    for before, part in pairwise(parts):
        number = before.right or before.close
        found.append(2 if number and not part.close else 1)
    return found


def measure(parts: Sequence[Part]) -> int:
    """Return the width of a panel."""
    return sum(part.width for part in parts) + sum(gaps(parts))


def show(console: Console, parts: Sequence[Part], *, total: bool) -> None:
    """Print a panel, each line as wide as what it holds; `total`: with a last line of totals."""
    rule = terminal.fit("─", console.encoding) * 4
    box = Box("\n".join(["    "] * 2 + [rule] + ["    "] * 2 + [rule] + ["    "] * 2), ascii=True)
    width = measure(parts)
    table = Table(
        box=box, show_edge=False, padding=0, show_footer=total, width=width, header_style=""
    )
    shifted = []
    for part, gap in zip(parts, gaps(parts), strict=True):
        lead = " " * (gap - 1 if gap and not part.right else 0)  # Rich's own gap is 1
        table.add_column(
            Text(lead + part.head, "dim"),
            Text(lead) + (part.total if isinstance(part.total, Text) else Text(part.total, "bold")),
            justify="right" if part.right else "left",
            no_wrap=True,
            width=part.width + (gap > 1),
        )
        shifted.append([Text(lead) + cell for cell in part.cells] if lead else part.cells)
    for cells in zip(*shifted, strict=True):
        table.add_row(*cells)
    for line in console.render_lines(table, console.options.update(width=width), pad=False):
        text = Text.assemble(*((segment.text, segment.style or "") for segment in line))
        text.rstrip()
        console.print(text)
