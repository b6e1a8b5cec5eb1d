"""The columns of a network's table, each with its kind.

A column is called as the attribute of a Row that it shows. Its class is its kind: it says what
stands in a line of one layer, of a closed block and of the whole network, how lines are sorted
by it, and on which side its cells are aligned. Writers ask the column; none knows its name.

kind        a closed block shows                            sorted          total
`Count`     the sum over its layers                         largest first   the network's
`Share`     the share of that sum in the network's          largest first   none
`Ratio`     the sum of one count over that of another       largest first   of the network's
`Field`     that of the layer whose output leaves it        largest first   none
`Volumes`   what enters its first layer, or leaves its last largest first   none
`Fact`      nothing: it is a number of a single layer       largest first   none
`Word`      nothing: it is a word of a single layer         by the alphabet none
`Name`, `Phrase` those of the block                         by the alphabet none
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from cnncalc import units
from cnncalc.errors import Problem, UnknownNameError, did_you_mean, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.report import ReceptiveField, Report, Row
    from cnncalc.volume import Volume
    from cnncalc.writers.table_lines import TableLine

Role = Literal["", "name", "phrase", "share"]
Topic = Literal["", "convention", "field", "memory", "traffic"]


class Column(ABC):
    """A column: its name, its heading, and its meaning."""

    right: ClassVar[bool] = True  # aligned to the right, as numbers are
    adds: ClassVar[bool] = True  # whether layers have a value together that are no block
    in_document: ClassVar[bool] = False  # whether the JSON document has it under its name
    role: ClassVar[Role] = ""  # the columns that formats treat apart

    def __init__(
        self,
        name: str,
        head: str,
        meaning: str,
        *,
        topic: Topic = "",
        minor: bool = False,
        fixed: bool = False,
    ) -> None:
        self.name, self.head, self.meaning = name, head, meaning
        self.topic = topic  # the sentence of the caption that says more about it
        self.minor = minor  # the first to go where the table is too wide
        self.fixed = fixed  # repeated in every panel where the table is too wide

    @abstractmethod
    def of(self, rows: Sequence[Row]) -> Any:
        """Return the exact value of a layer or of several; None where they have none."""

    @abstractmethod
    def written(self, value: Any, report: Report, layout: str) -> str:
        """Return a value, which is not None, as people read it."""

    def text(self, line: TableLine, report: Report, layout: str = "hwc") -> str:
        """Return the cell of a line; empty for a heading, and where it has no value."""
        if not line.rows or not (self.adds or line.name):
            return ""
        value = self.of(line.rows)
        return "" if value is None else self.written(value, report, layout)

    def raw(self, row: Row, report: Report, layout: str = "hwc") -> object:
        """Return the value of a layer for a spreadsheet: a number where it is one."""
        value = self.of((row,))
        return "" if value is None else self.written(value, report, layout)

    def network(self, report: Report) -> Any:
        """Return the exact value of the whole network; None where that has no meaning."""
        return None

    def total(self, report: Report) -> str:
        """Return the value of the whole network as people read it."""
        value = self.network(report)
        return "" if value is None else self.written(value, report, "hwc")

    def size(self, rows: Sequence[Row]) -> int | Fraction | None:
        """Return the number that lines are sorted by; None if there is none."""
        found: int | Fraction | None = self.of(rows)
        return found

    def sort_key(self, line: TableLine) -> Any:
        """Return a key that sorts lines: the largest first, those without a value last."""
        size = self.size(line.rows)
        return (1, 0) if size is None else (0, -size)


class Count(Column):
    """A whole number of each layer, which adds up over layers."""

    in_document = True

    def of(self, rows: Sequence[Row]) -> int:
        return sum(getattr(row, self.name) for row in rows)

    def network(self, report: Report) -> int:
        found: int = getattr(report, self.name)
        return found

    def written(self, value: int, report: Report, layout: str) -> str:
        return units.group(value)

    def raw(self, row: Row, report: Report, layout: str = "hwc") -> int:
        return self.of((row,))


class Operation(Count):
    """A count that is one of the classes of a Cost; the JSON document has them together."""

    in_document = False

    def of(self, rows: Sequence[Row]) -> int:
        return sum(getattr(row.cost, self.name) for row in rows)

    def network(self, report: Report) -> int:
        found: int = getattr(report.cost, self.name)
        return found


class Share(Column):
    """The percentage that a count is of the network's."""

    role = "share"

    def __init__(
        self, name: str, head: str, meaning: str, *, count: str, topic: Topic = ""
    ) -> None:
        super().__init__(name, head, meaning, topic=topic)
        self.count = count

    def of(self, rows: Sequence[Row]) -> int:
        """Return the count that the share is worked out from."""
        return counted(self.count).of(rows)

    def share(self, rows: Sequence[Row], report: Report) -> Fraction:
        """Return the share of the network's count, from 0 to 1; of nothing it is 0."""
        return Fraction(self.of(rows), counted(self.count).network(report) or 1)

    def written(self, value: int, report: Report, layout: str) -> str:
        return units.percent(value, counted(self.count).network(report))

    def raw(self, row: Row, report: Report, layout: str = "hwc") -> float:
        network = counted(self.count).network(report)
        return 100 * self.of((row,)) / network if network else 0


