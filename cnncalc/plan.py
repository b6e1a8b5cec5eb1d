"""From an Architecture to a Plan: expressions parsed, names checked, once for each place.

Everything that is wrong with a file and needs no volumes is found here, all at once.
`graph.expand` then runs the plan.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from cnncalc import expressions
from cnncalc.architecture import Architecture, Block, Branch, Element, path_text, received
from cnncalc.errors import ArchitectureError, Place, Problem, did_you_mean
from cnncalc.expressions import Expression, ExpressionError, Scope, Word
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.base import EXTENTS, AbstractLayer

if TYPE_CHECKING:
    from cnncalc.readers.tree import Tree

Path = tuple[Any, ...]

COLUMN_SETTINGS = ("name", "from", "when", "repeat")  # columns that every element takes
NEVER_COLUMNS = ("type", "layers", "branches", "merge", "then", "table", "training")
REFUSED_NAMES = ("input", "previous", "INPUT")
MOST_ROWS = 1_000
LONGEST_NAME = 200

# depthwise_conv and separable_conv take the defaults of conv too, after their own.
INHERITS = {"depthwise_conv": "conv", "separable_conv": "conv"}

SQUEEZE_EXCITATION = {
    "parameters": {"squeeze": None, "activation": "relu", "gate": "sigmoid"},
    "merge": "multiply",
    "branches": [
        [],
        [
            "global_avg_pool",
            {"type": "conv", "kernel": 1, "filters": "squeeze", "then": ["activation"]},
            {"type": "conv", "kernel": 1, "filters": "input.channels", "then": ["gate"]},
        ],
    ],
}
SHIPPED_BLOCKS = {"squeeze_excitation": SQUEEZE_EXCITATION}


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
        "branches", "children", "kind", "layer", "merge", "merge_name", "name", "path", "plain", "repeat",
        "settings", "sources", "stem", "table", "then", "training", "type", "uses_shipped",
        "varying", "when",
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


class Plan(NamedTuple):
    """A checked file: what `expand` runs."""

    architecture: Architecture
    tree: Tree | None
    items: list[Item]
    blocks: dict[str, BlockPlan]
    parameters: dict[str, Given | None]
    variants: dict[str, dict[str, Given]]
    defaults: dict[str, Defaults]
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
        return self._replace(known=self.known.union(names))


@cache
def field_words(cls: type[AbstractLayer], field: str) -> frozenset[str]:
    """Return the words that a field takes as they are: half, same, ceil.

    >>> sorted(field_words(layer_type("conv"), "padding"))
    ['half', 'same', 'valid']
    """

    def literals(annotation: Any) -> Iterator[str]:
        if typing.get_origin(annotation) is typing.Literal:
            yield from (word for word in typing.get_args(annotation) if isinstance(word, str))
        for inner in typing.get_args(annotation):
            yield from literals(inner)

    return frozenset(literals(cls.model_fields[field].annotation))


def build(cls: type[AbstractLayer], settings: dict[str, Any]) -> AbstractLayer:
    """Return the layer of evaluated settings.

    Raises: SettingsError with every setting that is wrong.
    """
    try:
        return cls(**settings)
    except ValidationError as error:
        raise SettingsError(list(_setting_problems(cls, error))) from None


class SettingsError(Exception):
    """Settings do not make a layer; `.found` has (field or None, code, message) of each."""

    def __init__(self, found: list[tuple[str | None, str, str]]) -> None:
        self.found = found
        super().__init__(found)


def _setting_problems(
    cls: type[AbstractLayer], error: ValidationError
) -> Iterator[tuple[str | None, str, str]]:
    for found in error.errors(include_url=False):
        field = str(found["loc"][0]) if found["loc"] else None
        kind = found["type"]
        if kind == "missing":
            yield field, "missing", f"{field} is missing. Add it."
            continue
        if kind == "value_error" and field is None:
            yield None, "setting", f"{found['ctx']['error']}."
            continue
        if kind == "value_error":
            what = str(found["ctx"]["error"])
        elif kind == "literal_error":
            what = f"must be {found['ctx']['expected']}".replace("'", "")
        elif kind.startswith("bool"):
            what = "must be true or false"
        else:
            what = "is not a value that it takes"
        hint = ""
        info = cls.model_fields.get(field or "")
        if info is not None and not info.is_required() and info.default is not None:
            hint = f" Leave it out for {received(info.default)}."
        yield field, "setting", f"{field} {what}. Received {received(found['input'])}.{hint}"


class Compiler:
    """Makes a Plan, collecting every problem on the way."""

    def __init__(self, architecture: Architecture, tree: Tree | None) -> None:
        self.architecture, self.tree = architecture, tree
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        names = [*TYPES, *SHIPPED_BLOCKS, *architecture.blocks]
        self.words = {name: Word(name) for name in names}
        self.blocks: dict[str, BlockPlan] = {}
        self.defaults: dict[str, Defaults] = {}
        self.shipped = False  # compiling a shipped block: no defaults, no places

    # --- problems ---------------------------------------------------------------------------

    def problem(
        self, code: str, message: str, path: Path, subject: str = "", *, key: bool = False
    ) -> None:
        """Note a problem at a path of the file."""
        place = self.tree.place(path, key=key) if self.tree else Place()
        line = self.tree.line(place.line) if self.tree and place.line else None
        found = Problem(code, message, subject or path_text(path), place, (), line)
        if found not in self.problems:
            self.problems.append(found)

    # --- values -----------------------------------------------------------------------------

    def given(
        self, raw: Any, path: Path, names: Names, subject: str, words: frozenset[str] = frozenset()
    ) -> Given:
        """Return a value of the file, parsed, its names checked; a constant worked out."""
        try:
            return self._given(raw, path, names, words)
        except ExpressionError as error:
            text = str(error)
            message = text + ("" if text.endswith("?") else ".")
            self.problem("expression", message, path, subject)
            return Given(None, None, path)

    def _given(self, raw: Any, path: Path, names: Names, words: frozenset[str]) -> Given:
        if isinstance(raw, str):
            if raw in words:
                return Given(raw, None, path)
            if EXTENTS.fullmatch(raw):
                return Given(tuple(int(part) for part in raw.split("x")), None, path)
            expression = expressions.parse(raw)
        elif isinstance(raw, (list, tuple)):
            parts = [self._given(part, (*path, i), names, words) for i, part in enumerate(raw)]
            used = frozenset().union(*[part.expression.names for part in parts if part.expression])
            expression = Expression(
                "", used, lambda scope: tuple([part.get(scope) for part in parts])
            )
        elif isinstance(raw, dict):
            raise ExpressionError("a mapping cannot stand here")
        else:
            if isinstance(raw, int) and not isinstance(raw, bool):
                expressions.bounded(raw)
            return Given(raw, None, path)
        self.check_names(expression.names, names)
        if not names.is_open and not expression.names - self.words.keys() and not (
            expression.names & names.known
        ):
            return Given(expression.evaluate(self.words), None, path)
        return Given(None, expression, path)

    def check_names(self, used: frozenset[str], names: Names) -> None:
        """Raise the ExpressionError of the first name that nothing gives."""
        for name in sorted(used):
            if name in names.known or name in self.words or names.is_open:
                continue
            everything = [*names.known, *self.words]
            raise ExpressionError(
                f"unknown name {name!r}.{did_you_mean(name, everything)}".rstrip(".")
            )

    def check_identifier(self, name: object, what: str, path: Path) -> bool:
        """Note whether a parameter or column cannot be called so."""
        if not isinstance(name, str) or not expressions.NAME.fullmatch(name):
            self.problem(
                "name",
                f"a {what}'s name is letters, digits and _. Received {received(name)}.",
                path,
                key=True,
            )
        elif (
            name in expressions.SPECIAL
            or name in expressions.RESERVED
            or name in expressions.FUNCTIONS
            or name in self.architecture.blocks
            or name in SHIPPED_BLOCKS
        ):
            self.problem("name", f"{name!r} cannot be the name of a {what}. Rename it.", path, key=True)
        else:
            return True
        return False

    def parameters(
        self, raw: dict[str, Any], path: Path, names: Names
    ) -> tuple[dict[str, Given | None], Names]:
        """Return the parameters in order, each default seeing the ones before it."""
        result: dict[str, Given | None] = {}
        for name, default in raw.items():
            here = (*path, name)
            if self.check_identifier(name, "parameter", here) and name in TYPES:
                place = self.tree.place(here, key=True) if self.tree else Place()
                self.notes.append(
                    Problem("shadow", f"{name!r} is a layer type's name, too", path_text(here), place)
                )
            result[name] = (
                None if default is None else self.table_or_given(default, here, names)
            )
            names = names.plus([name])
        return result, names

    def table_or_given(self, raw: Any, path: Path, names: Names) -> Given:
        """Return a parameter's value, which may be a table by columns (its cells stay as written)."""
        if isinstance(raw, (dict, list)) and _is_table(raw):
            return Given(RawTable(raw, path), None, path)
        return self.given(raw, path, names, path_text(path))

    # --- elements ---------------------------------------------------------------------------

    def sequence(self, elements: list[Element], path: Path, names: Names, *, scope: bool) -> list[Item]:
        """Return the items of a list of elements; `scope`: it is one, so number its names."""
        items = [
            self.element(element, (*path, i), names) for i, element in enumerate(elements)
        ]
        if scope:
            number_names(items)
        return items

    def element(self, element: Element, path: Path, names: Names) -> Item:
        """Return one element as an item."""
        item = Item()
        item.path, item.name, item.merge = path, element.name, element.merge or ""
        item.settings, item.varying, item.layer = {}, (), None
        item.children, item.branches, item.type = [], [], None
        item.training = element.training
        item.uses_shipped = self.shipped
        word = element.type or element.merge or "group"
        subject = f"layer {element.name or word} ({word})" if element.name else f"layer {word}"
        kinds = [k for k in ("type", "layers", "branches") if getattr(element, k) is not None]
        if len(kinds) != 1:
            self.problem(
                "element",
                "an element has exactly one of type, layers and branches. "
                f"Received {' and '.join(kinds) or 'none of them'}.",
                path,
                subject,
            )
        item.kind = kinds[0] if kinds else "layers"
        if (element.merge is not None) != (item.kind == "branches"):
            self.problem(
                "merge", "branches and merge (add, concat or multiply) go together.", path, subject
            )
        self._name(element, path, subject)
        item.sources = self._sources(element, path, subject)
        outer = names
        item.table, names = self._table(element, path, names, subject)
        item.repeat = self._optional(element.repeat, (*path, "repeat"), names, subject)
        inner = names.plus(["index"]) if element.repeat is not None or item.table else names
        inner_open = inner
        item.when = self._optional(element.when, (*path, "when"), inner_open, subject)
        if item.kind == "type":
            self._typed(item, element, path, inner, subject)
        elif element.settings:
            for key in element.settings:
                known = [*Element.model_fields, "from"]
                self.problem(
                    "unknown_field",
                    f"unknown field {key!r}.{self._hint(key, known)}",
                    (*path, key),
                    subject,
                    key=True,
                )
        scoped = bool(element.name or element.repeat is not None or element.table is not None)
        item.merge_name = item.merge
        item.stem = (element.type or "") if item.kind == "type" else item.merge or "group"
        if item.kind == "layers":
            item.children = self.sequence(
                element.layers or [], (*path, "layers"), inner, scope=False
            )
        elif item.kind == "branches":
            item.branches = self._branches(element.branches or [], (*path, "branches"), inner)
        if scoped and item.kind != "type":
            number_names([item], inside=True)
        item.then = (
            None
            if element.then is None
            else self.sequence(element.then, (*path, "then"), inner, scope=True)
        )
        self._columns_used(item, element, path, outer, subject)
        self._fix(item, element, path, inner, subject)
        return item

    def _hint(self, key: str, known: Iterable[str]) -> str:
        return did_you_mean(key, known) or expressions.bracket_hint(key)

    def _name(self, element: Element, path: Path, subject: str) -> None:
        if element.name is not None:
            self.check_name(element.name, (*path, "name"), subject)

    def check_name(self, name: object, path: Path, subject: str) -> None:
        """Note whether an element cannot be called so."""
        if not isinstance(name, str):
            self.problem("name", f"a name is text. Received {received(name)}. Put it in quotes.", path, subject)
        elif name in REFUSED_NAMES or "." in name or not name.strip() or len(name) > LONGEST_NAME:
            self.problem(
                "name",
                f"a name has no dots, at most {LONGEST_NAME} characters, and is not one of "
                f"{', '.join(REFUSED_NAMES)}. Received {received(name)}.",
                path,
                subject,
            )

    def _sources(self, element: Element, path: Path, subject: str) -> tuple[str, ...] | None:
        if element.from_ is None:
            return None
        sources = (element.from_,) if isinstance(element.from_, str) else tuple(element.from_)
        if not sources:
            self.problem("from", "'from' names at least one element.", (*path, "from"), subject)
            return None
        return sources

    def _optional(self, raw: Any, path: Path, names: Names, subject: str) -> Given | None:
        return None if raw is None else self.given(raw, path, names, subject)

    def _table(
        self, element: Element, path: Path, names: Names, subject: str
    ) -> tuple[Table | Given | None, Names]:
        """Return the table of an element, and the names with its columns."""
        raw = element.table
        if raw is None:
            return None, names
        here = (*path, "table")
        if isinstance(raw, str):
            return self.given(raw, here, names, subject), names._replace(is_open=True)
        try:
            table = self.rows(raw, here, names, subject)
        except ExpressionError as error:
            self.problem("table", f"{error}.", here, subject)
            return Table({}), names._replace(is_open=True)
        return table, names.plus(table.columns)

    def rows(self, raw: Any, path: Path, names: Names, subject: str) -> Table:
        """Return a table of either spelling. Raises: ExpressionError if its form is wrong."""
        by_column = isinstance(raw, dict)
        columns: dict[str, tuple[Given, ...] | Given] = {}
        for j, (column, cells) in enumerate(table_columns(raw).items()):
            where = (*path, column) if by_column else (*path, 0)
            if column in NEVER_COLUMNS:
                raise ExpressionError(f"a column cannot set {column!r}")
            if column not in COLUMN_SETTINGS:
                self.check_identifier(column, "column", where)
            if isinstance(cells, str):
                if column in ("name", "from"):
                    raise ExpressionError(f"the column {column!r} is a list of texts")
                columns[column] = self.given(cells, where, names, subject)
                continue
            columns[column] = tuple(
                self.cell(column, cell, (*where, i) if by_column else (*path, i + 1, j), names, subject)
                for i, cell in enumerate(cells)
            )
        return Table(columns)

    def cell(self, column: str, cell: Any, path: Path, names: Names, subject: str) -> Given:
        """Return one cell; those under name and from are text."""
        if column == "name":
            self.check_name(cell, path, subject)
            return Given(cell if isinstance(cell, str) else str(cell), None, path)
        if column == "from":
            sources = tuple(cell) if isinstance(cell, list) else (cell,)
            if not sources or not all(isinstance(source, str) for source in sources):
                self.problem("from", f"'from' names elements. Received {received(cell)}.", path, subject)
                sources = ("previous",)
            return Given(sources, None, path)
        return self.given(cell, path, names, subject)

    def _branches(
        self, branches: list[Branch], path: Path, names: Names
    ) -> list[tuple[Given | None, list[Item]]]:
        if not branches:
            self.problem("branches", "branches must have at least one branch.", path)
        result = []
        for i, branch in enumerate(branches):
            here = (*path, i)
            raw_is_list = branch.when is None and "when" not in branch.model_fields_set
            inside = here if raw_is_list and self._is_list(here) else (*here, "layers")
            when = self._optional(branch.when, (*here, "when"), names, path_text(here))
            result.append((when, self.sequence(branch.layers, inside, names, scope=False)))
        return result

    def _is_list(self, path: Path) -> bool:
        return self.tree is None or isinstance(self.raw(path), list)

    def _typed(self, item: Item, element: Element, path: Path, names: Names, subject: str) -> None:
        """Fill in the type and the settings of a layer or a block's use."""
        here = (*path, "type") if self.tree is None or self._is_mapping(path) else path
        text = element.type or ""
        if text not in self.words and not names.is_open and text not in names.known:
            known = [*self.words, *names.known]
            if expressions.NAME.fullmatch(text) or not text.isascii() or not text:
                self.problem(
                    "unknown_type",
                    f"unknown type {received(text)}.{self._hint(text, known)}",
                    here,
                    f"layer {element.name}" if element.name else "layer",
                )
                item.type = Given(None, None, here)
            else:
                item.type = self.given(text, here, names, subject)
        else:
            item.type = self.given(text, here, names, subject)
        cls = self.static_class(item)
        for key, raw in element.settings.items():
            words: frozenset[str] = frozenset()
            if cls is not None and key in cls.model_fields:
                words = field_words(cls, key)
            elif item.type.expression is not None or item.type.value is None:
                words = _ALL_WORDS
            item.settings[key] = self.given(raw, (*path, key), names, subject, words)

    def _is_mapping(self, path: Path) -> bool:
        return self.tree is not None and isinstance(self.raw(path), dict)

    def raw(self, path: Path) -> Any:
        """Return what stands at a path of the file."""
        value: Any = self.tree.data if self.tree else None
        for part in path:
            value = value[part]
        return value

    def static_class(self, item: Item) -> type[AbstractLayer] | None:
        """Return the layer class of an item whose type is written out."""
        if item.type is None or item.type.expression is not None:
            return None
        return layer_type(item.type.value) if item.type.value in TYPES else None

    def fields_of(self, item: Item) -> Iterable[str] | None:
        """Return the settings that an item's type takes, where that is known."""
        if item.kind != "type":
            return ()
        if item.type is None or item.type.expression is not None or item.type.value is None:
            return None
        word = str(item.type.value)
        if word in TYPES:
            return layer_type(word).model_fields
        raw = self.architecture.blocks.get(word)
        return raw.parameters if raw else SHIPPED_BLOCKS[word]["parameters"]  # type: ignore[return-value]

    def _columns_used(
        self, item: Item, element: Element, path: Path, names: Names, subject: str
    ) -> None:
        if not isinstance(item.table, Table):
            return
        fields = self.fields_of(item)
        if fields is None:
            return
        used = set(_names_in(item))
        for column in item.table.columns:
            if column not in used and column not in fields and column not in COLUMN_SETTINGS:
                self.problem(
                    "unused_column",
                    f"column {column!r} is neither used nor a setting.{did_you_mean(column, fields)}",
                    (*path, "table", column)
                    if isinstance(element.table, dict)
                    else (*path, "table", 0),
                    subject,
                    key=isinstance(element.table, dict),
                )

    def _fix(self, item: Item, element: Element, path: Path, names: Names, subject: str) -> None:
        """Check the settings of a type that is written out; build the layer if nothing varies."""
        fields = self.fields_of(item)
        item.plain = False
        if item.kind != "type" or fields is None or item.type is None:
            return
        word = str(item.type.value)
        for key in item.settings:
            if key not in fields:
                self.problem(
                    "unknown_field",
                    f"unknown field {key!r}.{self._hint(key, [*fields, *Element.model_fields, 'from'])}",
                    (*path, key),
                    subject,
                    key=True,
                )
        columns = item.table.columns if isinstance(item.table, Table) else {}
        is_open = isinstance(item.table, Given)
        if word not in TYPES:
            raw = self.architecture.blocks.get(word)
            parameters = raw.parameters if raw else SHIPPED_BLOCKS[word]["parameters"]
            for name, default in parameters.items():  # type: ignore[attr-defined]
                if default is None and name not in item.settings and name not in columns and not is_open:
                    self.problem(
                        "missing", f"argument {name!r} of block {word!r} is missing. Add it.", path, subject
                    )
            return
        if is_open:
            return
        cls = layer_type(word)
        settings = dict(item.settings)
        if not self.shipped:
            for key, value in self.default_settings(word).items():
                settings.setdefault(key, value)
        varying = {key for key in settings if settings[key].expression} | {
            column for column in columns if column in fields and column not in item.settings
        }
        constant = {
            key: value.value
            for key, value in settings.items()
            if key not in varying and key in fields
        }
        try:
            layer = build(cls, constant)
            item.layer = None if varying else layer
        except SettingsError as error:
            for field, code, message in error.found:
                if field in varying or (field is None and varying):
                    continue
                if code == "missing" and field not in item.settings:
                    self.problem(code, message, path, subject)
                else:
                    where = settings[field].path if field in settings else path
                    self.problem(code, message, where, subject)
        item.plain = (
            item.layer is not None
            and item.table is None
            and not (item.repeat or item.when or item.sources or item.training)
        )

    def default_settings(self, word: str) -> dict[str, Given]:
        """Return the default settings of a layer type, those that it inherits last."""
        own = self.defaults.get(word)
        result = dict(own.settings) if own else {}
        if word in INHERITS:
            fields = layer_type(word).model_fields
            for key, value in self.default_settings(INHERITS[word]).items():
                if key in fields:
                    result.setdefault(key, value)
        return result

    # --- the file ---------------------------------------------------------------------------

    def compile_defaults(self, names: Names) -> None:
        """Read `defaults`; their `then` sees the file's parameters."""
        for word, settings in self.architecture.defaults.items():
            path: Path = ("defaults", word)
            if word not in TYPES:
                self.problem(
                    "defaults",
                    f"defaults are for layer types. Received {received(word)}.{did_you_mean(word, TYPES)}",
                    path,
                    key=True,
                )
                continue
            cls = layer_type(word)
            given = {}
            for key, raw in settings.items():
                here = (*path, key)
                if key == "then":
                    continue
                if key not in cls.model_fields:
                    self.problem(
                        "unknown_field",
                        f"unknown field {key!r}.{self._hint(key, [*cls.model_fields, 'then'])}",
                        here,
                        f"defaults of {word}",
                        key=True,
                    )
                    continue
                given[key] = self.given(raw, here, names, path_text(here), field_words(cls, key))
            self.defaults[word] = Defaults(given, None)
        for word, settings in self.architecture.defaults.items():
            if word in self.defaults and "then" in settings:
                then = self._default_then(settings["then"], ("defaults", word, "then"), names)
                self.defaults[word] = self.defaults[word]._replace(then=then)

    def _default_then(self, raw: Any, path: Path, names: Names) -> list[Item]:
        try:
            holder = Element.model_validate({"type": "identity", "then": raw})
        except ValidationError:
            self.problem("then", "'then' is a list of elements.", path)
            return []
        return self.sequence(holder.then or [], path, names, scope=True)

    def compile_block(self, name: str, block: Block, names: Names, path: Path) -> BlockPlan:
        """Return a block, its body as one item; a block sees its own parameters and the file's."""
        given, inner = self.parameters(
            block.parameters, (*path, "parameters"), names.plus(["channels", "input.channels"])
        )
        if (block.layers is None) == (block.branches is None) or (
            (block.merge is not None) != (block.branches is not None)
        ):
            self.problem(
                "block",
                "a block has either layers, or branches and merge.",
                path,
                f"block {name}",
            )
        body = self.element(
            Element.model_construct(
                layers=block.layers if block.branches is None else None,
                branches=block.branches,
                merge=block.merge if block.branches is not None else None,
            )
            if block.layers is not None or block.branches is not None
            else Element(layers=[]),
            path,
            inner,
        )
        number_names([body], inside=True)
        return BlockPlan(name, given, body, self.shipped)

    def run(self) -> Plan:
        """Return the plan. Raises: ArchitectureError with every problem."""
        architecture = self.architecture
        parameters, names = self.parameters(
            architecture.parameters, ("parameters",), Names(frozenset())
        )
        inside = names.plus(["channels", "input.channels"])
        self.compile_defaults(inside)
        for name, block in architecture.blocks.items():
            path: Path = ("blocks", name)
            if not expressions.NAME.fullmatch(name) or name in expressions.RESERVED | {
                *expressions.SPECIAL, *expressions.FUNCTIONS, *TYPES, *SHIPPED_BLOCKS,
            }:  # fmt: skip
                self.problem(
                    "name",
                    f"a block's name is letters, digits and _, and not taken. Received {received(name)}.",
                    path,
                    key=True,
                )
            self.blocks[name] = self.compile_block(name, block, names, path)
        items = self.sequence(architecture.layers, ("layers",), inside, scope=True)
        variants = self._variants(parameters, names)
        raw_input = architecture.input
        path = ("input",)
        if isinstance(raw_input, (str, int)):
            given_input = Given(raw_input, None, path)
        else:
            given_input = self.given(raw_input, path, names, "input")
        if self.problems:
            self.problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
            raise ArchitectureError(self.problems)
        return Plan(
            architecture, self.tree, items, self.blocks, parameters, variants,
            {word: self._whole_defaults(word) for word in {*self.defaults, *INHERITS}},
            given_input, self.words, tuple(self.notes),
        )  # fmt: skip

    def _whole_defaults(self, word: str) -> Defaults:
        then = self.defaults[word].then if word in self.defaults else None
        if then is None and word in INHERITS and INHERITS[word] in self.defaults:
            then = self.defaults[INHERITS[word]].then
        return Defaults(self.default_settings(word), then)

    def _variants(
        self, parameters: dict[str, Given | None], names: Names
    ) -> dict[str, dict[str, Given]]:
        result = {}
        for name, settings in self.architecture.variants.items():
            given = {}
            for key, raw in settings.items():
                path = ("variants", name, key)
                if key not in parameters:
                    self.problem(
                        "variant",
                        f"unknown parameter {key!r}.{did_you_mean(key, parameters)}",
                        path,
                        f"variant {name}",
                        key=True,
                    )
                given[key] = self.table_or_given(raw, path, names)
            result[name] = given
        return result


