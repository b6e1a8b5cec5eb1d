"""The sentences of a report: title, caption, warnings. Plain text, not yet wrapped."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.format import shipped
from cnncalc.format.expansion.entering import channels_first
from cnncalc.layers.base import AXES, LINES
from cnncalc.model import tiling_fixes
from cnncalc.model.report import CONVENTIONS
from cnncalc.model.tiling_fixes import Axis
from cnncalc.writers.columns import Column, Field, volume

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cnncalc.errors import Place
    from cnncalc.model.graph import Note
    from cnncalc.model.input_sizes import Sizes
    from cnncalc.model.report import Report, Row, Warning
    from cnncalc.writers import Options
    from cnncalc.writers.table_lines import TableLines

# A convolution's multiply-accumulates, by the number of spatial dimensions.
_PER_CONVOLUTION = ("", "W2·K·D1·D2", "H2·W2·K²·D1·D2", "T2·H2·W2·K³·D1·D2")


class WarningText(NamedTuple):
    """A warning as text: the layer, a sentence, and lines of their own below it."""

    name: str
    sentence: str
    details: tuple[str, ...]


def short_title(report: Report) -> str:
    """Return a network's name beside others: its variant, else its file, else its own name."""
    return printable(report.variant_taken or report.file or report.name)


def title(report: Report, options: Options) -> tuple[str, str]:
    """Return the network's title with what overrides its file, and its source."""
    name = printable(report.title)
    if "input" in report.settings:
        name += f" at {volume(report.input, options.layout)}"
    changes = [f"{k}={v}" for k, v in report.settings.items() if k != "input"]
    changes += [f"batch {report.batch}"] * (report.batch != 1)
    changes += [report.dtype] * (report.dtype != "float32")
    changes += [f"convention {report.convention}"] * (report.convention != "mac")
    name = ", ".join([name, *map(printable, changes)])
    variant = f"variant {report.variant_taken}" if report.variant_taken else ""
    file = report.file or ""
    file = file if set("./\\") & set(file) else ""  # a shipped name says nothing more
    read = ", ".join(printable(part) for part in (file, variant) if part)
    about = printable(report.source or "")
    return name, f"{about} ({read})".strip() if read else about


def convention(report: Report, *, formula: bool = True) -> str:
    """Return the sentence that says what a FLOP is here, with a convolution's formula."""
    words = CONVENTIONS[report.convention][2]
    text = f"FLOPs are {words} (convention {report.convention})"
    factor = {"mac": "", "2mac": "2·"}.get(report.convention)
    products = _PER_CONVOLUTION[len(report.input.extents)]
    if formula and factor is not None and products:
        text += f": {factor}{products} per convolution" if _convolves(report) else ""
    return text + "."


def summary(report: Report) -> str:
    """Return the network's size, work and memory on one line, in rounded numbers."""
    parameters = report.parameters
    size = f" ({units.brief_bytes(report.parameter_bytes)} in {report.dtype})" * bool(parameters)
    batch = f" at batch {units.group(report.batch)}" * (report.batch > 1)
    return (
        f"{units.brief_count(parameters)} parameter{'s' * (parameters != 1)}{size}, "
        f"{units.brief_count(report.macs)} multiply-accumulate{'s' * (report.macs != 1)}, "
        f"peak memory {units.brief_bytes(report.peak_bytes)} of activations{batch}."
    )


def _convolves(report: Report) -> bool:
    return any(row.type == "conv" for row in report.layers)


def left_out(lines: TableLines, shown: bool, dropped: Sequence[str]) -> str:
    """Return the sentence that says what is left out of the table, and how to get it.

    `shown`: the hidden layers have a line together; `dropped`: words for what did not fit.
    """
    from cnncalc.writers.table_lines import hidden_phrase

    parts = list(dropped)
    if lines.hidden and not shown:
        parts.insert(0, f"{hidden_phrase(lines.hidden)} (--all-layers)")
    return f"Left out: {'; '.join(parts)}." if parts else ""


def folded(lines: TableLines, depth: int | None) -> str:
    """Return the sentence that says how to open blocks, if any is closed."""
    if not lines.closed or depth is None:
        return ""
    return (
        "A block's line is the sum of what it holds; "
        f"--depth {depth + 1} opens it, --depth all opens all."
    )


def rails(prefixes: bool, sources: bool) -> str:
    """Return the legend of the signs in front of names, and after them."""
    parts = []
    if prefixes:
        parts.append(
            "├ starts a branch at the fork; │ goes on from the row above; └ joins what it names."
        )
    if sources:
        parts.append("← names an input that is not the row above.")
    return " ".join(parts)


