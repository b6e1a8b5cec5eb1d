"""The plan of a file: its elements with expressions parsed and names checked, ready to expand.

`compilation` makes it from an Architecture, `expansion` makes a Graph from it, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cnncalc.errors import Place, Problem
from cnncalc.format.architecture import Architecture
from cnncalc.format.expressions import Expression, Scope, Word
from cnncalc.layers import layer_type

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.readers.tree import Tree

Path = tuple[Any, ...]
"""Keys and indexes that lead to a place in the file."""

# depthwise_conv and separable_conv take the defaults of conv too, after their own.
INHERITS = {"depthwise_conv": "conv", "separable_conv": "conv"}

BROKEN = object()  # the value of what could not be read; its problem is noted


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as the value of a parameter, as written: it is read where it is used."""

    table: Any
    path: Path

    def __str__(self) -> str:
        """Return its name in messages."""
        return "a table"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedValue:
    """A value of the file: a constant, or an expression."""

    path: Path
    constant: Any = None
    expression: Expression | None = None

    @property
    def is_constant(self) -> bool:
        """Return whether the value is known; BROKEN is not."""
        return self.expression is None and self.constant is not BROKEN

    def evaluate(self, scope: Scope) -> Any:
        """Return the value in a scope. Raises: ExpressionError."""
        return self.constant if self.expression is None else self.expression.evaluate(scope)


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table by columns; a column is its cells, or one expression that gives a list."""

    columns: Mapping[str, tuple[PlannedValue, ...] | PlannedValue]

    def values(self) -> Iterator[PlannedValue]:
        """Yield every cell, and every expression that gives a column."""
        for column in self.columns.values():
            if isinstance(column, PlannedValue):
                yield column
            else:
                yield from column


# A dataclass takes 0.5 ms to define, a NamedTuple 0.1: the small ones that every command needs.
class BranchPlan(NamedTuple):
    """One branch: its elements, and the condition under which it is present."""

    when: PlannedValue | None
    children: tuple[ElementPlan, ...]


Kind = Literal["type", "layers", "branches", "shares"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementPlan:
    """One element, ready to expand.

    Attributes:
        kind: which it has: a layer type or block, a sequence, branches, or what it shares.
        path: where it stands in the file.
        name: its name in the file.
        word: what it is called without a name: its type.
        stem: that word, numbered where several elements of a scope share it.
        merge: the layer type that merges its branches; "" for the other kinds.
        merge_name: the name of the node that merges.
        type: the layer type or the block, which may be an expression.
        settings: those of the layer, or the arguments of the block.
        layer: the layer, or the merge, if no setting is an expression.
        children: the elements of a sequence.
        branches: the branches.
        sources: what `from` names; None: the element before.
        when: the condition under which it is present.
        repeat: how many copies there are of it.
        table: a copy for each row; None: one without a table.
        then: the elements that follow and belong to it; None: those of the defaults.
        shares: the element whose layers and learned values it has.
        also: the shapes of learned arrays beside the layer's own, by name.
        training: whether it exists in training only.
        shipped: whether it stands in a shipped block, and in no file.
        is_bare: whether it is a layer in sequence, and nothing else.
    """

    kind: Kind
    path: Path
    name: str | None
    word: str
    stem: str
    merge: str
    merge_name: str
    type: PlannedValue | None
    settings: Mapping[str, PlannedValue]
    layer: AbstractLayer | None = None
    children: tuple[ElementPlan, ...]
    branches: tuple[BranchPlan, ...]
    sources: tuple[str, ...] | None
    when: PlannedValue | None
    repeat: PlannedValue | None
    table: PlannedTable | PlannedValue | None
    then: tuple[ElementPlan, ...] | None
    shares: str | None = None
    also: Mapping[str, tuple[PlannedValue, ...]] = field(default_factory=dict)
    training: bool
    shipped: bool
    is_bare: bool = False

    @property
    def is_scope(self) -> bool:
        """Return whether its name is part of the paths of what it holds."""
        copies = self.repeat is not None or self.table is not None
        return self.name is not None or copies or self.kind == "shares"

    @property
    def node_path(self) -> Path:
        """Return where its own node stands in the file: a merge, at its word."""
        return (*self.path, "merge") if self.merge else self.path

    def with_layer(self, layer: AbstractLayer) -> ElementPlan:
        """Return the element with the layer that its settings make."""
        varies = self.table or self.repeat or self.when
        more = self.merge or self.sources or self.also or self.training
        is_bare = not (more or varies)
        return replace(self, layer=layer, is_bare=is_bare)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """A block, ready to be used.

    Attributes:
        name: its name in the file.
        parameters: its parameters in order, with their defaults; None: must be given.
        body: its sequence or branches, as one element.
        shipped: whether it comes with cnncalc.
        renumbered: names of its elements that have another number here, as what follows it has
            the same type: by the name that the block itself uses.
    """

    name: str
    parameters: Mapping[str, PlannedValue | None]
    body: ElementPlan
    shipped: bool
    renumbered: Mapping[str, str] = field(default_factory=dict)


class LayerDefaults(NamedTuple):
    """The defaults of a layer type's elements: settings, and the layers that follow each."""

    settings: Mapping[str, PlannedValue]
    then: tuple[ElementPlan, ...] | None = None