class UsualShare(Share):
    """A percentage that is shown beside its count without being asked for, where there is room."""


class Ratio(Column):
    """One count over another; of several layers, the sum of the one over the sum of the other."""

    in_document = True

    def __init__(
        self, name: str, head: str, meaning: str, *, count: str, per: str, topic: Topic = ""
    ) -> None:
        super().__init__(name, head, meaning, topic=topic)
        self.count, self.per = count, per

    def of(self, rows: Sequence[Row]) -> Fraction | None:
        per = counted(self.per).of(rows)
        return Fraction(counted(self.count).of(rows), per) if per else None

    def written(self, value: Fraction, report: Report, layout: str) -> str:
        return units.rounded(value, 2) if value else "0"

    def raw(self, row: Row, report: Report, layout: str = "hwc") -> object:
        value = self.of((row,))
        return "" if value is None else float(value)

    def network(self, report: Report) -> Fraction | None:
        per = counted(self.per).network(report)
        return Fraction(counted(self.count).network(report), per) if per else None


class Fact(Column):
    """A number that only a single layer has."""

    adds = False
    in_document = True

    def of(self, rows: Sequence[Row]) -> int | None:
        found: int | None = getattr(rows[0], self.name) if len(rows) == 1 else None
        return found

    def written(self, value: int, report: Report, layout: str) -> str:
        return units.group(value)

    def raw(self, row: Row, report: Report, layout: str = "hwc") -> object:
        value = self.of((row,))
        return "" if value is None else value


class Field(Column):
    """A part of the receptive field, a number for each axis."""

    adds = False

    def __init__(
        self, name: str, head: str, meaning: str, *, part: Literal["size", "step", "first_centre"]
    ) -> None:
        super().__init__(name, head, meaning, topic="field")
        self.part = part

    def of(self, rows: Sequence[Row]) -> tuple[int | Fraction, ...] | None:
        found: tuple[int | Fraction, ...] | None = getattr(
            last_row(rows).receptive_field, self.part
        )
        return found

    def text(self, line: TableLine, report: Report, layout: str = "hwc") -> str:
        if self.part == "size" and line.name and line.rows:
            return field_text(last_row(line.rows).receptive_field)
        return super().text(line, report, layout)

    def raw(self, row: Row, report: Report, layout: str = "hwc") -> object:
        if self.part == "size":
            return field_text(row.receptive_field)
        return super().raw(row, report, layout)

    def written(self, value: tuple[int | Fraction, ...], report: Report, layout: str) -> str:
        return per_axis(value)

    def size(self, rows: Sequence[Row]) -> None:
        """Return None: a field has a number for each axis."""

    def sort_key(self, line: TableLine) -> Any:
        """Return a key that sorts lines: the whole input first, what has no step last."""
        value = self.of(line.rows)
        whole = self.part == "size" and last_row(line.rows).receptive_field.exact
        return 1 if value else 0 if whole else 2, [-n for n in value or ()]


