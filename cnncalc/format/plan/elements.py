"""Elements of a file made ready to expand: types, settings, tables and names checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from cnncalc.errors import SettingsError, did_you_mean, nearest, received
from cnncalc.format import expressions
from cnncalc.format.architecture import Architecture, Branch, Element
from cnncalc.format.bounds import MAX_RANK
from cnncalc.format.expressions import ExpressionError
from cnncalc.format.messages import path_text
from cnncalc.format.plan import (
    BROKEN,
    BranchPlan,
    ElementPlan,
    Kind,
    KnownNames,
    LayerDefaults,
    Path,
    PlannedTable,
    PlannedValue,
    Site,
    defaults_of,
)
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.format.plan.naming import names_in, numbered, numbered_within
from cnncalc.format.plan.setting_words import field_words, words_of
from cnncalc.format.plan.values import COLUMN_SETTINGS, ValueCompiler
from cnncalc.layers import TYPES, layer_type, meant
from cnncalc.layers.base import AbstractLayer

if TYPE_CHECKING:
    from cnncalc.readers.tree import Tree

_OF_EVERY_ELEMENT = (*Element.model_fields, "from")


class ElementCompiler(ValueCompiler):
    """Compiles elements, collecting every problem on the way."""

    def __init__(self, architecture: Architecture, tree: Tree | None) -> None:
        super().__init__(architecture, tree)
        self.defaults: dict[str, LayerDefaults] = {}
        self.keyed: list[Site] = []  # the keys of elements that are written `conv: {…}`
        self.shares = False  # whether an element shares the learned values of another
        self.shipped = False  # compiling a shipped block: no defaults, no places

    def sequence(
        self, elements: Sequence[Element], path: Path, names: KnownNames
    ) -> tuple[ElementPlan, ...]:
        """Return the elements of a sequence; those without a name have no number yet."""
        return tuple(
            [self.element(element, (*path, i), names) for i, element in enumerate(elements)]
        )

    def element(self, element: Element, path: Path, names: KnownNames) -> ElementPlan:
        """Return one element, ready to expand."""
        word = element.type or element.merge or "group"
        subject = f"layer {element.name or word} ({word})" if element.name else f"layer {word}"
        site = Site(path, names, subject)
        kind = self._kind(element, site)
        if element.name is not None:
            self.check_name(element.name, site.at("name").path, subject)
        sources = self._sources(element, site)
        table, within = self._table(element, site)
        repeat = self._optional(element.repeat, within.at("repeat"))
        if element.repeat is not None or table:
            within = within.knowing(within.names.plus(["index"]))
        when = self._optional(element.when, within.at("when"))
        type_, settings = None, {}
        if element.type is not None:
            type_ = self._type(element, within)
            settings = self._settings(element, type_, within)
        else:
            self._unknown_fields(element, site)
        children: tuple[ElementPlan, ...] = ()
        branches: tuple[BranchPlan, ...] = ()
        if kind == "layers":
            children = self.sequence(element.layers or [], site.at("layers").path, within.names)
        elif kind == "branches":
            branches = self._branches(element.branches or [], within.at("branches"))
        then = None
        if element.then is not None:
            then = self.sequence(element.then, site.at("then").path, within.names)
        word = element.type or element.merge or "group"
        if element.shares is not None:
            self.shares, word = True, f"{element.shares.rpartition('.')[2]}_shared"
        plan = ElementPlan(
            kind=kind,
            path=path,
            name=element.name,
            word=word,
            stem=word,
            merge=element.merge or "",
            merge_name=element.merge or "",
            type=type_,
            settings=settings,
            children=children,
            branches=branches,
            sources=sources,
            when=when,
            repeat=repeat,
            table=table,
            then=then,
            shares=element.shares,
            also=self._also(element, within.at("also")),
            training=element.training,
            shipped=self.shipped,
        )
        if plan.is_scope:
            plan = numbered_within(plan)
        elif then is not None:
            plan = replace(plan, then=numbered(then))
        self._check_columns(plan, element, site)
        layer = self._layer(plan, element, site)
        return plan if layer is None else plan.with_layer(layer)

    def _kind(self, element: Element, site: Site) -> Kind:
        """Return which kind of element it is; note if it is none of them, or several."""
        kinds: list[Kind] = []
        if self._type_as_key(element) is not None:
            return "layers"
        if element.shares is not None:  # a type beside it is compared with the shared one
            kinds.append("shares")
        elif element.type is not None:
            kinds.append("type")
        if element.layers is not None:
            kinds.append("layers")
        if element.branches is not None:
            kinds.append("branches")
        if len(kinds) != 1:
            message = "an element has exactly one of type, layers, branches and shares. "
            message += f"Received {' and '.join(kinds) or 'none of them'}."
            self.problem("element", message, site.path, site.subject)
        kind = kinds[0] if kinds else "layers"
        if (element.merge is not None) != (kind == "branches"):
            message = "branches and merge (add, concat or multiply) go together."
            self.problem("merge", message, site.path, site.subject)
        return kind

    def _type_as_key(self, element: Element) -> str | None:
        """Return the key that is the type of an element without one, as in `conv: {…}`."""
        if any(getattr(element, kind) is not None for kind in get_args(Kind)):
            return None
        return next((key for key in element.settings if meant(key[:100], self.words)), None)

    def _unknown_fields(self, element: Element, site: Site) -> None:
        """Note each field of an element without a type; of `conv: {…}` once for all elements."""
        key = self._type_as_key(element)
        if key is not None:
            self.keyed.append(site.at(key))
            return
        for key, value in element.settings.items():
            self._unknown_field(key, value, _OF_EVERY_ELEMENT, site.at(key))

    def _sources(self, element: Element, site: Site) -> tuple[str, ...] | None:
        if element.from_ is None:
            return None
        sources = (element.from_,) if isinstance(element.from_, str) else tuple(element.from_)
        if not sources:
            message = "'from' names at least one element."
            self.problem("from", message, site.at("from").path, site.subject)
            return None
        return sources

    def _also(self, element: Element, site: Site) -> dict[str, tuple[PlannedValue, ...]]:
        """Return the shapes of the learned arrays beside the layer's own."""
        found, wrong = {}, ""
        for name, shape in (element.also or {}).items():
            here = site.at(name)
            if element.type is None or element.shares is not None:
                wrong = "'also' stands on a layer that is written out"
            elif not expressions.NAME.fullmatch(name):
                wrong = f"an array's name is letters, digits and _. Received {received(name)}"
            elif not isinstance(shape, list) or not 1 <= len(shape) <= MAX_RANK:
                wrong = f"{name} is a list of 1 to {MAX_RANK} lengths. Received {received(shape)}"
            else:
                found[name] = tuple([self.value(n, here.at(i)) for i, n in enumerate(shape)])
                continue
            self.problem("also", f"{wrong}.", here.path, site.subject)
        return found

    def _optional(self, raw: Any, site: Site) -> PlannedValue | None:
        return None if raw is None else self.value(raw, site)

    def _table(
        self, element: Element, site: Site
    ) -> tuple[PlannedTable | PlannedValue | None, Site]:
        """Return the table of an element, and its site where its columns are known."""
        raw, names = element.table, site.names
        if raw is None:
            return None, site
        here = site.at("table")
        if isinstance(raw, str):
            return self.value(raw, here), site.knowing(names.opened())
        try:
            table = self.table(raw, here)
        except ExpressionError as error:
            self.problem("table", f"{error}.", here.path, here.subject)
            return PlannedTable({}), site.knowing(names.opened())
        return table, site.knowing(names.plus(table.columns))

    def _branches(self, branches: Sequence[Branch], site: Site) -> tuple[BranchPlan, ...]:
        if not branches:
            self.problem("branches", "branches must have at least one branch.", site.path)
        result = []
        for i, branch in enumerate(branches):
            here = site.at(i).path
            is_list = "when" not in branch.model_fields_set and (
                self.tree is None or isinstance(self.raw(here), list)
            )
            when = self._optional(branch.when, Site((*here, "when"), site.names, path_text(here)))
            path = here if is_list else (*here, "layers")
            result.append(BranchPlan(when, self.sequence(branch.layers, path, site.names)))
        return tuple(result)

    def _type(self, element: Element, site: Site) -> PlannedValue:
        """Return the layer type or the block of an element, which may be an expression."""
        is_word = self.tree is not None and not isinstance(self.raw(site.path), dict)
        here = site if is_word else site.at("type")
        text, names = element.type or "", site.names
        # A word that nobody knows is no expression, and a number or a list is no type.
        words = all(expressions.NAME.fullmatch(word) for word in text.split("."))  # nn.Conv2d
        is_unknown = words or not text.isascii()
        found = PlannedValue(path=here.path, constant=BROKEN)
        if text in self.words or text in names.known or names.is_open or not is_unknown:
            found = self.value(text, here)
            is_unknown = found.is_constant and found.constant not in self.words
        if is_unknown:
            from cnncalc.layers.hints import type_hint

            hint = type_hint(text, element.settings.get)
            hint = hint or f".{self._hint(text, [*self.words, *names.known])}"
            message = f"unknown type {received(text)}{hint}"
            subject = f"layer {element.name}" if element.name else "layer"
            self.problem("unknown_type", message, here.path, subject)
            found = PlannedValue(path=here.path, constant=BROKEN)
        return found

    def _settings(
        self, element: Element, type_: PlannedValue, site: Site
    ) -> dict[str, PlannedValue]:
        """Return the settings of a layer, or the arguments of a block."""
        cls = _layer_class(type_)
        found = {}
        for key, raw in element.settings.items():
            words: frozenset[str] = frozenset()
            if cls is not None and key not in cls.model_fields:
                found[key] = self._quietly(raw, site.at(key))  # one problem is enough
                continue
            if cls is not None:
                words = field_words(cls, key)
            elif not type_.is_constant and _has_name(raw):  # else it cannot be one of the words
                words = words_of(key)
            found[key] = self.value(raw, site.at(key), words)
        return found

    def _quietly(self, raw: Any, site: Site) -> PlannedValue:
        """Return the value of a setting that no type has, without a problem if it is none."""
        try:
            return self._value(raw, site, frozenset())
        except ExpressionError:
            return PlannedValue(path=site.path, constant=BROKEN)

    def _fields(self, plan: ElementPlan) -> Collection[str] | None:
        """Return the settings that an element takes; None where its type is not known yet."""
        if plan.type is None:
            return ()
        if not plan.type.is_constant:
            return None
        cls = _layer_class(plan.type)
        return cls.model_fields if cls is not None else self._block_parameters(plan.type.constant)

    def _block_parameters(self, word: str) -> dict[str, Any]:
        if word in self.architecture.blocks:
            return self.architecture.blocks[word].parameters
        parameters: dict[str, Any] = SHIPPED_BLOCKS[word]["parameters"]
        return parameters

    def _check_columns(self, plan: ElementPlan, element: Element, site: Site) -> None:
        """Note each column of a table that nothing uses."""
        fields = self._fields(plan)
        if not isinstance(plan.table, PlannedTable) or fields is None:
            return
        used = set(names_in(plan))
        by_column = isinstance(element.table, dict)
        for column in plan.table.columns:
            if column not in used and column not in fields and column not in COLUMN_SETTINGS:
                hint = did_you_mean(column, fields)
                message = f"column {column!r} is neither used nor a setting.{hint}"
                path = site.at("table", column if by_column else 0).path
                self.problem("unused_column", message, path, site.subject, key=by_column)

    def _layer(self, plan: ElementPlan, element: Element, site: Site) -> AbstractLayer | None:
        """Check the settings of a type that is written out; return the layer if nothing varies."""
        if plan.kind == "branches" and plan.merge:
            return layer_type(plan.merge)()
        fields = self._fields(plan)
        if plan.type is None or fields is None:
            return None
        for key in plan.settings:
            if key not in fields:
                known = [*fields, *_OF_EVERY_ELEMENT]
                self._unknown_field(key, element.settings[key], known, site.at(key))
        if plan.shares is not None or isinstance(plan.table, PlannedValue):
            return None  # any column may be a setting
        cls = _layer_class(plan.type)
        if cls is None:
            self._check_arguments(plan, site)
            return None
        return self._fixed_layer(cls, plan, site)

    def _check_arguments(self, plan: ElementPlan, site: Site) -> None:
        """Note each argument that a block must be given and is not."""
        assert plan.type is not None
        word = str(plan.type.constant)
        columns = plan.table.columns if isinstance(plan.table, PlannedTable) else {}
        for name, default in self._block_parameters(word).items():
            if default is None and name not in plan.settings and name not in columns:
                message = f"argument {name!r} of block {word!r} is missing. Add it."
                self.problem("missing", message, site.path, site.subject)

    def _fixed_layer(
        self, cls: type[AbstractLayer], plan: ElementPlan, site: Site
    ) -> AbstractLayer | None:
        """Note each constant setting that is wrong; return the layer if all are constant."""
        fields = cls.model_fields
        columns = plan.table.columns if isinstance(plan.table, PlannedTable) else {}
        settings = dict(plan.settings)
        if not self.shipped:
            settings = {**defaults_of(cls.tag, self.defaults).settings, **settings}
        unknown = {key for key in plan.settings if key not in fields}
        misspelt = {near for key in unknown for near in nearest(key, fields, many=1)}
        varying = misspelt | {key for key, value in settings.items() if not value.is_constant}
        varying |= {key for key in columns if key in fields and key not in plan.settings}
        constant = {
            key: value.constant
            for key, value in settings.items()
            if key not in varying and key in fields
        }
        try:
            layer = cls(**constant)
        except SettingsError as error:
            for wrong in error.found:
                if wrong.field in varying or (wrong.field is None and varying):
                    continue
                path = settings[wrong.field].path if wrong.field in settings else site.path
                self.problem(wrong.code, wrong.message, path, site.subject)
            return None
        return None if varying else layer

    def _unknown_field(self, key: str, value: Any, known: Collection[str], site: Site) -> None:
        from cnncalc.layers.hints import setting_hint

        hint = setting_hint(key, value, known) or self._hint(key, known)
        message = f"unknown field {key!r}.{hint}"
        self.problem("unknown_field", message, site.path, site.subject, key=True)

    def _hint(self, key: str, known: Iterable[str]) -> str:
        return did_you_mean(key, known) or expressions.bracket_hint(key)


def _has_name(raw: Any) -> bool:
    """Return whether a value of the file is a name, or a list that has one.

    >>> _has_name("half"), _has_name([1, "w"]), _has_name("2 * w")
    (True, True, False)
    """
    if isinstance(raw, list):
        return any(map(_has_name, raw))
    return isinstance(raw, str) and expressions.NAME.fullmatch(raw) is not None


def _layer_class(type_: PlannedValue) -> type[AbstractLayer] | None:
    """Return the layer class of a type that is written out."""
    is_layer = type_.is_constant and type_.constant in TYPES
    return layer_type(type_.constant) if is_layer else None