def fields(report: Report, columns: Sequence[Column]) -> str:
    """Return the sentence of the receptive field's units, if it is shown."""
    parts = {column.part: column.head for column in columns if isinstance(column, Field)}
    if not parts:
        return ""
    text = units.listing(list(parts.values()))
    extents = "x".join(map(str, report.input.extents or (report.input.channels,)))
    verb = "is" if len(parts) == 1 else "are"
    text = f"{text[0].upper()}{text[1:]} {verb} in input pixels"
    text += ", counted from 0" * ("first_centre" in parts)
    if "size" in parts:
        found = [row.receptive_field for row in report.layers]
        notes = {
            f"whole input: all {extents}": any(f.size is None and f.exact for f in found),
            "a range: units see differently much": any(
                f.exact and f.size != f.smallest for f in found
            ),
            "at most: a bound": any(f.exact is False for f in found),
            "?: unknown": any(f.exact is None for f in found),
        }
        text += "".join(f"; {note}" for note, needed in notes.items() if needed)
    return text + "."


def memory(report: Report) -> str:
    """Return the sentence of the memory that the network takes."""
    mb = units.megabytes
    return (
        f"{report.dtype}, batch {units.group(report.batch)}. "
        f"Memory: parameters {mb(report.parameter_bytes)}; "
        f"activations {mb(report.activation_bytes)}, at most {mb(report.peak_bytes)} "
        f"alive at once, in {printable(report.peak_at)}; "
        f"training with Adam {mb(report.training_bytes())}. 1 MB is 10^6 bytes."
    )


def traffic(report: Report) -> str:
    """Return the sentence that says which bytes are moved."""
    return (
        "Bytes moved are those of a layer's inputs, parameters and output, each once "
        f"({report.dtype}, batch {units.group(report.batch)}); a view moves none."
    )


def warnings(report: Report) -> list[WarningText]:
    """Return the warnings about windows that lose input, once for each place in the file.

    The first one's repairs come with it; the later ones mostly follow from it.
    """
    found: list[WarningText] = []
    for row, name, axes, warning in _losses(report):
        repair = [] if found else [_repair(warning)]
        details = (_formula(warning), *repair)
        sentence = _loss(row, axes, warning)
        found.append(WarningText(name=name, sentence=sentence, details=details))
    return found


def lost_inputs(report: Report) -> list[tuple[Row, str, str]]:
    """Return the windows that lose input, once for each place in the file.

    Each is the first row of its place, the names of those like it, and what is lost in one text.
    """
    return [(row, name, _lost(row, axes, warning)) for row, name, axes, warning in _losses(report)]


def _losses(report: Report) -> Iterator[tuple[Row, str, list[int], Warning]]:
    places: dict[object, list[Row]] = {}
    for i, row in enumerate(report.layers):
        if any(warning.code == "lost_input" for warning in row.warnings):
            places.setdefault(_place(row) or i, []).append(row)
    for row, *more in places.values():
        name = printable(row.name) + f" and {len(more)} more like it" * bool(more)
        for axes, warning in _alike(row):
            yield row, name, axes, warning


def _place(row: Row) -> Place | None:
    """Return where a row stands in a file; None for what was built in Python."""
    return row.place if row.place and row.place.line else None


def _alike(row: Row) -> list[tuple[list[int], Warning]]:
    """Return a row's windows that lose input, those of several axes together if they agree."""
    found: list[tuple[list[int], Warning]] = []
    for warning in row.warnings:
        if warning.code == "lost_input":
            same = [axes for axes, one in found if one.numbers == warning.numbers]
            if same:
                same[0].append(warning.axis)
            else:
                found.append(([warning.axis], warning))
    return found


def lost_input(row: Row, warning: Warning) -> str:
    """Return a window that loses input in one text: what is lost, the arithmetic, repairs."""
    return _lost(row, [warning.axis], warning)


def _lost(row: Row, axes: Sequence[int], warning: Warning) -> str:
    sentence = _loss(row, axes, warning).rstrip(".")
    return f"{sentence}: {_formula(warning)}. {_repair(warning)}"


def _loss(row: Row, axes: Sequence[int], warning: Warning) -> str:
    """Return the sentence on input lost along some axes, which are named unless they are all."""
    axis, rank = Axis.of_warning(warning), len(row.inputs[0].extents)
    extent = f"{AXES[rank][axes[0]]} " * (len(axes) < rank) + units.group(axis.w)
    lost = units.plural(warning.numbers["lost"], LINES[rank][axes[-1]])
    return (
        f"{extent} does not tile under {units.article(axis.k)} kernel at stride "
        f"{units.group(axis.s)}; {lost} never read."
    )


def _formula(warning: Warning) -> str:
    from cnncalc.layers.windowed import extent_formula

    axis = Axis.of_warning(warning)
    _, numbers = extent_formula(axis.w, axis.window)
    return f"{numbers} = {units.number(Fraction(axis.room, axis.s) + 1)}"


def _repair(warning: Warning) -> str:
    return f"Tiles: {repair_words(Axis.of_warning(warning))}."


