"""A layer on given values in the terminal: planes side by side, then the working."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import terminal
from cnncalc.writers.grid import wrap
from cnncalc.writers.styled import Text, cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.writers.applied import Content, Line, Plane
    from cnncalc.writers.terminal import Console

GAP = 4  # between two planes
WIDEST = 200  # of planes side by side, and of the working, where a pipe has no width
MOST_LINES = 30  # of a plane
MOST_PLANES = 24


def show(content: Content, console: Console) -> None:
    """Print input, arrays, output and working."""
    width = min(console.width, WIDEST)
    lines = [Text.assemble((content.title, "bold"), f"   {content.flow}"), Text()]
    lines += [*_all_planes(content, width), Text()]
    common, found = content.common, content.lines
    if common:
        lines += [Text("Used more than once", "dim")]
        lines += [*_working(common, [*common, *found], width), Text()]
    if found:
        place, window, working = content.heads
        head = [place, *[window] * any(line.window for line in found), working]
        lines += _table(head, found, width)
        lines.append(Text())
    for note in content.notes:
        lines += [Text(line, "dim") for line in wrap(note.split(), min(width, 100))]
    terminal.show(lines if lines[-1].plain else lines[:-1], console)


def planes_text(content: Content) -> str:
    """Return the planes of inputs, arrays and output as plain text."""
    return "\n".join(str(line) for line in _all_planes(content, 100))


def _all_planes(content: Content, width: int) -> Iterator[Text]:
    """Yield the planes of inputs, arrays and output, a line between each of these."""
    applied = content.applied
    for field in (*applied.inputs, *applied.arrays.values()):
        yield from _beside(content.planes(field), width)
        yield Text()
    yield from _beside(content.output_planes(), width)


def _beside(planes: Sequence[Plane], width: int) -> Iterator[Text]:
    """Yield planes side by side, as many as a line has room for."""
    row: list[list[str]] = []
    taken = 0
    for plane in planes[:MOST_PLANES]:
        block = _block(plane)
        wide = max(map(cell_len, block))
        if row and taken + GAP + wide > width:
            yield from _lines(row)
            yield Text()
            row, taken = [], 0
        row.append(block)
        taken += wide + GAP * (taken > 0)
    yield from _lines(row)
    if len(planes) > MOST_PLANES:
        yield Text(f"… and {len(planes) - MOST_PLANES} more channels", "dim")


def _block(plane: Plane) -> list[str]:
    """Return a plane as lines: its name, then its rows in columns of one width each."""
    rows = plane.rows[:MOST_LINES]
    columns = [column[:MOST_LINES] for column in rows]
    widths = [max(map(cell_len, column)) for column in zip(*columns, strict=True)]
    more = " …" * (len(rows[0]) > MOST_LINES)
    lines = [
        " " + " ".join(f"{cell:>{wide}}" for cell, wide in zip(row, widths, strict=True)) + more
        for row in columns
    ]
    return [plane.name, *lines, *([" …"] if len(plane.rows) > MOST_LINES else [])]


def _lines(blocks: Sequence[Sequence[str]]) -> Iterator[Text]:
    widths = [max(map(cell_len, block)) for block in blocks]
    for i in range(max(map(len, blocks), default=0)):
        line = ""
        for block, wide in zip(blocks, widths, strict=True):
            cell = block[i] if i < len(block) else ""
            line += cell + " " * (wide - cell_len(cell) + GAP)
        yield Text(line.rstrip(), "dim" if i == 0 else "")


def _working(lines: Sequence[Line], beside: Sequence[Line], width: int) -> Iterator[Text]:
    """Yield `a = …` for each letter."""
    label = max(len(line.place) for line in lines)
    for line in lines:
        yield from _wrapped(f"{line.place:<{label}} = ", line.working, width)


def _table(head: Sequence[str], lines: Sequence[Line], width: int) -> Iterator[Text]:
    """Yield the working under its headings; what is too long goes on under itself."""
    columns = [[line.place for line in lines]]
    if len(head) > 2:
        columns.append([line.window for line in lines])
    wides = [
        max(cell_len(cell) for cell in (name, *column))
        for name, column in zip(head, columns, strict=False)
    ]
    before = "".join(f"{name:<{wide}}  " for name, wide in zip(head, wides, strict=False))
    yield Text(before + head[-1], "dim")
    for cells, line in zip(zip(*columns, strict=True), lines, strict=True):
        start = "".join(f"{cell:<{wide}}  " for cell, wide in zip(cells, wides, strict=True))
        yield from _wrapped(start, line.working, width)


def _wrapped(start: str, text: str, width: int) -> Iterator[Text]:
    """Yield text behind its start, in lines of at most a width; the result is bold."""
    indent = " " * cell_len(start) if cell_len(start) < width // 2 else "    "
    lines = wrap(text.split(" "), width, first=start, indent=indent)
    for line in lines[:-1]:
        yield Text(line)
    last = Text(lines[-1])
    at = max(lines[-1].rfind("= "), lines[-1].rfind("≈ "))
    last.stylize("bold", at + 2 if at >= len(indent) else len(indent))
    yield last
