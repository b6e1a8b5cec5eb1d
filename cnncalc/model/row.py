"""The results of an analysis for one layer: a record, read by name, exact whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.model.counting import Counting, flops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.errors import Place
    from cnncalc.layers.base import AbstractLayer, Cost, Shapes, Windows
    from cnncalc.volume import Volume


class ReceptiveField(NamedTuple):
    """A layer's receptive field, in input pixels counted from 0; one number per axis.

    `size` is what the widest unit sees, `smallest` what the one sees that sees least: behind
    layers that enlarge, units of one layer may differ. `step` and `first_centre` are None where
    the units lie on no regular grid. A size is a bounding box: dilation leaves holes in it. At
    the first unit it may begin before pixel 0, in the padding: the input's borders are ignored.

    `exact` False: `size` is a bound from above, `smallest` one from below. `size` None: the
    whole input, or where `exact` is None, unknown.
    """

    size: tuple[int, ...] | None
    smallest: tuple[int, ...] | None
    step: tuple[int, ...] | None
    first_centre: tuple[int | Fraction, ...] | None
    exact: bool | None


@dataclass(frozen=True, slots=True)
class Warning:
    """A warning or a note on a row. Its sentence is made in `writers`.

    Attributes:
        code: what it is.
            lost_input: a window that does not tile leaves input unread. A warning.
            unused_padding: one leaves only padding unread. A note.
            misaligned: the units of a merge's inputs look at different places. A note.
        axis: the axis that it is about, from 0.
        numbers: of a window extent w, kernel k, stride s, padding before b and after a,
            dilation d, output extent o, and `lost`, the input positions at the end that are
            never read; of a merge the names of its `inputs`.
    """

    code: str
    axis: int
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A layer's counts and windows for given volumes: the same wherever it occurs.

    Units: whole numbers of values or operations; the cost is that of the whole batch.

    Attributes:
        weights: learned weights.
        biases: learned biases.
        other: learned values that are neither.
        buffers: values kept but not learned, such as running means.
        cost: operations by class.
        windows: what one unit sees, along each axis.
        warnings: windows that do not tile.
        view: whether its output is its input in another shape, in the same memory.
        between: the volumes that it makes and reads itself, where it is several operations.
        counting: what the numbers depend on beside the layer and its volumes.
    """

    weights: int = 0
    biases: int = 0
    other: int = 0
    buffers: int = 0
    cost: Cost
    windows: Windows = None
    warnings: tuple[Warning, ...] = ()
    view: bool = False
    between: tuple[Volume, ...] = ()
    counting: Counting

    @property
    def parameters(self) -> int:
        """Return all learned values: weights, biases, other."""
        return self.weights + self.biases + self.other

    @property
    def flops(self) -> int:
        """Return the FLOPs under the report's convention."""
        return flops(self.cost, self.counting.convention)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One layer: volumes, learned values, operations, memory, and what it sees.

    Units: counts are whole numbers of values or operations, for the whole batch where they
    depend on it (cost, flops, activations, bytes moved).

    Attributes:
        name: the full path in the file.
        layer: the layer with its settings; None for the input.
        inputs: the volumes that enter.
        sources: the rows that they come from, as indexes of `Report.layers`.
        output: the volume that leaves.
        facts: what the layer's rules say for these volumes, while it is used.
        activations: values that the layer adds to memory, those between its own operations
            too: none where it works in place, is a view, or exists in training only.
        receptive_field: what one unit sees of the input.
        warnings: what there is to look at.
        training: whether it exists in training only: its parameters count, its operations do
            not.
        place: where it stands in the file; None where there is none.
        shares: the name of the layer whose learned values it uses: they are counted there
            alone. None: it has its own.
        also: the shapes of learned arrays that the file adds to the layer's own, by name.
    """

    name: str
    layer: AbstractLayer | None
    inputs: tuple[Volume, ...]
    sources: tuple[int, ...]
    output: Volume
    facts: Facts = field(repr=False)
    activations: int
    receptive_field: ReceptiveField
    warnings: tuple[Warning, ...] = ()
    training: bool = False
    place: Place | None = field(default=None, repr=False)
    shares: str | None = None
    also: Shapes = field(default_factory=dict)
    # "" in sequence; "fork": starts a branch; "branch": goes on in one; "merge"
    _rail: str = field(default="", repr=False)
    # the innermost group that it lies in, an index of Report.groups; -1: none
    _group: int = field(default=-1, repr=False)

    @property
    def type(self) -> str:
        """Return the layer's word in a file; `input` for the input."""
        return "input" if self.layer is None else self.layer.tag

    @property
    def description(self) -> str:
        """Return the layer as a lecture's slide describes it; empty for the input."""
        return "" if self.layer is None else self.layer.describe(self.output, *self.inputs)

    @property
    def weights(self) -> int:
        """Return the learned weights."""
        return self.facts.weights if self.shares is None else 0

    @property
    def biases(self) -> int:
        """Return the learned biases."""
        return self.facts.biases if self.shares is None else 0

    @property
    def other(self) -> int:
        """Return the learned values that are neither weights nor biases."""
        return self.facts.other if self.shares is None else 0

    @property
    def parameters(self) -> int:
        """Return all learned values: weights, biases, other."""
        return self.facts.parameters if self.shares is None else 0

    @property
    def buffers(self) -> int:
        """Return the values kept but not learned, such as running means."""
        return self.facts.buffers if self.shares is None else 0

    @property
    def cost(self) -> Cost:
        """Return the operations by class; none in training only."""
        return self.facts.cost.times(0) if self.training else self.facts.cost

    @property
    def flops(self) -> int:
        """Return the FLOPs under the report's convention."""
        return 0 if self.training else self.facts.flops

    @property
    def macs(self) -> int:
        """Return the multiply-accumulates."""
        return 0 if self.training else self.facts.cost.macs

    @property
    def fan_in(self) -> int | None:
        """Return how many input values each output value is a weighted sum of, if it is one."""
        return None if self.layer is None else self.layer.fan_in(self.output, *self.inputs)

    @property
    def bytes_per_value(self) -> int:
        """Return the bytes of one value of the report's dtype."""
        return self.facts.counting.bytes_per_value

    @property
    def activation_bytes(self) -> int:
        """Return the bytes of the activations."""
        return self.activations * self.bytes_per_value

    @property
    def parameter_bytes(self) -> int:
        """Return the bytes of the parameters."""
        return self.parameters * self.bytes_per_value

    @property
    def bytes_moved(self) -> int:
        """Return the bytes of inputs, parameters and output, each once.

        What lies between a layer's own operations is written, and read. None are moved by the
        input, by a view, and by what exists in training only.
        """
        if self.layer is None or self.facts.view or self.training:
            return 0
        between = 2 * sum(volume.size for volume in self.facts.between)
        images = self.output.size + sum(volume.size for volume in self.inputs) + between
        return (images * self.facts.counting.batch + self.facts.parameters) * self.bytes_per_value

    @property
    def macs_per_byte(self) -> Fraction | None:
        """Return the arithmetic intensity: MACs over bytes moved; None where none are."""
        moved = self.bytes_moved
        return Fraction(self.macs, moved) if moved else None

    @property
    def _has_row(self) -> bool:
        """Return whether the layer has a row of its own in the usual table."""
        return self.layer is None or self.layer.row