_NO_DEFAULTS = LayerDefaults(settings={})


def defaults_of(word: str, defaults: Mapping[str, LayerDefaults]) -> LayerDefaults:
    """Return the defaults of a layer type: its own before those of the type it inherits from."""
    own = defaults.get(word, _NO_DEFAULTS)
    parent = defaults.get(INHERITS[word]) if word in INHERITS else None
    if parent is None:
        return own
    fields = layer_type(word).model_fields
    inherited = {key: value for key, value in parent.settings.items() if key in fields}
    return LayerDefaults(
        settings={**inherited, **own.settings}, then=parent.then if own.then is None else own.then
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A checked file, ready to expand.

    Attributes:
        architecture: what it was made from.
        tree: the file's values with their places, if there is a file.
        elements: the network's elements.
        blocks: the file's own blocks by name.
        parameters: the file's parameters with their defaults; None: must be given.
        variants: the parameters that each variant gives.
        defaults: by layer type, as written; `defaults_of` completes them.
        input: the input volume, as text or expressions.
        words: the layer types and blocks, as values of expressions.
        shares: whether an element shares the learned values of another.
        notes: what is no error: a parameter that is called as a layer type.
    """

    architecture: Architecture
    tree: Tree | None
    elements: tuple[ElementPlan, ...]
    blocks: Mapping[str, BlockPlan]
    parameters: Mapping[str, PlannedValue | None]
    variants: Mapping[str, Mapping[str, PlannedValue]]
    defaults: Mapping[str, LayerDefaults]
    input: PlannedValue
    words: Mapping[str, Word]
    shares: bool
    notes: tuple[Problem, ...]

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where a path stands in the file."""
        return self.tree.place(path, key=key) if self.tree else Place()


class KnownNames(NamedTuple):
    """The names that expressions can use at a place."""

    known: frozenset[str] = frozenset()
    is_open: bool = False  # under a table that is an expression: any name may be a column

    def plus(self, names: Iterable[str]) -> KnownNames:
        """Return these names and some more."""
        return self._replace(known=self.known.union(names))

    def opened(self) -> KnownNames:
        """Return these names, where any other may be a column."""
        return self._replace(is_open=True)


class Site(NamedTuple):
    """A place in the file that is being compiled."""

    path: Path
    names: KnownNames  # that expressions can use there
    subject: str  # what messages call it

    def at(self, *steps: Any) -> Site:
        """Return the place that these keys and indexes lead to from here."""
        return self._replace(path=(*self.path, *steps))

    def knowing(self, names: KnownNames) -> Site:
        """Return the same place, where expressions can use these names."""
        return self._replace(names=names)