class RawTable(NamedTuple):
    """A table in a parameter: its cells are read where it is used."""

    table: Any
    path: Path


_ALL_WORDS = frozenset({"half", "same", "valid", "floor", "ceil", "nearest", "bilinear", "all"})


def _is_table(raw: Any) -> bool:
    if isinstance(raw, dict):
        return True
    return (
        len(raw) > 1
        and all(isinstance(row, list) for row in raw)
        and all(isinstance(head, str) for head in raw[0])
        and bool(raw[0])
    )


def table_columns(raw: Any) -> dict[str, Any]:
    """Return the columns of a table of either spelling: a list of cells each, or an expression.

    Raises: ExpressionError if it is neither spelling, or its rows or columns differ in length.
    """
    columns: dict[str, Any]
    if isinstance(raw, dict) and raw:
        columns = raw
        if not all(isinstance(values, (list, str)) for values in raw.values()):
            raise ExpressionError("a table by columns has a list under each column")
        lengths = {c: len(v) for c, v in raw.items() if isinstance(v, list)}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{column} {length}" for column, length in lengths.items())
            raise ExpressionError(f"the columns must be equally long. Received {found}")
    elif isinstance(raw, list) and raw and all(isinstance(row, list) for row in raw):
        head, *rows = raw
        for number, row in enumerate(rows, 1):
            if len(row) != len(head):
                raise ExpressionError(f"row {number} has {len(row)} cells for {len(head)} columns")
        if not all(isinstance(column, str) for column in head) or len(set(head)) < len(head):
            raise ExpressionError("each column has a name of its own, in the first row")
        columns = {column: [row[i] for row in rows] for i, column in enumerate(head)}
    else:
        raise ExpressionError("a table is a list of rows, the first its head, or lists by column")
    most = max((len(cells) for cells in columns.values() if isinstance(cells, list)), default=0)
    if most > MOST_ROWS:
        raise ExpressionError(f"a table has at most {MOST_ROWS:,} rows. Received {most:,}")
    return columns


