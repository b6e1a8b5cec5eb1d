"""The solutions of the output formula, and the inputs that tile at every layer of a network."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.layers.windowed import extent_formula
from cnncalc.model.tiling import NoRule
from cnncalc.solving import InputSizes
from cnncalc.writers import USUAL, Format, sentences, terminal
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.model.tiling import Need, Solution
    from cnncalc.model.tiling_fixes import Axis
    from cnncalc.solving import Solutions
    from cnncalc.writers.terminal import Console

FORMATS: dict[str, Format] = {
    "table": Format("solving", (".txt",)),
    "json": Format("solving", (".json",)),
}
VERSION = 1
SHOWN = 40  # solutions
# A column's head, and its symbol in the formula.
_COLUMNS = {"input": "W", "kernel": "K", "stride": "S", "padding": "P", "output": "O"}
_NAMES = {"W": "inputs", "K": "kernels", "S": "strides", "P": "equal paddings", "O": "outputs"}
_AXES = {1: ("",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def show(found: Solutions | InputSizes, console: Console) -> None:
    """Print what was found: solutions of the formula, or the input sizes of a network."""
    lines = _sizes(found) if isinstance(found, InputSizes) else _solutions(found)
    terminal.show(lines, console)


def _solutions(found: Solutions) -> list[Text]:
    """Return every solution with its working, those that tile first."""
    given = ", ".join(f"{symbol} = {_range(values)}" for symbol, values in found.given.items())
    lines = [Text.assemble(("(W - K + 2P)/S + 1 = O", "bold"), f"   {given}"), Text()]
    lines += _table(found) if found.axes else [Text("Nothing fits.", "yellow")]
    if found.searched:
        ranges = [
            f"{_NAMES[symbol]} {_range(values, ' to ')}"
            for symbol, values in found.searched.items()
        ]
        limits = " (strides up to K, paddings below K)" if len(ranges) > 1 else ""
        lines += [Text(), Text(f"Searched: {', '.join(ranges)}{limits}.", "dim")]
    return lines


def _table(found: Solutions) -> list[Text]:
    """Return a line for each solution, with the columns whose values are not given."""
    columns = [name for name, symbol in _COLUMNS.items() if len(found.given.get(symbol, "..")) != 1]
    shown = found.axes[:SHOWN]
    rows = [[units.group(_numbers(axis)[column]) for column in columns] for axis in shown]
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    working = [
        f"{extent_formula(axis.w, axis.window)[1]} = "
        f"{units.number(Fraction(axis.room, axis.s) + 1)}"
        for axis in shown
    ]
    wide = max(map(len, working))

    def joined(cells: list[str]) -> str:
        return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))

    lines = [Text(f"  {joined(columns)}   working", "dim")]
    for axis, row, formula in zip(shown, rows, working, strict=True):
        mark = ("✓ ", "green") if axis.tiles else ("! ", "yellow")
        lines.append(Text.assemble(mark, f"{joined(row)}   {formula:<{wide}}   {_verdict(axis)}"))
    more = len(found.axes) - len(shown)
    return lines + [Text(f"… and {units.group(more)} more")] * (more > 0)


def _numbers(axis: Axis) -> dict[str, int]:
    return {
        "input": axis.w,
        "kernel": axis.k,
        "stride": axis.s,
        "padding": axis.b,
        "output": axis.places,
    }


def _verdict(axis: Axis) -> str:
    if axis.tiles:
        return "tiles"
    lost, padding = axis.unused
    parts = [f"{units.group(lost)} of input"] * bool(lost)
    parts += [f"{units.group(padding)} of padding"] * bool(padding)
    return f"floor; {units.listing(parts)} unused"


def _sizes(sizes: InputSizes) -> list[Text]:
    """Return the inputs for which every window of a network tiles, and what each layer needs."""
    found = sizes.axes
    name = sentences.title(sizes.report, USUAL)[0]
    lines = [Text.assemble((name, "bold"), "  input sizes that tile at every layer"), Text()]
    names = _AXES[len(found)]
    alike = all(_rule(one) == _rule(found[0]) for one in found)
    for axis, one in zip(names[:1] if alike else names, found, strict=False):
        letter = "H" if alike and axis else {"depth": "T", "height": "H"}.get(axis, "W")
        if isinstance(one, NoRule):
            path = printable(one.path)
            why = (
                f"No size does: {path} contradicts the layers before it."
                if one.contradiction
                else f"There is no simple rule: {path} is no straight line of the input's extent."
            )
            lines += [Text(f"   {why}", "yellow"), Text()]
            continue
        several = ", ".join(units.group(one.first + i * one.modulus) for i in range(8))
        rule = f"{letter} = {one.first % one.modulus} mod {units.group(one.modulus)}, "
        if one.modulus == 1:
            lines += [Text(f"   {letter}: any, from {units.group(one.first)} on", "bold"), Text()]
        else:
            text = f"   {rule}from {units.group(one.first)} on: {several}, …"
            lines += [Text(text, "bold"), Text()]
        lines += _needs(one, letter)
    return lines[:-1] if not lines[-1].plain else lines


def _rule(found: Solution | NoRule) -> NoRule | tuple[int, int]:
    """Return what is said of an axis, so that axes of which the same is said are shown once."""
    return found if isinstance(found, NoRule) else (found.first, found.modulus)


def _needs(found: Solution, letter: str) -> list[Text]:
    rows = [(printable(need.path), _need(need, letter, i == 0), _so(need, found, i))
            for i, need in enumerate(found.needs)]  # fmt: skip
    if not rows:
        return []
    head = ("layer", "needs", "so the input is")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(2)]
    lines = [Text("  ".join([head[0].ljust(widths[0]), head[1].ljust(widths[1]), head[2]]), "dim")]
    lines.append(Text("─" * (sum(widths) + 4 + max(len(row[2]) for row in [head, *rows])), "dim"))
    for row in rows:
        lines.append(Text(f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}"))
    return [*lines, Text()]


def _need(need: Need, letter: str, first: bool) -> str:
    shift = need.reach - need.padding
    if first and need.modulus == need.divisor:
        sign = f" {'-' if shift > 0 else '+'} {units.group(abs(shift))}" if shift else ""
        return f"{letter}{sign} divisible by {units.group(need.divisor)}"
    if need.divisor == 2:
        return "its input odd" if shift % 2 else "its input even"
    return f"its input {shift % need.divisor} mod {units.group(need.divisor)}"


def _so(need: Need, found: Solution, number: int) -> str:
    text = f"{units.group(need.first)} mod {units.group(need.modulus)}"
    return text + f", from {units.group(found.first)} on" * (number == len(found.needs) - 1)


def _range(values: range, dots: str = "..") -> str:
    first, last = units.group(values[0]), units.group(values[-1])
    return first if len(values) == 1 else f"{first}{dots}{last}"


def write(found: Solutions | InputSizes, format: str) -> str:
    """Return what was found as JSON."""
    document = _sizes_dict(found) if isinstance(found, InputSizes) else _solutions_dict(found)
    return json.dumps(document, indent=2) + "\n"


def _solutions_dict(found: Solutions) -> dict[str, Any]:
    def ends(ranges: Mapping[str, range]) -> dict[str, Any]:
        return {symbol: [values[0], values[-1]] for symbol, values in ranges.items()}

    solutions = [
        {
            "in": axis.w,
            "kernel": axis.k,
            "stride": axis.s,
            "padding": axis.b,
            "out": axis.places,
            "tiles": axis.tiles,
            "unused_input": axis.unused[0],
            "unused_padding": axis.unused[1],
        }
        for axis in found.axes
    ]
    return {
        "format": "cnncalc solutions",
        "version": VERSION,
        "given": ends(found.given),
        "searched": ends(found.searched),
        "solutions": solutions,
    }


def _sizes_dict(found: InputSizes) -> dict[str, Any]:
    return {
        "format": "cnncalc input sizes",
        "version": VERSION,
        "network": found.report.name,
        "axes": [
            {"no_rule": axis.path, "contradiction": axis.contradiction}
            if isinstance(axis, NoRule)
            else {
                "first": axis.first,
                "modulus": axis.modulus,
                "needs": [need._asdict() for need in axis.needs],
            }
            for axis in found.axes
        ],
    }
