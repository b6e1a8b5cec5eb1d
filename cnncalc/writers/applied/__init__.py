"""A layer on given values, in the formats of `apply`. A format is one line here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cnncalc import units
from cnncalc.applying.fields import Field, places_read
from cnncalc.applying.sharing import letters, shared
from cnncalc.errors import printable, whole_number
from cnncalc.layers import bare_name
from cnncalc.layers.base import LINES
from cnncalc.volume import Volume
from cnncalc.writers import FORMATS as FORMATS_OF_TABLES
from cnncalc.writers import Format
from cnncalc.writers.applied.notation import LATEX, TEXT, Notation, Writer, exact
from cnncalc.writers.content import Tabulated
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.applying.exact import Value
    from cnncalc.applying.formula import Formula
    from cnncalc.applying.records import Applied
    from cnncalc.writers.terminal import Console

# Each module has `write(content) -> str`, but for text, which has `show`.
FORMATS: dict[str, Format] = {
    "text": Format("applied.text", (".txt",)),
    "markdown": Format("applied.markdown", (".md", ".markdown")),
    "latex": Format("applied.latex", (".tex",)),
    "json": Format("applied.json", (".json",)),
}
# The others write the working as a table.
FORMATS |= {k: v for k, v in FORMATS_OF_TABLES.items() if k not in ("table", *FORMATS)}

DIGITS = 5
MOST_DIGITS = 50
TERMS = 12
OUTPUTS = 64
MOST = 10**9
WIDEST_WINDOW = 40  # characters of a window's values; of a wider one its rows and columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How numbers are written, and how much of the working."""

    digits: int = DIGITS  # of a number that is rounded
    terms: int | None = TERMS  # of a sum that are all written; None for any number
    outputs: int | None = OUTPUTS  # whose working is shown; None for all

    def __post_init__(self) -> None:
        """Raise the CnncalcError of a value that is none of these."""
        whole_number("digits", self.digits, 1, MOST_DIGITS)
        if self.terms is not None:
            whole_number("terms", self.terms, 3, MOST)
        if self.outputs is not None:
            whole_number("outputs", self.outputs, 0, MOST)


class Plane(NamedTuple):
    """One channel of an array: its name, and its values as text, row by row."""

    name: str
    rows: list[list[str]]


class Line(NamedTuple):
    """The working of one output value, or of what several have in common."""

    place: str  # its place in the output, or its letter
    window: str
    working: str
    value: Value