def _names_in(item: Item, *, own_table: bool = False) -> Iterator[str]:
    """Yield every name that an item's expressions use, at any depth; its own table's apart."""
    givens = [*item.settings.values(), item.when, item.repeat, item.type]
    if isinstance(item.table, Given):
        givens.append(item.table)
    elif item.table is not None and own_table:
        givens.extend(item.table.cells())
    inner = [*item.children, *(item.then or ())]
    for when, items in item.branches:
        givens.append(when)
        inner.extend(items)
    for given in givens:
        if given is not None and given.expression is not None:
            yield from given.expression.names
    for child in inner:
        yield from _names_in(child, own_table=True)


def number_names(items: list[Item], *, inside: bool = False) -> None:
    """Give the elements of one scope their names: by type, numbered where several share it.

    Anonymous groups and branches add no scope: what they hold belongs to this one. `inside`:
    the one item is the scope itself.
    """
    shared: dict[str, list[tuple[Item, str]]] = {}
    for item, slot in _unnamed(items, inside):
        shared.setdefault(getattr(item, slot), []).append((item, slot))
    for stem, found in shared.items():
        mark = "_" if stem[-1:].isdigit() else ""
        for number, (item, slot) in enumerate(found, 1):
            if len(found) > 1:
                setattr(item, slot, f"{stem}{mark}{number}")


def _unnamed(items: list[Item], inside: bool) -> Iterator[tuple[Item, str]]:
    """Yield what a scope has to name, and the slot for it: elements, and nodes that merge."""
    for item in items:
        own = not inside and (item.name is not None or item.repeat is not None or item.table is not None)
        if item.kind != "type" and not own:
            yield from _unnamed(item.children, False)
            for _, branch in item.branches:
                yield from _unnamed(branch, False)
            if item.kind == "branches":
                yield item, "merge_name"
        if not inside and item.name is None and (item.kind == "type" or own or item.then):
            yield item, "stem"


@cache
def shipped_block(name: str) -> BlockPlan:
    """Return a block that every file can use; it takes nothing from the file."""
    holder = Architecture(name=name, input=1, layers=["identity"])
    compiler = Compiler(holder, None)
    compiler.shipped = True
    block = Block.model_validate(SHIPPED_BLOCKS[name])
    return compiler.compile_block(name, block, Names(frozenset()), ("blocks", name))


def compile(architecture: Architecture, tree: Tree | None = None) -> Plan:
    """Return the plan of an architecture.

    Raises: ArchitectureError with every problem of structure, names and syntax.
    """
    return Compiler(architecture, tree).run()
