"""Elements of a file made ready to run: types, settings, tables, names checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnncalc.errors import did_you_mean, nearest, received
from cnncalc.format import expressions
from cnncalc.format.architecture import Architecture, Branch, Element
from cnncalc.format.expressions import ExpressionError
from cnncalc.format.plan import BROKEN, Given, Item, Names, Path, Table, TypeDefaults
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.format.plan.naming import names_in, number_names
from cnncalc.format.plan.setting_words import field_words, words_of
from cnncalc.format.plan.values import COLUMN_SETTINGS, Values
from cnncalc.format.pydantic_messages import path_text
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.base import AbstractLayer
from cnncalc.layers.setting_errors import SettingsError

if TYPE_CHECKING:
    from cnncalc.readers.tree import Tree


class Elements(Values):
    """Makes items of elements, collecting every problem on the way."""

    def __init__(self, architecture: Architecture, tree: Tree | None) -> None:
        super().__init__(architecture, tree)
        self.defaults = TypeDefaults()
        self.shipped = False  # compiling a shipped block: no defaults, no places

    def sequence(
        self, elements: list[Element], path: Path, names: Names, *, scope: bool
    ) -> list[Item]:
        """Return the items of a list of elements; `scope`: it is one, so number its names."""
        items = [self.element(element, (*path, i), names) for i, element in enumerate(elements)]
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
        known = [*self.words, *names.known]
        # A word that nobody knows is no expression, and a number or a list is no type.
        word = expressions.NAME.fullmatch(text) or not text.isascii() or not text
        found = Given(BROKEN, None, here)
        if text in self.words or text in names.known or names.is_open or not word:
            found = self.given(text, here, names, subject)
            constant = found.expression is None and found.value is not BROKEN
            word = constant and found.value not in self.words
        if word:
            self.problem(
                "unknown_type",
                f"unknown type {received(text)}.{self._hint(text, known)}",
                here,
                f"layer {element.name}" if element.name else "layer",
            )
            found = Given(BROKEN, None, here)
        item.type = found
        cls = self.static_class(item)
        for key, raw in element.settings.items():
            words: frozenset[str] = frozenset()
            if cls is not None and key in cls.model_fields:
                words = field_words(cls, key)
            elif found.expression is not None or found.value is BROKEN:
                bare = isinstance(raw, str) and raw.isalpha()  # else it is no word anyway
                words = words_of(key) if bare else words
            item.settings[key] = self.given(raw, (*path, key), names, subject, words)

    def _is_mapping(self, path: Path) -> bool:
        return self.tree is not None and isinstance(self.raw(path), dict)

    def static_class(self, item: Item) -> type[AbstractLayer] | None:
        """Return the layer class of an item whose type is written out."""
        if item.type is None or item.type.expression is not None:
            return None
        return layer_type(item.type.value) if item.type.value in TYPES else None

    def fields_of(self, item: Item) -> Iterable[str] | None:
        """Return the settings that an item's type takes, where that is known."""
        if item.kind != "type":
            return ()
        if item.type is None or item.type.expression is not None or item.type.value is BROKEN:
            return None
        word = str(item.type.value)
        if word in TYPES:
            return layer_type(word).model_fields
        raw = self.architecture.blocks.get(word)
        return raw.parameters if raw else SHIPPED_BLOCKS[word]["parameters"]

    def _columns_used(
        self, item: Item, element: Element, path: Path, names: Names, subject: str
    ) -> None:
        if not isinstance(item.table, Table):
            return
        fields = self.fields_of(item)
        if fields is None:
            return
        used = set(names_in(item))
        for column in item.table.columns:
            if column not in used and column not in fields and column not in COLUMN_SETTINGS:
                hint = did_you_mean(column, fields)
                self.problem(
                    "unused_column",
                    f"column {column!r} is neither used nor a setting.{hint}",
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
                hint = self._hint(key, [*fields, *Element.model_fields, "from"])
                self.problem(
                    "unknown_field",
                    f"unknown field {key!r}.{hint}",
                    (*path, key),
                    subject,
                    key=True,
                )
        columns = item.table.columns if isinstance(item.table, Table) else {}
        is_open = isinstance(item.table, Given)
        if word not in TYPES:
            raw = self.architecture.blocks.get(word)
            parameters = raw.parameters if raw else SHIPPED_BLOCKS[word]["parameters"]
            for name, default in parameters.items():
                if (
                    default is None
                    and name not in item.settings
                    and name not in columns
                    and not is_open
                ):
                    self.problem(
                        "missing",
                        f"argument {name!r} of block {word!r} is missing. Add it.",
                        path,
                        subject,
                    )
            return
        if is_open:
            return
        cls = layer_type(word)
        settings = dict(item.settings)
        if not self.shipped:
            for key, value in self.defaults[word].settings.items():
                settings.setdefault(key, value)
        unread = {key for key in item.settings if key not in fields}
        misspelt = {nearest(key, fields, many=1)[0] for key in unread if nearest(key, fields)}
        varying = (
            misspelt
            | {
                key
                for key, given in settings.items()
                if given.expression is not None or given.value is BROKEN
            }
            | {column for column in columns if column in fields and column not in item.settings}
        )
        constant = {
            key: value.value
            for key, value in settings.items()
            if key not in varying and key in fields
        }
        try:
            layer = cls(**constant)
            item.layer = None if varying else layer
        except SettingsError as error:
            for wrong in error.found:
                if wrong.field in varying or (wrong.field is None and varying):
                    continue
                where = settings[wrong.field].path if wrong.field in settings else path
                self.problem(wrong.code, wrong.message, where, subject)
        item.plain = (
            item.layer is not None
            and item.table is None
            and not (item.repeat or item.when or item.sources or item.training)
        )