class Content(Tabulated):
    """A layer on given values, for any format to write."""

    def __init__(self, applied: Applied, options: Options, notation: Notation = TEXT) -> None:
        self.applied, self.options = applied, options
        shown = applied.results[: options.outputs]
        self._shared = shared(shown)
        self._letters = dict(zip(map(id, self._shared), letters(), strict=False))
        self.writer = Writer(
            notation=notation,
            digits=options.digits,
            terms=options.terms,
            letters=self._letters,
        )

    def in_latex(self) -> Content:
        """Return the same content, its formulas in LaTeX."""
        return Content(self.applied, self.options, LATEX)

    @property
    def title(self) -> str:
        """Return the layer, and its phrase."""
        volumes = [Volume(one.shape[:-1], one.shape[-1]) for one in self.applied.inputs]
        phrase = self.applied.layer.describe(self.applied.output, *volumes)
        tag = self.applied.layer.tag
        return printable(phrase if bare_name(phrase) == bare_name(tag) else f"{tag}: {phrase}")

    @property
    def flow(self) -> str:
        """Return the volumes, from the inputs to the output."""
        volumes = [units.listing(["x".join(map(str, one.shape)) for one in self.applied.inputs])]
        return f"{volumes[0]} → {self.applied.output}"

    @property
    def notes(self) -> list[str]:
        """Return the sentences below the working: what is left out, and what is rounded."""
        found = []
        hidden = len(self.applied.results) - self.shown
        if hidden:
            found.append(
                f"The working of {units.plural(hidden, 'more value')} is not shown: "
                "--outputs all shows it."
            )
        if not all(exact(one.value) for one in self.applied.results):
            found.append(f"≈: rounded to {self.options.digits} digits; all else is exact.")
        return found

    @property
    def shown(self) -> int:
        """Return how many values' working is shown."""
        return len(self.applied.results[: self.options.outputs])

    def planes(self, field: Field) -> list[Plane]:
        """Return the channels of an input, or of an array, as planes of text."""
        name, shape, values = field.name.capitalize(), field.shape, field.values
        volumes = [one.shape for one in self.applied.inputs]
        if len(shape) == 1 or (len(shape) > 2 and shape in volumes):
            return list(_planes(name, shape, values, self.writer))
        if len(shape) == 2:  # the weights of neurons: a row for each
            rows = _planes(name, (*shape, 1), values, self.writer)
            return [Plane(f"{name} {'x'.join(map(str, shape))}", plane.rows) for plane in rows]
        return list(_planes(name, shape, values, self.writer, outer_name="filter"))

    def output_planes(self) -> list[Plane]:
        """Return the channels of the output as planes of text."""
        values = self.applied.values
        return list(_planes("Output", self.applied.output.shape, values, self.writer))

    @property
    def heads(self) -> tuple[str, str, str]:
        """Return the headings of the working: what says a place, the window, the working."""
        names = [*LINES[len(self.applied.output.extents)], "channel"]
        if len(names) > 1 and self.applied.output.channels == 1:
            names = names[:-1]
        return ", ".join(names).capitalize(), "Window", "Working"

    @property
    def common(self) -> list[Line]:
        """Return the working of what several outputs have in common."""
        return [
            Line(self._letters[id(one)], "", self.writer.line(one, lettered=False), one.value)
            for one in self._shared
        ]

    @property
    def lines(self) -> list[Line]:
        """Return the working of each output that is shown."""
        output = self.applied.output
        single = output.extents and output.channels == 1
        places = product(*map(range, output.shape))
        nodes = self.applied.results[: self.options.outputs]
        windows = [self._read(node) if self.applied.windowed else set() for node in nodes]
        windowed = any(len(read) > 1 for read in windows)
        found = []
        for index, node, read in zip(places, nodes, windows, strict=False):
            place = ", ".join(str(i + 1) for i in (index[:-1] if single else index))
            window = self._window(read) if windowed else ""
            found.append(Line(place, window, self._working(node), node.value))
        return found

    def _working(self, node: Formula) -> str:
        return self.writer.line(node, of="" if node.place is None else self._name(node))

    def _name(self, node: Formula) -> str:
        """Return where a value was read that is an output as it is."""
        place = node.place
        if place is None or not place.inside:
            return self.writer.number(0)
        index = ", ".join(str(i + 1) for i in place.index)
        latex = self.writer.notation is LATEX
        return rf"\text{{{place.tensor}}}({index})" if latex else f"{place.tensor} ({index})"

    def _read(self, node: Formula) -> set[tuple[int, ...]]:
        """Return the places of the input that an output reads, those in its padding too."""
        name = self.applied.inputs[0].name
        return {place.index for place in places_read(node) if place.tensor == name}

    def _window(self, read: set[tuple[int, ...]]) -> str:
        """Return a window: its values, or where they are many its rows and columns."""
        if not read:
            return ""
        axes = [sorted(set(axis)) for axis in zip(*read, strict=True)]
        whole = len(read) == math.prod(map(len, axes))
        *extents, channels = axes
        if whole and len(read) * 2 <= WIDEST_WINDOW and len(extents) < 3:
            text = " | ".join(self._window_plane(extents, channel) for channel in channels)
            if len(text) <= WIDEST_WINDOW:
                return text
        names = LINES[len(extents)]
        return ", ".join(
            f"{line}{'s' * (len(axis) > 1)} {units.runs([i + 1 for i in axis])}"
            for line, axis in zip(names, extents, strict=True)
        )

    def _window_plane(self, extents: Sequence[Sequence[int]], channel: int) -> str:
        rows = extents[0] if len(extents) == 2 else [None]
        return "; ".join(
            " ".join(
                self._at((*([] if row is None else [row]), column, channel))
                for column in extents[-1]
            )
            for row in rows
        )

    def _at(self, index: tuple[int, ...]) -> str:
        return self.writer.number(self.applied.inputs[0].value_at(index))

    def table(self, *, shares: bool = False) -> Table:
        """Return the working of each output."""
        lines = [*self.common, *self.lines]
        windows = any(line.window for line in lines)
        heads = [head for head in self.heads if windows or head != "Window"]
        rows = [
            TableRow(
                cells=[
                    Cell(text=line.place),
                    *([Cell(text=line.window)] if windows else []),
                    Cell(text=line.working),
                ]
            )
            for line in lines
        ]
        return Table(
            title=self.title,
            heads=[Head(text=head) for head in heads],
            rows=rows,
            about=self.flow,
            notes=self.notes,
            label=self.applied.layer.tag,
        )

    def records(self) -> Records:
        """Return the working of each output; values exact, as text."""
        return Records(
            names=["place", "window", "working", "value"],
            rows=[
                [line.place, line.window, line.working, self.exact(line.value)]
                for line in (*self.common, *self.lines)
            ],
        )

    def exact(self, value: Value) -> str:
        """Return a value in full: a fraction, or all digits of one that is rounded."""
        return str(value)


def _planes(
    name: str,
    shape: tuple[int, ...],
    values: Sequence[Value],
    writer: Writer,
    *,
    outer_name: str = "frame",
) -> Iterator[Plane]:
    """Yield the planes of an array: rows and columns at each frame, or filter, and channel."""
    *extents, channels = shape
    if not extents:
        yield Plane(f"{name} {channels}", [[writer.number(one) for one in values]])
        return
    *outer, h, w = (1, *extents) if len(extents) == 1 else extents
    text = f"{name} {'x'.join(map(str, shape))}"
    for place in product(*map(range, (*outer, channels))):
        start = 0
        for i, n in zip(place[:-1], outer, strict=True):
            start = start * n + i
        start *= h * w
        label = [f"at {', '.join(str(i + 1) for i in place[:-1])}"] if len(outer) > 1 else []
        label = label or [f"{outer_name} {i + 1}" for i in place[:-1]]
        label += [f"channel {place[-1] + 1}"] if channels > 1 else []
        rows = [
            [
                writer.number(values[(start + row * w + column) * channels + place[-1]])
                for column in range(w)
            ]
            for row in range(h)
        ]
        yield Plane(", ".join([text, *label]), rows)


def show(applied: Applied, console: Console, **options: int | None) -> None:
    """Print input, output and working."""
    from cnncalc.writers.applied import text

    text.show(Content(applied, Options(**options)), console)  # type: ignore[arg-type]


def write(applied: Applied, format: str, **options: int | None) -> str:
    """Return input, output and working in a format other than text. Raises: KeyError."""
    content = Content(applied, Options(**options))  # type: ignore[arg-type]
    text: str = FORMATS[format].write(content)
    return text