class Volumes(Column):
    """The volumes that enter, or the one that leaves."""

    right = False
    adds = False

    def __init__(
        self, name: str, head: str, meaning: str, *, enter: bool = False, framed: bool = False
    ) -> None:
        super().__init__(name, head, meaning, fixed=framed)
        self.enter = enter
        self.framed = framed  # in brackets on a terminal, as on the slide, and in every panel

    def of(self, rows: Sequence[Row]) -> tuple[Volume, ...]:
        return rows[0].inputs if self.enter else (last_row(rows).output,)

    def written(self, value: tuple[Volume, ...], report: Report, layout: str) -> str:
        return " + ".join(volume(shape, layout) for shape in value)

    def size(self, rows: Sequence[Row]) -> int:
        """Return the number of values in the volumes."""
        return sum(shape.size for shape in self.of(rows))


class Word(Column):
    """A word that only a single layer has."""

    right = False
    adds = False

    def of(self, rows: Sequence[Row]) -> str | None:
        return printable(str(getattr(rows[0], self.name))) if len(rows) == 1 else None

    def written(self, value: str, report: Report, layout: str) -> str:
        return value

    def size(self, rows: Sequence[Row]) -> None:
        """Return None: words are sorted by the alphabet."""

    def sort_key(self, line: TableLine) -> Any:
        word = self.of(line.rows)
        return word is None, word or ""


class Name(Word):
    """The name of a line: a path; empty for the hidden layers together."""

    role = "name"

    def text(self, line: TableLine, report: Report, layout: str = "hwc") -> str:
        return line.name

    def sort_key(self, line: TableLine) -> Any:
        return line.name


class Phrase(Word):
    """The description of a line, with the inputs that are not the line above."""

    role = "phrase"

    def text(self, line: TableLine, report: Report, layout: str = "hwc") -> str:
        return f"{line.phrase} ← {line.sources}" if line.sources else line.phrase

    def sort_key(self, line: TableLine) -> Any:
        return line.phrase


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Volumes(
            "output",
            "volume",
            "the volume that leaves the layer: height, width, channels",
            framed=True,
        ),
        Name("name", "layer", "its path in the file", fixed=True),
        Phrase("description", "description", "the slide's phrase for it"),
        Word("type", "type", "its word in the file"),
        Volumes("inputs", "inputs", "the volumes that enter it", enter=True),
        Count("weights", "weights", "learned weights", minor=True),
        Count("biases", "biases", "learned biases", minor=True),
        Count("other", "other", "learned values that are neither", minor=True),
        Count("parameters", "parameters", "all learned values"),
        UsualShare(
            "parameters_percent", "% params", "its share of the parameters", count="parameters"
        ),
        Count("buffers", "buffers", "values kept but not learned, such as running means"),
        Count("flops", "FLOPs", "operations under the convention", topic="convention"),
        UsualShare(
            "flops_percent", "% FLOPs", "its share of the FLOPs", count="flops", topic="convention"
        ),
        Count("macs", "MACs", "multiply-accumulates"),
        Operation("multiplications", "multiplications", "others than those of the MACs"),
        Operation("additions", "additions", "others than those of the MACs; subtractions too"),
        Operation("divisions", "divisions", "divisions"),
        Operation("comparisons", "comparisons", "comparisons"),
        Operation("functions", "functions", "exp, log, power, root, erf, tanh"),
        Count("activations", "activations", "values that it adds to memory", topic="memory"),
        Count("activation_bytes", "activation bytes", "their bytes", topic="memory"),
        Count("parameter_bytes", "parameter bytes", "bytes of its parameters", topic="memory"),
        Count(
            "bytes_moved",
            "bytes moved",
            "bytes of its inputs, its parameters and its output, each once",
            topic="traffic",
        ),
        Ratio(
            "macs_per_byte",
            "MACs per byte",
            "MACs over bytes moved: the arithmetic intensity",
            count="macs",
            per="bytes_moved",
            topic="traffic",
        ),
        Fact("fan_in", "fan-in", "input values that each output value is a weighted sum of"),
        Field(
            "receptive_field",
            "receptive field",
            "the input pixels that one unit sees",
            part="size",
        ),
        Field("step", "step", "input pixels from one unit to the next", part="step"),
        Field(
            "first_centre",
            "first centre",
            "where the first unit looks, counted from 0",
            part="first_centre",
        ),
    )
}
NAME = COLUMNS["name"]
ALIASES = {
    "volume": ("output",),
    "layer": ("name",),
    "cost": ("macs", *(name for name, one in COLUMNS.items() if isinstance(one, Operation))),
    "size": ("receptive_field",),
}
USUAL = ("output", "name", "description", "weights", "biases", "other", "parameters", "flops")


