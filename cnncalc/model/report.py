"""The report of an analysis: a row for each layer, and totals. All numbers are exact.

Text for people is made in `writers`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnncalc.errors import known_name, plain_text
from cnncalc.model.counting import CONVENTIONS as CONVENTIONS
from cnncalc.model.counting import DTYPES as DTYPES
from cnncalc.model.counting import OPTIMIZERS
from cnncalc.model.counting import flops as flops
from cnncalc.model.printable import Tabular
from cnncalc.model.row import ReceptiveField as ReceptiveField
from cnncalc.model.row import Row as Row
from cnncalc.model.row import Warning as Warning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.layers.base import Cost
    from cnncalc.model.graph import Group, Note
    from cnncalc.model.input_sizes import AxisSizes, Tiling
    from cnncalc.volume import Volume


class Report(Tabular):
    """The analysis of one network: its rows and what they add up to.

    Units: whole numbers of values, operations or bytes; for the whole batch where they depend
    on it (cost, FLOPs, activations, bytes moved).

    Attributes:
        name: the network's name in its file.
        source: the publication that it comes from, if the file says so.
        year: the publication's year.
        file: what was read, as the user would call it.
        variant: the variant of the file, if one was chosen.
        variant_taken: the same, or the one that the file's own values are.
        family: what the file is called without its ending.
        settings: what overrides the file: `input`, and parameters by name.
        batch: images at a time.
        dtype: the type of a value, such as float32.
        convention: what a FLOP is: mac, 2mac or full.
        layers: a row for each layer in the order in which they run, the input first.
        groups: blocks, named groups and copies, as slices of `layers`.
        peak_activations: the most values that are alive at once.
        peak_layers: the layers whose values are alive at the peak.
        peak_at: the layer that runs at the peak.
        input_sizes: along each axis, the input extents that lose nothing, and those that tile;
            None where no input is lost now, or there is no rule.
        notes: what is worth knowing of the network as a whole.

    >>> import cnncalc
    >>> report = cnncalc.analyze({"name": "one", "input": "5x5x3", "layers": [
    ...     {"type": "conv", "filters": 2, "kernel": 3, "stride": 2, "padding": 1}]})
    >>> report.parameters, report.macs, str(report["conv"].output)
    (56, 486, '3x3x2')
    """

    def __init__(
        self,
        *,
        name: str,
        source: str | None,
        year: int | None,
        file: str | None,
        variant: str | None,
        settings: Mapping[str, Any],
        batch: int,
        dtype: str,
        convention: str,
        layers: tuple[Row, ...],
        groups: tuple[Group, ...],
        alive: tuple[int, ...],
        peak_activations: int,
        peak_layers: tuple[str, ...],
        peak_at: str,
        input_sizes: tuple[AxisSizes, ...] | None,
        notes: tuple[Note, ...] = (),
        variant_taken: str | None = None,
        family: str | None = None,
    ) -> None:
        self.name = name
        self.source = source
        self.year = year
        self.file = file
        self.variant = variant
        self.variant_taken = variant_taken or variant
        self.family = family
        self.settings = dict(settings)
        self.batch = batch
        self.dtype = dtype
        self.convention = convention
        self.layers = layers
        self.groups = groups
        self.alive = alive  # values in memory while each layer runs; 0 where none does
        self.peak_activations = peak_activations
        self.peak_layers = peak_layers
        self.peak_at = peak_at
        self.input_sizes = input_sizes
        self.notes = notes

    def __repr__(self) -> str:
        """Return the network's name, input and totals on one line."""
        return (
            f"<Report of {self.name!r} at {self.input}: {len(self.layers) - 1} layers, "
            f"{self.parameters} parameters, {self.macs} MACs>"
        )

    def __getitem__(self, name: str) -> Row:
        """Return the row of a path. Raises: UnknownNameError with the nearest names."""
        try:
            return self.layers[self._index[plain_text("layer", name)]]
        except KeyError:
            from cnncalc.errors import Problem, UnknownNameError, did_you_mean

            text = name
            inside = next((path for path in self._index if path.startswith(f"{text}.")), None)
            hint = f" It holds layers, such as {inside!r}." if inside else ""
            hint = hint or did_you_mean(text, self._index)
            message = f"{self.name} has no layer {text[:100]!r}.{hint}"
            raise UnknownNameError(Problem("unknown_layer", message)) from None

    __iter__ = None  # else iteration would ask for the layers 0, 1, …: see `layers`

    def __contains__(self, name: object) -> bool:
        """Return whether there is a row of this path."""
        return name in self._index

    @cached_property
    def _index(self) -> dict[str, int]:
        return {row.name: i for i, row in enumerate(self.layers)}

    @property
    def title(self) -> str:
        """Return the network's name, and which variant of its family it is.

        >>> import cnncalc
        >>> cnncalc.analyze("vgg").title
        'VGG-16, of vgg'
        """
        from cnncalc.model.titles import title

        return title(self.name, self.variant_taken, self.family)

    def rows_of(self, group: Group) -> range:
        """Return the indexes of the rows of a block, with what the file lets follow it (`then`)."""
        end = group.last
        while end < len(self.layers) and self.layers[end].name.startswith(f"{group.path}."):
            end += 1
        return range(group.first, end)

    @property
    def input(self) -> Volume:
        """Return the volume that enters the network."""
        return self.layers[0].output

    @property
    def output(self) -> Volume:
        """Return the volume that leaves the network."""
        return [row.output for row in self.layers if not row.training][-1]

    @cached_property
    def weights(self) -> int:
        """Return the sum of the weights."""
        return sum(row.weights for row in self.layers)

    @cached_property
    def biases(self) -> int:
        """Return the sum of the biases."""
        return sum(row.biases for row in self.layers)

    @cached_property
    def other(self) -> int:
        """Return the sum of the learned values that are neither weights nor biases."""
        return sum(row.other for row in self.layers)

    @property
    def parameters(self) -> int:
        """Return the number of learned values."""
        return self.weights + self.biases + self.other

    @cached_property
    def buffers(self) -> int:
        """Return the number of values kept but not learned."""
        return sum(row.buffers for row in self.layers)

    @cached_property
    def cost(self) -> Cost:
        """Return the operations by class, for the whole batch."""
        from cnncalc.layers.base import Cost

        return Cost(*map(sum, zip(*[row.cost for row in self.layers], strict=True)))

    @property
    def macs(self) -> int:
        """Return the multiply-accumulates, for the whole batch."""
        return self.cost.macs

    @property
    def flops(self) -> int:
        """Return the FLOPs under the report's convention, for the whole batch."""
        return flops(self.cost, self.convention)

    @cached_property
    def activations(self) -> int:
        """Return the number of values that the layers add, the input included."""
        return sum(row.activations for row in self.layers)

    @property
    def bytes_per_value(self) -> int:
        """Return the bytes of one value of the report's dtype."""
        return DTYPES[self.dtype]

    @property
    def activation_bytes(self) -> int:
        """Return the bytes of all activations."""
        return self.activations * self.bytes_per_value

    @property
    def parameter_bytes(self) -> int:
        """Return the bytes of all parameters."""
        return self.parameters * self.bytes_per_value

    @cached_property
    def bytes_moved(self) -> int:
        """Return the bytes of each layer's inputs, parameters and output, each once."""
        return sum(row.bytes_moved for row in self.layers)

    @property
    def macs_per_byte(self) -> Fraction | None:
        """Return the arithmetic intensity: MACs over bytes moved; None where none are."""
        return Fraction(self.macs, self.bytes_moved) if self.bytes_moved else None

    @property
    def peak_bytes(self) -> int:
        """Return the bytes of the activations that are alive at the peak."""
        return self.peak_activations * self.bytes_per_value

    def training_bytes(self, optimizer: str = "adam") -> int:
        """Return the bytes that training takes: activations and parameters, a gradient for each,
        and what the optimizer keeps for each parameter: SGD nothing, momentum one value, Adam two.

        Raises: UnknownNameError for another optimizer.
        """
        known_name("optimizer", optimizer, OPTIMIZERS)
        kept = OPTIMIZERS[optimizer]
        return (2 * self.activations + (2 + kept) * self.parameters) * self.bytes_per_value

    @property
    def tiling(self) -> tuple[Tiling, ...] | None:
        """Return along each axis the extents that tile; None where `input_sizes` has none."""
        if not self.input_sizes or not all(axis.tiles for axis in self.input_sizes):
            return None
        return tuple(axis.tiling for axis in self.input_sizes)

    @property
    def warnings(self) -> list[tuple[Row, Warning]]:
        """Return every row's warnings, in the order of the layers."""
        return [(row, warning) for row in self.layers for warning in row.warnings]

    def _repr_html_(self) -> str:
        from cnncalc.writers.html import fragment
        from cnncalc.writers.report import content

        return fragment(content(self))