def repair_words(axis: Axis) -> str:
    """Return the changes that make a window tile, in words.

    >>> repair_words(Axis(w=224, k=11, s=4, b=0, a=0, d=1))
    'input 223 or 227; padding 1 before and 2 after; stride 1 or 3'
    """
    extents = [units.group(one.w) for one in tiling_fixes.inputs(axis)]
    parts = [f"input {units.listing(extents, 'or')}"] if extents else []
    for one in tiling_fixes.paddings(axis):
        sides = f"{one.b}" if one.b == one.a else f"{one.b} before and {one.a} after"
        parts.append(f"padding {sides}")
    strides = [units.group(s) for s in sorted(one.s for one in tiling_fixes.strides(axis))]
    if strides:
        parts.append(f"stride {units.listing(strides, 'or')}")
    return "; ".join(parts)


def tiling(report: Report) -> str:
    """Return the sentence of the inputs that every layer tiles, or that lose nothing."""
    sizes = report.input_sizes or ()
    extents = report.input.extents
    for name, start in (("tiles", "Every layer tiles for"), ("fits", "No input is lost for")):
        sets: list[Sizes] = [getattr(axis, name) for axis in sizes]
        if not sets or not all(sets):
            continue
        texts = [_sizes(one, extents[axis.axis]) for one, axis in zip(sets, sizes, strict=True)]
        if len(set(texts)) > 1:
            names = [AXES[len(extents)][axis.axis] for axis in sizes]
            texts = [f"a {name} of {text}" for name, text in zip(names, texts, strict=True)]
            return f"{start} {units.listing(texts)}."
        return f"{start} an input of {texts[0]}."
    return ""


def _sizes(sizes: Sizes, now: int) -> str:
    """Return the first extents of a set and those next to `now`, with the rule."""
    if sizes.modulus == 1 and not sizes.smaller:
        return f"{units.group(sizes.least)} or more"
    shown = sizes.near(now)
    text = units.group(shown[0])
    for before, n in pairwise(shown):
        text += ", " if sizes.after(before) == n else ", … "
        text += units.group(n)
    return (
        f"{text}, … ({units.residues(sizes.residues, sizes.modulus)})" if sizes.residues else text
    )


def notes(report: Report, columns: Sequence[Column]) -> list[str]:
    """Return sentences about the network that need no action."""
    found = [note(one, report) for one in report.notes if one.code != "shipped"]
    unused = _names(report, "unused_padding")
    if unused:
        found.append(
            f"Some padding is left over in {_few(unused)}, as the window does not tile; "
            "no input is lost."
        )
    fields = any(isinstance(column, Field) for column in columns)
    merged = _names(report, "misaligned") if fields else []
    if merged:
        found.append(
            f"The inputs of {_few(merged)} look at different places; its field is their union."
        )
    return found


def note(one: Note, report: Report) -> str:
    """Return the sentence of a note about a network."""
    if one.code == "shipped":
        return shipped.instead(one.numbers["file"], one.numbers["network"])
    if one.code == "channels_first":
        text = channels_first(report.input)
        return text[0].upper() + text[1:]
    if one.code == "hidden_name":
        pairs = one.numbers["names"]
        found = [f"{printable(taken)}, not {printable(outer)}" for taken, outer in pairs]
        return f"Of elements of one name the inner one is taken: {_few(found)} (.name: the outer)."
    *extents, channels = one.numbers["input"]
    same = channels == report.input.channels and extents
    at = "x".join(map(str, extents if same else [*extents, channels]))
    changes = [_change(layer, at) for layer in one.numbers["layers"][:3]]
    more = len(one.numbers["layers"]) - len(changes)
    changes += [f"{units.group(more)} more differ"] * (more > 0)
    return f"{units.listing(changes)}."


def _change(layer: Mapping[str, Any], at: str) -> str:
    """Return how many values a layer learns here, and at the file's own input."""
    what = "weights" if layer["weights"] != layer["own_weights"] else "parameters"
    here, there = layer[what], layer[f"own_{what}"]
    shown = [units.short(here), units.short(there)]
    if shown[0] == shown[1]:
        shown = [units.group(here), units.group(there)]
    return f"{printable(layer['name'])} has {shown[0]} {what} here, {shown[1]} at {at}"


def _names(report: Report, code: str) -> list[str]:
    """Return the rows that have a warning of a code, one for each place in the file."""
    places: dict[object, str] = {}
    for i, row in enumerate(report.layers):
        if any(warning.code == code for warning in row.warnings):
            places.setdefault(_place(row) or i, printable(row.name))
    return list(places.values())


def _few(names: list[str]) -> str:
    if len(names) <= 3:
        return units.listing(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} more"


def message(row: Row, warning: Warning) -> str:
    """Return the sentence of one warning, for the JSON document."""
    if warning.code == "misaligned":
        inputs = [printable(name) for name in warning.numbers["inputs"]]
        return f"{units.listing(inputs)} look at different places of the input."
    if warning.code == "lost_input":
        return lost_input(row, warning)
    return "Some padding is left over, as the window does not tile; no input is lost."
