"""The table of where two networks differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import grid, sentences, table_lines, terminal
from cnncalc.writers.styled import Text, cell_len

if TYPE_CHECKING:
    from cnncalc.model.diff import Change, Diff
    from cnncalc.model.report import Report, Row
    from cnncalc.writers import Format
    from cnncalc.writers.table_lines import Line
    from cnncalc.writers.terminal import Console

FORMATS: dict[str, Format] = {"table": ("diff", (".txt",)), "json": ("diff", (".json",))}
COUNTS = {"parameters": "parameters", "flops": "FLOPs"}
STYLES = {"~": "yellow", "+": "green", "-": "red"}


class Item(NamedTuple):
    """A line: a layer that differs, or a block that only one of the networks has."""

    mark: str
    name: str
    phrase: str
    counts: tuple[int | None, ...]  # in the second network
    deltas: tuple[int, ...]


def items(diff: Diff) -> list[Item]:
    """Return the lines: layers without a row of their own only where they count."""
    whole = {**_folded(diff, "-", diff.first), **_folded(diff, "+", diff.second)}
    found = []
    for change in diff.changes:
        row = change.second or change.first
        if change.mark == "~" and row is not None:
            if row.has_row or any(map(change.delta, COUNTS)):
                counts = tuple(getattr(row, name) for name in COUNTS)
                deltas = tuple(map(change.delta, COUNTS))
                found.append(Item("~", printable(row.name), phrase(change), counts, deltas))
        elif line := whole.get(id(row)):
            totals = tuple(map(line.count, COUNTS))
            if any(row.has_row for row in line.rows) or any(totals):
                sign = 1 if change.mark == "+" else -1
                counts = totals if sign > 0 else (None,) * len(totals)
                deltas = tuple(sign * total for total in totals)
                found.append(Item(change.mark, line.name, line.phrase, counts, deltas))
    return found


def _folded(diff: Diff, mark: str, report: Report) -> dict[int, Line]:
    """Return the lines of what only one network has, by the id of their first row."""
    only = {id(x.second or x.first) for x in diff.changes if x.mark == mark}
    wanted = {i for i, row in enumerate(report.layers) if id(row) in only}
    return {id(line.rows[0]): line for line in table_lines.folded(report, wanted)}


def show(diff: Diff, console: Console) -> None:
    """Print the layers that differ, by how much, and what the networks differ by in all."""

    def fit(text: str) -> str:
        return terminal.fit(text, console.encoding)

    names = [sentences.short_title(report) for report in (diff.first, diff.second)]
    console.print(Text(fit(f"{names[0]}  →  {names[1]}"), "bold"))
    shown = items(diff)
    if shown:
        console.print()
        marks = grid.Part("", [Text(x.mark, STYLES[x.mark]) for x in shown], right=False)
        numbers = _numbers(diff, shown)
        room = console.width - grid.measure([marks, grid.Part("", []), *numbers])
        lines = [(fit(x.name), fit(x.phrase)) for x in shown]
        grid.show(console, [marks, _layers(lines, room), *numbers], total=True)
    console.print()
    width = min(console.width, terminal.WIDEST_TEXT)
    for line in grid.wrap(fit(caption(diff, shown)).split(" "), width):
        console.print(Text(line, "dim"))


def caption(diff: Diff, shown: list[Item]) -> str:
    """Return what is not in the table, and the convention."""
    equal = sum(row.has_row and row.layer is not None for row in diff.equal)
    if not shown:
        return "No difference."
    text = "No layer is equal."
    if equal:
        others = f"{units.group(equal)} layers are" if equal > 1 else "layer is"
        text = f"The other {others} equal."
    return f"{text} {sentences.convention(diff.second, formula=False)}"


def phrase(change: Change) -> str:
    """Return what is different about a layer: `groups 1 → 2`."""
    before, after = change.first, change.second
    if before is None or after is None:
        return _description(before or after)
    if before.type != after.type:
        return printable(f"{before.type} → {after.type}")
    parts = [f"{name} {_value(one)} → {_value(two)}" for name, one, two in change.settings]
    if not parts and before.output != after.output:
        parts = [f"{before.output} → {after.output}"]
    elif not parts and before.inputs != after.inputs:
        parts = [f"from {_volumes(before)} → {_volumes(after)}"]
    elif not parts and before.training != after.training:
        parts = ["training only" if after.training else "no longer training only"]
    return printable(", ".join(parts))


def _description(row: Row | None) -> str:
    return units.brief(printable(row.description)) if row else ""


def _volumes(row: Row) -> str:
    return " + ".join(map(str, row.inputs))


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, tuple):
        if all(isinstance(part, tuple) for part in value):  # padding before and after, channels
            return units.brief(" x ".join("+".join(map(str, part)) for part in value), 40)
        return "x".join(map(_value, value))
    return units.brief(str(value), 40)


def _layers(lines: list[tuple[str, str]], room: int) -> grid.Part:
    """Return names and phrases, wrapped where there is no room for them."""
    if max(cell_len(f"{name}: {text}") for name, text in lines) > room:
        lines = [(name, grid.shorten(text)) for name, text in lines]
    words = [grid.chunks(text) if text else [] for _, text in lines]
    least = [f"{name}:" for name, _ in lines] + [f"  {word}" for chunk in words for word in chunk]
    room = max(room, *map(cell_len, least))
    cells = []
    for (name, text), chunk in zip(lines, words, strict=True):
        cell = Text("\n".join(grid.wrap([name + ":" * bool(text), *chunk], room, indent="  ")))
        cell.stylize("bold", 0, len(name))
        cells.append(cell)
    return grid.Part("layer", cells, "TOTAL", right=False)


def _numbers(diff: Diff, shown: list[Item]) -> list[grid.Part]:
    parts = []
    for i, (name, head) in enumerate(COUNTS.items()):
        before, after = (getattr(report, name) for report in (diff.first, diff.second))
        counts = ["" if (n := item.counts[i]) is None else units.group(n) for item in shown]
        deltas = [signed(item.deltas[i]) for item in shown]
        total = f"{signed(diff.delta(name))}\n{units.change(before, after)}".rstrip()
        parts += [
            grid.Part(head, [Text(text) for text in counts], units.group(after)),
            grid.Part("change", [Text(text) for text in deltas], total),
        ]
    return parts


def signed(n: int) -> str:
    """Return a change with its sign; nothing for none."""
    return f"{'+' * (n > 0)}{units.group(n)}" if n else ""


def to_dict(diff: Diff) -> dict[str, Any]:
    """Return the differences as plain dicts, lists, numbers and text."""
    from cnncalc.model.diff import COUNTS as EVERY
    from cnncalc.writers.json import VERSION, plain

    def row(change: Change) -> dict[str, Any]:
        before, after = change.first, change.second
        return {
            "mark": change.mark,
            "first": before and before.name,
            "second": after and after.name,
            "settings": {name: plain([one, two]) for name, one, two in change.settings},
            "output": [x and list(x.output.shape) for x in (before, after)],
            **{name: change.delta(name) for name in EVERY},
        }

    def network(report: Report) -> dict[str, Any]:
        return {"name": report.name, **{name: getattr(report, name) for name in EVERY}}

    return {
        "version": VERSION,
        "convention": diff.second.convention,
        "first": network(diff.first),
        "second": network(diff.second),
        "changes": [row(change) for change in diff.changes],
        "equal": [row.name for row in diff.equal],
    }


def write(diff: Diff, format: str) -> str:
    """Return the differences as JSON."""
    from cnncalc.writers.json import lines

    return lines(to_dict(diff))
