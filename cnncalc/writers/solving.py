"""What `solve` found: ways to fill in the formula, or the inputs that tile at every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.layers.base import Window
from cnncalc.layers.windowed import extent_formula
from cnncalc.model.tiling import Need, NoRule
from cnncalc.model.tiling import Solution as Tiles
from cnncalc.solving import Found, Solution
from cnncalc.writers import USUAL, sentences
from cnncalc.writers.styled import Text
from cnncalc.writers.terminal import fit

if TYPE_CHECKING:
    from cnncalc.model.report import Report
    from cnncalc.writers.terminal import Console

SHOWN = 40
_NAMES = {"W": "inputs", "K": "kernels", "S": "strides", "P": "equal paddings", "O": "outputs"}
_AXES = {1: ("",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def show(found: Found, console: Console) -> None:
    """Print every way to fill in the formula, those that tile first."""
    given = ", ".join(f"{symbol} = {_range(values)}" for symbol, values in found.given)
    lines = [Text.assemble(("(W - K + 2P)/S + 1 = O", "bold"), f"   {given}"), Text()]
    fixed = {symbol for symbol, values in found.given if len(values) == 1}
    columns = [c for c in ("input", "kernel", "stride", "padding", "output") if _ask(c, fixed)]
    shown = found.solutions[:SHOWN]
    cells = [[_cell(one, column) for column in columns] for one in shown]
    widths = [
        max(len(column), *(len(row[i]) for row in cells)) for i, column in enumerate(columns)
    ] if cells else [len(column) for column in columns]  # fmt: skip
    if shown:
        head = "".join(f"  {c:>{w}}" for c, w in zip(columns, widths, strict=True))
        lines += [Text(f"  {head.removeprefix('  ')}   working", "dim")]
        working = [extent_formula(one.axis.w, Window(*one.axis[1:]))[1] for one in shown]
        results = [units.number(_exact(one)) for one in shown]
        wide = max(len(f"{w} = {r}") for w, r in zip(working, results, strict=True))
        for one, row, work, result in zip(shown, cells, working, results, strict=True):
            numbers = "".join(f"  {c:>{w}}" for c, w in zip(row, widths, strict=True))
            mark = ("✓ ", "green") if one.tiles else ("! ", "yellow")
            text = f"{work} = {result}"
            lines.append(
                Text.assemble(
                    mark, numbers.removeprefix("  "), f"   {text:<{wide}}   ", _verdict(one)
                )
            )
        more = len(found.solutions) - len(shown)
        lines += [Text(f"… and {units.group(more)} more")] * (more > 0)
    else:
        lines.append(Text("Nothing fits.", "yellow"))
    searched = [f"{_NAMES[symbol]} {_range(values, ' to ')}" for symbol, values in found.searched]
    if searched:
        limits = " (strides up to K, paddings below K)" if len(found.searched) > 1 else ""
        lines += [Text(), Text(f"Searched: {', '.join(searched)}{limits}.", "dim")]
    _print(lines, console)


def show_tiling(report: Report, found: list[Tiles | NoRule], console: Console) -> None:
    """Print the inputs for which every window of a network tiles, and which layer asks for what."""
    name = sentences.title(report, USUAL)[0]
    lines = [Text.assemble((name, "bold"), "  input sizes that tile at every layer"), Text()]
    names = _AXES[len(found)]
    alike = all(_facts(one) == _facts(found[0]) for one in found)
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
    _print(lines[:-1] if not lines[-1].plain else lines, console)


def _facts(found: Tiles | NoRule) -> tuple[Any, ...]:
    return tuple(found[:2]) if isinstance(found, Tiles) else tuple(found)


def _needs(found: Tiles, letter: str) -> list[Text]:
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


def _so(need: Need, found: Tiles, number: int) -> str:
    text = f"{units.group(need.first)} mod {units.group(need.modulus)}"
    return text + f", from {units.group(found.first)} on" * (number == len(found.needs) - 1)


def _range(values: range, dots: str = "..") -> str:
    first, last = units.group(values[0]), units.group(values[-1])
    return first if len(values) == 1 else f"{first}{dots}{last}"


def _ask(column: str, fixed: set[str]) -> bool:
    symbol = {"input": "W", "kernel": "K", "stride": "S", "padding": "P", "output": "O"}[column]
    return symbol not in fixed


def _cell(one: Solution, column: str) -> str:
    axis = one.axis
    values = {"input": axis.w, "kernel": axis.k, "stride": axis.s, "padding": axis.b}
    return units.group(values.get(column, one.out))


def _exact(one: Solution) -> Any:
    from fractions import Fraction

    return Fraction(one.axis.room, one.axis.s) + 1


def _verdict(one: Solution) -> str:
    if one.tiles:
        return "tiles"
    lost, padding = one.unused
    parts = [f"{units.group(lost)} of input"] * bool(lost)
    parts += [f"{units.group(padding)} of padding"] * bool(padding)
    return f"floor; {units.listing(parts)} unused"


def _print(lines: list[Text], console: Console) -> None:
    for line in lines:
        fitted = fit(line.plain, console.encoding)
        console.print(line if fitted == line.plain else Text(fitted), soft_wrap=True)


def write(found: Found) -> str:
    """Return the solutions as JSON."""
    import json

    return (
        json.dumps(
            {
                "format": "cnncalc solutions",
                "version": 1,
                "given": {symbol: [v[0], v[-1]] for symbol, v in found.given},
                "searched": {symbol: [v[0], v[-1]] for symbol, v in found.searched},
                "solutions": [
                    {
                        "in": one.axis.w, "kernel": one.axis.k, "stride": one.axis.s,
                        "padding": one.axis.b, "out": one.out, "tiles": one.tiles,
                        "unused_input": one.unused[0], "unused_padding": one.unused[1],
                    }
                    for one in found.solutions
                ],
            },
            indent=2,
        )
        + "\n"
    )  # fmt: skip
