"""A window that does not tile: which input is never read, and what makes the window tile."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.explanation.records import Block
from cnncalc.layers.base import LINES
from cnncalc.layers.windowed import extent_formula
from cnncalc.model import tiling_fixes
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from cnncalc.explanation.records import Working
    from cnncalc.model.report import Row
    from cnncalc.model.tiling_fixes import Axis

LABEL = 15  # columns of a quantity's name; the symbol stands in the next three
INDENT = " " * (LABEL + 1)
NARROW = 60  # columns of a terminal below which a label has a line of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fix:
    """One line of the table of repairs."""

    setting: str  # nothing where it is that of the line before
    now: str
    to: str
    output: str
    working: str


def untiled(working: Working, margin: str, width: int) -> list[Text]:
    """Return what a window that does not tile leaves over along each axis, and the repairs."""
    row = working.row
    if isinstance(row, Block):
        return []
    left_over: list[str] = []
    repairs: list[str] = []
    seen: list[Axis] = []
    for number, axis in working.untiled:
        if axis in seen:  # along alike axes the same is left over
            continue
        seen.append(axis)
        left_over += _left_over(row, number, axis)
        if len(working.untiled) > 1 and number == row.warnings[0].axis:
            left_over += _lost_positions(row)
        repairs += _repairs(axis)
    if not seen:
        return []
    lines = [*labelled("left over", left_over, width), "", *labelled("repairs", repairs, width)]
    return [Text((margin + line).rstrip()) for line in lines]


def labelled(label: str, lines: list[str], width: int) -> list[str]:
    """Return lines with a label before the first of them; empty ones stay empty."""
    if width < NARROW:
        return [label, *(f"  {line}" if line else "" for line in lines)]
    heads = [f"{label:<{LABEL}} ", *[INDENT] * (len(lines) - 1)]
    return [head + line if line else "" for head, line in zip(heads, lines, strict=True)]


def _left_over(row: Row, number: int, axis: Axis) -> list[str]:
    """Return where the last window lies along an axis, and which input it does not reach."""
    one = LINES[len(row.inputs[0].extents)][number]
    start = (axis.places - 1) * axis.s - axis.b
    end = start + axis.d * (axis.k - 1)
    what = "Filter" if row.weights else "Window"
    text = f"{what} {axis.places} covers {one}s {max(0, start)} to {min(end, axis.w - 1)}; "
    first, last = end + 1, axis.w - 1
    if first > last:
        return [text + "only padding is left over, no input."]
    never = f"{one} {first} is" if first == last else f"{one}s {first} to {last} are"
    return [text + f"{never} never read."]


def _lost_positions(row: Row) -> list[str]:
    """Return how many input positions are never read, along all axes together."""
    lost = {w.axis: w.numbers["lost"] for w in row.warnings if w.code == "lost_input"}
    if not any(lost.values()):
        return []
    extents = row.inputs[0].extents
    total = math.prod(extents)
    read = math.prod(extent - lost.get(axis, 0) for axis, extent in enumerate(extents))
    return [
        f"Along all axes: {units.group(total - read)} of the {units.group(total)} input "
        "positions are never seen."
    ]


def _repairs(axis: Axis) -> list[str]:
    """Return a table of the changes of one setting with which the window tiles."""
    fixes = [_Fix(setting="", now="now", to="to", output="W2", working="")]
    for setting, symbol, found in (
        ("input", "w", tiling_fixes.inputs(axis)),
        ("padding", "b", tiling_fixes.paddings(axis)),
        ("stride", "s", tiling_fixes.strides(axis)),
        ("filter", "k", tiling_fixes.kernels(axis)),
    ):
        for fixed in found:
            first = fixed is found[0]
            fixes.append(
                _Fix(
                    setting=setting if first else "",
                    now=_setting(axis, symbol) if first else "",
                    to=_setting(fixed, symbol),
                    output=units.group(fixed.places),
                    working=extent_formula(fixed.w, fixed.window)[1],
                )
            )
    widths = {
        name: max(len(getattr(fix, name)) for fix in fixes)
        for name in ("setting", "now", "to", "output")
    }
    lines = ["change one of these and the window tiles:"]
    for fix in fixes:
        head = fix.setting.ljust(widths["setting"])
        cells = [getattr(fix, name).rjust(widths[name]) for name in ("now", "to", "output")]
        lines.append(f"{'  '.join([head, *cells])}   {fix.working}")
    if not any(one.b == one.a for one in tiling_fixes.paddings(axis)):
        even = axis.room - axis.b - axis.a
        parity = "odd" if even % 2 else "even"
        lines += [
            "",
            f"No equal padding does: {even} + 2P is {parity}, never a multiple of {axis.s}.",
        ]
    return [*lines, ""]


def _setting(axis: Axis, symbol: str) -> str:
    if symbol == "b":
        return f"{axis.b}, {axis.a}"
    return units.group(int(getattr(axis, symbol)))