def counted(name: str) -> Count:
    """Return the column of a count."""
    column = COLUMNS[name]
    assert isinstance(column, Count)
    return column


def share_of(column: Column) -> Share | None:
    """Return the column of the percentages that are shown beside a count, if there is one."""
    shares = (one for one in COLUMNS.values() if isinstance(one, UsualShare))
    return next((one for one in shares if one.count == column.name), None)


def with_shares(shown: Sequence[Column]) -> list[Column]:
    """Return columns with the usual percentages of each count after it."""
    found = []
    for column in shown:
        found.append(column)
        share = share_of(column)
        if share is not None and share not in shown:
            found.append(share)
    return found


def parse(text: str) -> list[Column]:
    """Return the columns in a list such as `volume,name,step`.

    Raises: UnknownNameError with the nearest names.

    >>> [column.name for column in parse("volume, FLOPs")]
    ['output', 'flops']
    """
    names: dict[str, None] = {}
    for word in text.split(","):
        name = word.strip().lstrip("+").lower().replace(" ", "_").replace("-", "_")
        found = ALIASES.get(name, (name,))
        if found[0] not in COLUMNS:
            known = [*COLUMNS, *ALIASES]
            raise UnknownNameError(
                Problem(
                    "unknown_column",
                    f"no column {word.strip()[:60]!r}.{did_you_mean(name, known, foreign=False)} "
                    "--columns help lists all.",
                )
            )
        names.update(dict.fromkeys(found))
    return [COLUMNS[name] for name in names]


def chosen(
    report: Report, text: str | None, *, every: bool = False
) -> tuple[list[Column], set[Column]]:
    """Return the columns to show, and those of them that were asked for by name.

    The usual ones are the slide's; `every`: all but the percentages. `other` is among them
    only where it is not 0.
    """
    wanted = parse(text) if text else []
    if text and not text.lstrip().startswith("+"):
        return wanted, set(wanted)
    if every:
        usual = [column for column in COLUMNS.values() if not isinstance(column, Share)]
    else:
        usual = [COLUMNS[name] for name in USUAL if name != "other" or report.other]
    return [*usual, *(column for column in wanted if column not in usual)], set(wanted)


def volume(shape: Volume, layout: str) -> str:
    """Return a volume with its channels last, or first under the layout chw."""
    if layout == "chw":
        return "x".join(map(str, (shape.channels, *shape.extents)))
    return str(shape)


def by(numbers: tuple[int | Fraction, ...]) -> str:
    """Return the numbers of all axes, joined by x; like a volume's, without commas."""
    return "x".join(units.number(n, "") for n in numbers)


def field_text(field: ReceptiveField) -> str:
    """Return how much units see: of one size, or from the smallest to the widest.

    >>> from cnncalc.model.row import ReceptiveField
    >>> field_text(ReceptiveField((204,), (188,), None, None, exact=True))
    '188 to 204'
    """
    if field.size is None or field.smallest is None:
        return "whole input" if field.exact else "?"
    if not field.exact:
        return f"at most {by(field.size)}"
    least = "" if field.smallest == field.size else f"{by(field.smallest)} to "
    return least + by(field.size)


def per_axis(numbers: tuple[int | Fraction, ...] | None) -> str:
    """Return one number if all axes have the same, else all of them joined by x."""
    numbers = numbers or ()
    return by(numbers[:1] if len(set(numbers)) == 1 else numbers)


def last_row(rows: Sequence[Row]) -> Row:
    """Return the last of several rows that exists at inference: its output leaves them."""
    return next((row for row in reversed(rows) if not row.training), rows[-1])
