"""The plan of a file: its elements with expressions parsed, ready to run.

`compilation` makes it from an Architecture, `expansion` runs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import Place, Problem
from cnncalc.format.architecture import Architecture
from cnncalc.format.expressions import Expression, Scope, Word
from cnncalc.layers import layer_type

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.readers.tree import Tree

Path = tuple[Any, ...]

# depthwise_conv and separable_conv take the defaults of conv too, after their own.
INHERITS = {"depthwise_conv": "conv", "separable_conv": "conv"}

BROKEN = object()  # the value of what could not be read; its problem is noted


class RawTable(NamedTuple):
    """A table in a parameter: its cells are read where it is used."""

    table: Any
    path: Path


class Given(NamedTuple):
    """A value in the file: already worked out, or an expression; and where it stands."""

    value: Any
    expression: Expression | None
    path: Path

    def get(self, scope: Scope) -> Any:
        """Return the value in a scope. Raises: ExpressionError."""
        return self.value if self.expression is None else self.expression.evaluate(scope)


class Table(NamedTuple):
    """A table, column by column; a column is its cells, or one expression that gives a list."""

    columns: dict[str, tuple[Given, ...] | Given]

    def cells(self) -> Iterator[Given]:
        """Yield every cell, and every expression that gives a column."""
        for column in self.columns.values():
            if isinstance(column, Given):
                yield column
            else:
                yield from column


class Item:
    """One element, ready to run."""

    __slots__ = (
        "branches", "children", "kind", "layer", "merge", "merge_name", "name", "path",
        "plain", "repeat", "settings", "sources", "stem", "table", "then",
        "training", "type", "uses_shipped", "varying", "when",
    )  # fmt: skip

    kind: str  # "type", "layers" or "branches"
    path: Path
    type: Given | None
    settings: dict[str, Given]
    varying: tuple[tuple[str, Given], ...]
    layer: AbstractLayer | None  # built, where nothing in it varies
    children: list[Item]
    branches: list[tuple[Given | None, list[Item]]]
    merge: str
    merge_name: str  # what the node that merges is called, in its scope
    name: str | None  # as the file gives it
    stem: str  # what it is called otherwise; "" if it adds no name
    sources: tuple[str, ...] | None
    when: Given | None
    repeat: Given | None
    table: Table | Given | None
    then: list[Item] | None
    training: bool
    uses_shipped: bool
    plain: bool  # nothing but a layer in sequence

    @property
    def place(self) -> Path:
        """Return where its own node stands in the file: a merge, at its word."""
        return (*self.path, "merge") if self.merge else self.path


class BlockPlan(NamedTuple):
    """A block, ready to be used: its parameters in order, and its body as one item."""

    name: str
    parameters: dict[str, Given | None]  # None: required
    body: Item
    shipped: bool


class Defaults(NamedTuple):
    """What a layer type takes where its element says nothing."""

    settings: dict[str, Given]
    then: list[Item] | None


class TypeDefaults(dict[str, Defaults]):
    """The defaults of a file by layer type; those that a type inherits come after its own."""

    def __missing__(self, word: str) -> Defaults:
        """Work out what a type inherits, when it is first asked for."""
        self[word] = self.inherited(word, Defaults({}, None))
        return self[word]

    def inherited(self, word: str, own: Defaults) -> Defaults:
        """Return a type's own defaults, completed by those of the type that it inherits from."""
        parent = self.get(INHERITS[word]) if word in INHERITS else None
        if parent is None:
            return own
        fields = layer_type(word).model_fields
        settings = {key: given for key, given in parent.settings.items() if key in fields}
        return Defaults(settings | own.settings, parent.then if own.then is None else own.then)


class Plan(NamedTuple):
    """A checked file: what `expand` runs."""

    architecture: Architecture
    tree: Tree | None
    items: list[Item]
    blocks: dict[str, BlockPlan]
    parameters: dict[str, Given | None]
    variants: dict[str, dict[str, Given]]
    defaults: TypeDefaults
    input: Given
    words: dict[str, Word]
    notes: tuple[Problem, ...]  # warnings: a parameter that is called as a layer type

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where a path stands in the file."""
        return self.tree.place(path, key=key) if self.tree else Place()


class Names(NamedTuple):
    """The names that expressions can use at a place, as far as they are known beforehand."""

    known: frozenset[str]
    is_open: bool = False  # inside a table that is an expression: any name may be a column

    def plus(self, names: Iterable[str]) -> Names:
        """Return these names and some more."""
        return self._replace(known=self.known.union(names))
