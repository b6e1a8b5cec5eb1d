"""Worked arithmetic as records: equations, the derivation of a quantity, a layer's working."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from cnncalc import units
from cnncalc.errors import Problem, UnknownNameError, plain_text
from cnncalc.model.names import find
from cnncalc.model.printable import Documented
from cnncalc.model.tiling_fixes import Axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.report import Report, Row, Warning
    from cnncalc.volume import Volume

# What each symbol means. Digits at its end tell before (1) from after (2) the layer.
SYMBOLS = {
    "W": "width",
    "H": "height",
    "T": "time or depth",
    "D": "depth (channels)",
    "K": "kernel",
    "S": "stride",
    "P": "padding on each side",
    "Pb": "padding before",
    "Pa": "padding after",
    "Po": "output padding",
    "d": "dilation",
    "Db": "depth between the layer's operations",
    "G": "groups",
    "N": "samples in the batch",
    "r": "receptive field",
    "j": "input pixels from one unit to the next",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """One line of working: `symbol = formula = numbers = value`.

    Attributes:
        symbol: what is worked out; nothing for a term of the sum that follows.
        formula: in symbols, as `SYMBOLS` explains them.
        numbers: the formula with the numbers put in: exact arithmetic, `·` for times.
        value: what it comes to, exactly.
        rounding: how the result comes from the value.
        unit: the unit of the result, in words.
        note: a remark.
        same_as: the symbol of the equation that has the same numbers and is worked out in full.
    """

    symbol: str
    formula: str
    numbers: str
    value: int | Fraction
    rounding: Literal["", "floor", "ceil"] = ""
    unit: str = ""
    note: str = ""
    same_as: str = ""

    @property
    def result(self) -> int | Fraction:
        """Return the value, rounded where the equation rounds."""
        if self.rounding == "ceil":
            return math.ceil(self.value)
        return math.floor(self.value) if self.rounding == "floor" else self.value


@dataclass(frozen=True, slots=True)
class Derivation:
    """The equations of one quantity of a layer.

    Attributes:
        name: volume, weights, biases, parameters, FLOPs, memory or receptive field.
        equations: the last of them gives the quantity; those of a volume give one of its numbers
            each.
    """

    name: str
    equations: tuple[Equation, ...]


@dataclass(frozen=True, slots=True)
class BlockPart:
    """A layer or a block that a block holds.

    Attributes:
        name: as a table has it under the block's heading.
        description: its phrase.
        rows: the rows that it stands for.
    """

    name: str
    description: str
    rows: Sequence[Row]

    @property
    def output(self) -> Volume:
        """Return the volume that leaves it."""
        return leaving(self.rows).output

    def count(self, name: str) -> int:
        """Return the sum of a count over its rows."""
        return sum(getattr(row, name) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of a network, or all of it: explained as a layer is, by what it holds.

    Attributes:
        name: its path, or that of the first and the number of the last of several copies.
        description: its phrase.
        inputs: the volumes that enter it.
        rows: all of its rows.
        parts: what it holds, blocks in it as one part each.
    """

    name: str
    description: str
    inputs: tuple[Volume, ...]
    rows: Sequence[Row]
    parts: tuple[BlockPart, ...]

    @property
    def type(self) -> str:
        """Return `block`, beside the types of layers."""
        return "block"

    @property
    def output(self) -> Volume:
        """Return the volume that leaves it."""
        return leaving(self.rows).output

    @property
    def warnings(self) -> tuple[Warning, ...]:
        """Return none: each layer has its own."""
        return ()


def leaving(rows: Sequence[Row]) -> Row:
    """Return the row whose output leaves several: the last that runs outside training."""
    return next((row for row in reversed(rows) if not row.training), rows[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """The worked arithmetic of one layer or block of a network.

    Attributes:
        row: the layer's row of the report, or the block.
        givens: symbols, with the volumes and settings that they stand for.
        derivations: one for each quantity that the layer has.
        untiled: the axes along which its window does not tile.
    """

    row: Row | Block
    givens: tuple[tuple[str, str], ...]
    derivations: tuple[Derivation, ...]
    untiled: tuple[tuple[int, Axis], ...]

    @property
    def symbols(self) -> list[str]:
        """Return the symbols that occur in the equations, in the order of `SYMBOLS`."""
        texts = [symbol for symbol, _ in self.givens]
        for derivation in () if isinstance(self.row, Block) else self.derivations:
            texts += [f"{one.symbol} {one.formula}" for one in derivation.equations]
        found = set(re.findall(r"[A-Za-z]+", " ".join(texts)))
        found |= {"K"} if {"Kh", "Kw", "Kt"} & found else set()
        return [symbol for symbol in SYMBOLS if symbol in found]


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Documented):
    """The worked arithmetic of a layer or block, or of all layers that have a row in the table.

    Attributes:
        report: of the network.
        layers: the worked arithmetic of each layer, or of the block, in order.
    """

    report: Report
    layers: tuple[Working, ...]

    def __repr__(self) -> str:
        """Return which network it is about, and how many of its layers."""
        return f"<Explanation of {self.report.name!r}: {units.plural(len(self.layers), 'layer')}>"

    def __getitem__(self, name: str) -> Working:
        """Return the worked arithmetic of one of the layers, or of the block.

        Raises: UnknownNameError if the network has nothing of that name, or it is not among them.
        """
        part = find(self.report, plain_text("layer", name))
        for working in self.layers:
            if working.row.name == part.name:
                return working
        message = f"{part.name!r} is not explained here."
        raise UnknownNameError(Problem("unknown_layer", message))

    def to_markdown(self) -> str:
        """Return the worked arithmetic as Markdown."""
        return str(self.to("markdown"))

    def to_latex(self) -> str:
        """Return the worked arithmetic as LaTeX, which needs the package amsmath."""
        return str(self.to("latex"))
