"""The columns: what each is called, what it says, and what it holds for one layer.

They are called as the attributes of a Row. A line of a table may stand for several layers:
counts add up, everything else is that of the layer whose output leaves the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc import units
from cnncalc.errors import Problem, UnknownNameError, did_you_mean, printable

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.model.report import Report, Row
    from cnncalc.volume import Volume


class Column(NamedTuple):
    """A column's head and its meaning; `counts`: a whole number, summed over layers."""

    head: str
    meaning: str
    counts: bool = False
    share_of: str = ""  # the count that this is the percentage of


COLUMNS = {
    "output": Column("volume", "the volume that leaves the layer: height, width, channels"),
    "name": Column("layer", "its path in the file"),
    "description": Column("description", "the slide's phrase for it"),
    "type": Column("type", "its word in the file"),
    "inputs": Column("inputs", "the volumes that enter it"),
    "weights": Column("weights", "learned weights", True),
    "biases": Column("biases", "learned biases", True),
    "other": Column("other", "learned values that are neither", True),
    "parameters": Column("parameters", "all learned values", True),
    "parameters_percent": Column("%", "its share of the parameters", share_of="parameters"),
    "buffers": Column("buffers", "values kept but not learned, such as running means", True),
    "flops": Column("FLOPs", "operations under the convention", True),
    "flops_percent": Column("%", "its share of the FLOPs", share_of="flops"),
    "macs": Column("MACs", "multiply-accumulates", True),
    "multiplications": Column("multiplications", "others than those of the MACs", True),
    "additions": Column("additions", "others than those of the MACs; subtractions too", True),
    "divisions": Column("divisions", "divisions", True),
    "comparisons": Column("comparisons", "comparisons", True),
    "functions": Column("functions", "exp, log, power, root, erf, tanh", True),
    "activations": Column("activations", "values that it adds to memory", True),
    "activation_bytes": Column("activation bytes", "their bytes", True),
    "parameter_bytes": Column("parameter bytes", "bytes of its parameters", True),
    "receptive_field": Column("receptive field", "the input pixels that one unit sees"),
    "step": Column("step", "input pixels from one unit to the next"),
    "first_centre": Column("first centre", "where the first unit looks, counted from 0"),
}
OPERATIONS = ("macs", "multiplications", "additions", "divisions", "comparisons", "functions")
ALIASES = {
    "volume": ("output",),
    "layer": ("name",),
    "cost": OPERATIONS,
    "size": ("receptive_field",),
}
FIELD = ("receptive_field", "step", "first_centre")
MEMORY = ("activations", "activation_bytes", "parameter_bytes")


def parse(text: str) -> list[str]:
    """Return the names in a list such as `volume,name,step`.

    Raises: UnknownNameError with the nearest names.

    >>> parse("volume, FLOPs")
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
                    f"no column {word.strip()[:60]!r}.{did_you_mean(name, known)} "
                    "--columns help lists all.",
                )
            )
        names.update(dict.fromkeys(found))
    return list(names)


def chosen(report: Report, text: str | None, *, every: bool = False) -> tuple[list[str], set[str]]:
    """Return the columns to show, and those of them that were asked for by name.

    The usual ones are the slide's; `every`: all but the percentages. `other` is among them
    only where it is not 0.
    """
    wanted = parse(text) if text else []
    if text and not text.lstrip().startswith("+"):
        return wanted, set(wanted)
    if every:
        usual = [name for name, column in COLUMNS.items() if not column.share_of]
    else:
        other = ["other"] if report.other else []
        usual = ["output", "name", "description", "weights", "biases", *other]
        usual += ["parameters", "flops"]
    return [*usual, *(name for name in wanted if name not in usual)], set(wanted)


def count(row: Row, name: str) -> int:
    """Return what a layer has of a count."""
    found: int = getattr(row.cost if name in OPERATIONS else row, name)
    return found


def total(report: Report, name: str) -> int:
    """Return what the network has of a count."""
    found: int = getattr(report.cost if name in OPERATIONS else report, name)
    return found


def volume(shape: Volume, layout: str) -> str:
    """Return a volume with its channels last, or first under the layout chw."""
    if layout == "chw":
        return "x".join(map(str, (shape.channels, *shape.extents)))
    return str(shape)


def by(numbers: tuple[int | Fraction, ...]) -> str:
    """Return the numbers of all axes, joined by x; like a volume's, without commas."""
    return "x".join(units.number(n, "") for n in numbers)


def per_axis(numbers: tuple[int | Fraction, ...] | None) -> str:
    """Return one number if all axes have the same, else all of them joined by x."""
    numbers = numbers or ()
    return by(numbers[:1] if len(set(numbers)) == 1 else numbers)


def fact(row: Row, name: str, layout: str) -> str:
    """Return what a layer's column that is no count says."""
    if name == "output":
        return volume(row.output, layout)
    if name == "inputs":
        return " + ".join(volume(shape, layout) for shape in row.inputs)
    if name in FIELD:
        field = row.receptive_field
        if name == "receptive_field":
            return "whole input" if field.size is None else by(field.size)
        return per_axis(field.step if name == "step" else field.first_centre)
    return printable(str(getattr(row, name)))
