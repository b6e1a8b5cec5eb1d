"""The solutions of the output formula, and the inputs that a network takes and that tile."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.layers.windowed import extent_formula
from cnncalc.model.input_sizes import NoRule
from cnncalc.solving import InputSizes
from cnncalc.writers import USUAL, Format, sentences, terminal
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.model.input_sizes import AxisSizes, Need, Reason, Sizes
    from cnncalc.model.tiling_fixes import Axis
    from cnncalc.solving import Solutions
    from cnncalc.writers.terminal import Console

FORMATS: dict[str, Format] = {
    "table": Format("solving", (".txt",)),
    "json": Format("solving", (".json",)),
}
VERSION = 1
SHOWN = 40  # solutions
SHOWN_SIZES = 8  # of a set
# A column's head, and its symbol in the formula.
_COLUMNS = {"input": "W", "kernel": "K", "stride": "S", "padding": "P", "output": "O"}
_NAMES = {"W": "inputs", "K": "kernels", "S": "strides", "P": "equal paddings", "O": "outputs"}
_LEGEND = (
    "fits: every layer takes it, and no input is lost. tiles: nothing is left over, not even "
    "padding."
)
_AXES = {1: ("",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def show(found: Solutions | InputSizes, console: Console) -> None:
    """Print what was found: solutions of the formula, or the input sizes of a network."""
    lines = _sizes(found) if isinstance(found, InputSizes) else _solutions(found)
    terminal.show(lines, console)


def _solutions(found: Solutions) -> list[Text]:
    """Return every solution with its working, those that tile first."""
    given = ", ".join(f"{symbol} = {_range(values)}" for symbol, values in found.given.items())
    lines = [Text.assemble(("(W - K + 2P)/S + 1 = O", "bold"), f"   {given}"), Text()]
    lines += _table(found) if found.axes else _nothing(found)
    if found.searched:
        ranges = [
            f"{_NAMES[symbol]} {_range(values, ' to ')}"
            for symbol, values in found.searched.items()
        ]
        limits = " (strides up to K, paddings below K)" if len(ranges) > 1 else ""
        lines += [Text(), Text(f"Searched: {', '.join(ranges)}{limits}.", "dim")]
    return lines


def _nothing(found: Solutions) -> list[Text]:
    """Return that nothing fits, with what the numbers give instead, or what comes nearest."""
    lines = [Text("Nothing fits.", "yellow")]
    axis = found.nearest
    if axis is None:
        return lines
    _, numbers = extent_formula(axis.w, axis.window)
    result = f"{numbers} = {_quotient(axis)}"
    names = {symbol: _numbers(axis)[name] for name, symbol in _COLUMNS.items()}
    chosen = [
        f"{symbol} = {units.group(names[symbol])}"
        for symbol, values in {**found.given, **found.searched}.items()
        if len(values) > 1 and symbol != "O"
    ]
    if axis.room < 0:
        result += f": the kernel, {units.group(axis.k)}, is wider than the input with its padding"
    elif "O" in found.given:
        down = "" if axis.tiles else f", rounded down {units.group(axis.places)}"
        result += f"{down}, not {_range(found.given['O'], ' to ')}"
    head = f"Nearest, with {', '.join(chosen)}: " if chosen else "These numbers give "
    return [*lines, Text(f"{head}{result}.")]


def _quotient(axis: Axis) -> str:
    return units.number(Fraction(axis.room, axis.s) + 1)


def _table(found: Solutions) -> list[Text]:
    """Return a line for each solution, with the columns whose values are not given."""
    columns = [name for name, symbol in _COLUMNS.items() if len(found.given.get(symbol, "..")) != 1]
    shown = found.axes[:SHOWN]
    rows = [[units.group(_numbers(axis)[column]) for column in columns] for axis in shown]
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    working = [f"{extent_formula(axis.w, axis.window)[1]} = {_quotient(axis)}" for axis in shown]
    wide = max(map(len, working))

    def joined(cells: list[str]) -> str:
        return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))

    lines = [Text(f"  {joined(columns)}   working", "dim")]
    for axis, row, formula in zip(shown, rows, working, strict=True):
        mark = ("✓ ", "green") if axis.tiles else ("! ", "yellow")
        lines.append(Text.assemble(mark, f"{joined(row)}   {formula:<{wide}}   {_verdict(axis)}"))
    more = found.count - len(shown)
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
    """Return the inputs that a network takes, those that tile, and what each layer needs."""
    found = sizes.axes
    name = sentences.title(sizes.report, USUAL)[0]
    lines = [Text.assemble((name, "bold"), "  input sizes"), Text(_LEGEND, "dim"), Text()]
    names = _AXES[len(found)]
    alike = all(replace(one, axis=0) == found[0] for one in found)
    for axis, one in zip(names[:1] if alike else names, found, strict=False):
        letter = "H" if alike and axis else {"depth": "T", "height": "H"}.get(axis, "W")
        if isinstance(one, NoRule):
            path = f" at {printable(one.path)}" * bool(one.path)
            lines += [Text(f"   {letter}: no rule{path}: {one.why}.", "yellow"), Text()]
            continue
        fits, tiles = one.fits, one.tiles
        lines.append(_set("fits", fits, letter))
        if fits and tiles == fits:
            lines.append(Text("   tiles  all of these", "bold"))
        elif fits:
            lines.append(_set("tiles", tiles, letter))
        if one.joined:
            lines.append(Text("          as long as the other axes keep their extents", "dim"))
        lines += [Text(), *_needs(one, letter)]
    return lines[:-1]


def _set(name: str, sizes: Sizes, letter: str) -> Text:
    """Return the line of one set of extents."""
    if not sizes and sizes.reason:
        return Text(f"   {name:<5}  none: {why_none(sizes.reason, name)}", "yellow")
    shown = ", ".join(map(units.group, islice(sizes, SHOWN_SIZES)))
    if not sizes.residues:
        more = ", …" * (len(sizes.smaller) > SHOWN_SIZES)
        return Text(f"   {name:<5}  {letter} = {shown}{more} alone", "bold")
    least = units.group(sizes.least)
    also = f"; also {units.runs(sizes.smaller)}" if sizes.smaller else ""
    if sizes.modulus == 1:
        return Text(f"   {name:<5}  {letter}: any, from {least} on{also}", "bold")
    answers = ", ".join(
        map(units.group, islice((n for n in sizes if n >= sizes.least), SHOWN_SIZES))
    )
    sign = " =" if len(sizes.residues) == 1 else ":"
    rule = f"{letter}{sign} {units.residues(sizes.residues, sizes.modulus)}"
    return Text(f"   {name:<5}  {rule}, from {least} on: {answers}, …{also}", "bold")


def why_none(reason: Reason, name: str) -> str:
    """Return why no extent is in the set of a name, with the layer at which it ends."""
    path, extent = printable(reason.path), units.group(reason.extent)
    inputs = [units.group(n) for n in reason.inputs]
    if reason.kind != "refused" or len(set(inputs)) < 2:
        what = {
            "lost": "leaves some of its input unread",
            "left": "has something left over",
            "refused": "does not take its input",
        }[reason.kind]
        as_of = f"as of {inputs[0]} for {extent}" if inputs else f"as for {extent}"
        return f"at every size that suits the layers before, {path} {what} ({as_of})"
    before = ", where every layer before tiles," if name == "tiles" else ","
    text = f"for {extent}{before} {path} gets {units.listing(inputs)}"
    by = units.group(max(reason.inputs) - min(reason.inputs))
    return text + (f", which differ by {by} at every size" if reason.steady else "")


def _needs(found: AxisSizes, letter: str) -> list[Text]:
    """Return a table of what each layer needs of its input, and what follows."""
    sizes = found.tiles or found.fits
    rows = [
        (printable(need.path), _need(need, letter, i == 0), _so(found, sizes, i))
        for i, need in enumerate(found.needs)
    ]
    if not rows:
        return []
    head = ("layer", "needs", "so the input is")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(3)]
    lines = [Text("  ".join([head[0].ljust(widths[0]), head[1].ljust(widths[1]), head[2]]), "dim")]
    lines.append(Text("─" * (sum(widths) + 4), "dim"))
    for row in rows:
        lines.append(Text(f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}"))
    return [*lines, Text()]


def _need(need: Need, letter: str, first: bool) -> str:
    shift = need.reach - need.padding
    if first and need.modulus == need.divisor:
        moved = shift % need.divisor
        sign = f" {'-' if shift > 0 else '+'} {units.group(abs(shift))}" if moved else ""
        return f"{letter}{sign} divisible by {units.group(need.divisor)}"
    if need.divisor == 2:
        return "its input odd" if shift % 2 else "its input even"
    return f"its input {shift % need.divisor} mod {units.group(need.divisor)}"


def _so(found: AxisSizes, sizes: Sizes, number: int) -> str:
    need = found.needs[number]
    text = f"{units.group(need.first)} mod {units.group(need.modulus)}"
    last = number == len(found.needs) - 1 and need.modulus == sizes.modulus
    return text + f", from {units.group(sizes.least)} on" * last


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

    def window(axis: Axis) -> dict[str, Any]:
        return {
            "in": axis.w,
            "kernel": axis.k,
            "stride": axis.s,
            "padding": axis.b,
            "out": axis.places,
            "tiles": axis.tiles,
            "unused_input": axis.unused[0],
            "unused_padding": axis.unused[1],
        }

    return {
        "format": "cnncalc solutions",
        "version": VERSION,
        "given": ends(found.given),
        "searched": ends(found.searched),
        "count": found.count,
        "solutions": [window(axis) for axis in found.axes],
        "nearest": found.nearest
        and {key: window(found.nearest)[key] for key in ("in", "kernel", "stride", "padding")},
    }


def _sizes_dict(found: InputSizes) -> dict[str, Any]:
    return {
        "format": "cnncalc input sizes",
        "version": VERSION,
        "network": found.report.name,
        "title": found.report.title,
        "axes": [
            {"axis": axis.axis, "no_rule": axis.path, "why": axis.why}
            if isinstance(axis, NoRule)
            else {
                "axis": axis.axis,
                "fits": _set_dict("fits", axis.fits),
                "tiles": _set_dict("tiles", axis.tiles),
                "needs": [need._asdict() for need in axis.needs],
                "joined": axis.joined,
            }
            for axis in found.axes
        ],
    }


def _set_dict(name: str, sizes: Sizes) -> dict[str, Any]:
    """Return a set of extents; of an empty one `first` is null, and `reason` says why."""
    reason = sizes.reason
    return {
        "first": sizes.first if sizes else None,
        "modulus": sizes.modulus,
        "residues": list(sizes.residues),
        "smaller": list(sizes.smaller),
        "reason": reason and {"layer": reason.path, "why": why_none(reason, name)},
    }
