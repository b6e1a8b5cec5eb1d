"""The architecture file as Pydantic models: the nested structure, with expressions as text.

`plan` reads the expressions and checks the names; `expansion` works them out. A model
dumps to the same tree that a file holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
)

from cnncalc.errors import ArchitectureError, Place, Problem, received
from cnncalc.format.plain import plain
from cnncalc.format.pydantic_messages import Merge, misfits
from cnncalc.layers.base import AbstractLayer
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnncalc.format.shipped import Found
    from cnncalc.readers.tree import Tree
else:
    Tree = Found = Any


def _null_is_empty(value: Any) -> Any:
    return {} if value is None else value


NullIsEmpty = BeforeValidator(_null_is_empty)  # a key with nothing under it
Parameters = Annotated[dict[str, Any], NullIsEmpty]


def _element(value: Any) -> Any:
    """Return a word or a bare layer as the mapping that it stands for."""
    if isinstance(value, str):
        return {"type": value}
    if isinstance(value, AbstractLayer):
        return settings_of(value)
    return value


def settings_of(layer: AbstractLayer) -> dict[str, Any]:
    """Return a layer as the element that a file would hold: its type and the settings given.

    >>> from cnncalc import Conv
    >>> settings_of(Conv(filters=2, kernel=3))
    {'type': 'conv', 'filters': 2, 'kernel': 3}
    """
    return {"type": layer.tag} | layer.model_dump(mode="json", exclude_unset=True)


def _branch(value: Any) -> Any:
    """Return a list as the branch that it stands for. Raises: ValueError for a single element."""
    if isinstance(value, list):
        return {"layers": value}
    if isinstance(value, str):
        raise ValueError(f"is a list of elements: write [{value[:40]}]")
    if isinstance(value, dict) and "layers" not in value and "type" in value:
        raise ValueError(f"is a list of elements: write [{{type: {value['type']}, …}}]")
    return value


class FilePart(BaseModel):
    """The base of the parts of a file: they take no unknown fields, and do not change."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        serialize_by_alias=True,
        defer_build=True,
    )

    def __init__(self, /, **fields: Any) -> None:
        values = plain(fields)
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ArchitectureError(misfits(error, values, None, _known)) from None

    # Validation makes the parts of a file without this __init__, so that it finds every problem.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class Element(FilePart):
    """One element of a sequence: a layer, a block's use, a group, or branches.

    In Python, `Element(Conv(filters=96, kernel=11), name="CONV1")`; a layer stands for an element
    without a name. What is no field here is a setting of the layer, or an argument of the block,
    and stands in `settings`. Text is an expression wherever a number or a condition belongs.

    Attributes:
        type: a layer type or a block; or else it has `layers`, or `branches`.
        layers: the elements of a group.
        branches: branches that each take the element's input.
        merge: what merges the branches: add, concat or multiply.
        name: the name, which has no dots.
        from_: the elements whose outputs it takes, in place of the one before; `from` in a file.
        when: the condition under which it is present.
        repeat: how many copies there are, one after another.
        table: a copy for each row.
        then: the elements that follow and belong to it.
        shares: an earlier element, whose layers and learned values it has, in place of a type.
        also: learned arrays beside the layer's own, by name: their shapes.
        training: whether it exists in training only.
    """

    model_config = ConfigDict(extra="allow")

    type: Annotated[str | None, Field(strict=True)] = None
    layers: list[AnyElement] | None = None
    branches: list[AnyBranch] | None = None
    merge: Merge | None = None
    name: Annotated[str | None, Field(strict=True)] = None
    from_: Annotated[str | list[str] | None, Field(alias="from")] = None
    when: Any = None
    repeat: Any = None
    table: Any = None
    then: list[AnyElement] | None = None
    shares: Annotated[str | None, Field(strict=True)] = None
    also: dict[str, Any] | None = None
    training: Annotated[bool, Field(strict=True)] = False

    if TYPE_CHECKING:

        def __init__(
            self,
            layer: AbstractLayer | None = None,
            /,
            *,
            type: str | None = None,
            layers: Sequence[ElementLike] | None = None,
            branches: Sequence[Sequence[ElementLike] | Branch | Mapping[str, Any]] | None = None,
            merge: Merge | None = None,
            name: str | None = None,
            from_: str | Sequence[str] | None = None,
            when: bool | str | None = None,
            repeat: int | str | None = None,
            table: Mapping[str, Any] | Sequence[Sequence[Any]] | str | None = None,
            then: Sequence[ElementLike] | None = None,
            shares: str | None = None,
            also: Mapping[str, Sequence[int | str]] | None = None,
            training: bool = False,
            **settings: Any,
        ) -> None: ...
    else:

        def __init__(self, layer: AbstractLayer | None = None, /, **settings: Any) -> None:
            if isinstance(layer, AbstractLayer):
                settings = settings_of(layer) | settings
            elif layer is not None:
                message = f"an element is made from a layer. Received {received(layer)}."
                raise ArchitectureError(Problem("structure", message))
            super().__init__(**settings)

        __init__.__pydantic_base_init__ = True

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings of the layer, or the arguments of the block, as written."""
        return self.model_extra or {}


class Branch(FilePart):
    """One branch: its elements, and the condition under which it is present."""

    layers: list[AnyElement]
    when: Any = None


ElementLike: TypeAlias = "Element | AbstractLayer | str | Mapping[str, Any]"
"""The types accepted for an element in Python; a validated one is an Element."""
AnyElement = Annotated[Element, BeforeValidator(_element)]
AnyBranch = Annotated[Branch, BeforeValidator(_branch)]


class Block(FilePart):
    """A layer type that the file defines: parameters, and a sequence or merged branches."""

    parameters: Parameters = {}
    layers: list[AnyElement] | None = None
    branches: list[AnyBranch] | None = None
    merge: Merge | None = None


class Architecture(FilePart):
    """A network as a file describes it.

    Attributes:
        name: what it is called.
        input: the input volume, as text (224x224x3), a number, or a list of expressions.
        layers: its elements.
        source: the publication that describes it.
        year: that of the publication.
        parameters: names of the file's own, with their defaults.
        defaults: settings for each layer type, where its elements say nothing.
        blocks: the layer types that the file defines.
        variants: a name for each set of parameters.
        competitions: what it won, or a variant of it: a mapping for each, with its source.
        expect: what is known of the network, which `verify` holds it to.

    Raises: ArchitectureError with every problem of the structure.

    >>> from cnncalc import Conv, Relu
    >>> network = Architecture(
    ...     name="one", input="5x5x3", layers=[Conv(filters=2, kernel=3), Relu()]
    ... )
    >>> network.layers[0].settings
    {'filters': 2, 'kernel': 3}
    """

    name: Annotated[str, Field(strict=True)]
    input: str | int | list[Any]
    layers: list[AnyElement]
    source: Annotated[str | None, Field(strict=True)] = None
    year: Any = None
    parameters: Parameters = {}
    defaults: Annotated[dict[str, dict[str, Any]], NullIsEmpty] = {}
    blocks: Annotated[dict[str, Block], NullIsEmpty] = {}
    variants: Annotated[dict[str, Parameters], NullIsEmpty] = {}
    competitions: list[dict[str, Any]] = []
    expect: Annotated[dict[str, Any], NullIsEmpty] = {}

    if TYPE_CHECKING:  # what it takes is more than what it holds

        def __init__(
            self,
            *,
            name: str,
            input: str | int | Volume | Sequence[int | str],
            layers: Sequence[ElementLike],
            source: str | None = None,
            year: int | str | None = None,
            parameters: Mapping[str, Any] | None = None,
            defaults: Mapping[str, Mapping[str, Any]] | None = None,
            blocks: Mapping[str, Block | Mapping[str, Any]] | None = None,
            variants: Mapping[str, Mapping[str, Any] | None] | None = None,
            competitions: Sequence[Mapping[str, Any]] = (),
            expect: Mapping[str, Any] | None = None,
        ) -> None: ...

    _tree: Tree | None = PrivateAttr(None)
    _plan: Any = PrivateAttr(None)
    _file: str | None = PrivateAttr(None)
    _origin: Found | None = PrivateAttr(None)

    @field_validator("layers")
    @classmethod
    def _not_empty(cls, layers: list[Element]) -> list[Element]:
        if not layers:
            raise ValueError("must have at least one element")
        return layers

    @property
    def file(self) -> str | None:
        """Return the name of the file that it was read from, as the user gave it."""
        return self._file

    @property
    def variant(self) -> str | None:
        """Return the variant that its shipped name stands for, if any."""
        return self._origin.variant if self._origin else None

    @property
    def origin(self) -> Found | None:
        """Return the resolved meaning of its argument, if it comes from a file."""
        return self._origin

    def with_origin(self, tree: Tree, file: str, found: Found) -> Architecture:
        """Note where the architecture comes from, and return it."""
        self._tree, self._file, self._origin = tree, file, found
        return self

    @property
    def tree(self) -> Tree | None:
        """Return the file's values with their places, if it comes from a file."""
        return self._tree

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy; one with other values is validated, and has no places in a file."""
        if not update:
            return super().model_copy(deep=deep)
        kept = {field: getattr(self, field) for field in self.model_fields_set}
        return type(self)(**{**kept, **update})

    @property
    def compiled(self) -> Any:
        """Return its plan, if it was compiled."""
        return self._plan

    def keep(self, plan: Any) -> None:
        """Keep its plan, so that it is compiled only once."""
        self._plan = plan

    @classmethod
    def from_tree(cls, data: Any, tree: Tree | None = None) -> Architecture:
        """Return the architecture of a file's plain data; `tree` tells where things stand.

        Raises: ArchitectureError with every problem of the structure, in file order.
        """
        if not isinstance(data, dict):
            raise ArchitectureError(
                Problem(
                    "structure",
                    f"an architecture is a mapping with name, input and layers. "
                    f"Received {received(data)}.",
                    place=tree.place(()) if tree else Place(),
                )
            )
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ArchitectureError(misfits(error, data, tree, _known)) from None


def _known(path: tuple[Any, ...]) -> Mapping[str, Any]:
    """Return the fields of the part that the last key of a path stands in."""
    if len(path) == 1:
        return Architecture.model_fields
    return Block.model_fields if path[0] == "blocks" and len(path) == 3 else Branch.model_fields
