"""From a Plan to the flat Graph: one walk that carries the volume from layer to layer.

For an element: its table's rows, for each row its copies, for each copy `from`, `when`,
settings or arguments, content, followers. The methods below are in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.errors import ArchitectureError, LimitError, did_you_mean, received
from cnncalc.format.bounds import MAX_BLOCK_DEPTH, MAX_LAYERS, MAX_REPEATS
from cnncalc.format.expansion.building import At, Builder, Frame
from cnncalc.format.expansion.parameters import input_volume, settle
from cnncalc.format.expressions import ExpressionError, Word
from cnncalc.format.plan import BlockPlan, Given, Item, Names, Plan, RawTable, Table
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.format.plan.compilation import shipped_block
from cnncalc.format.plan.values import Values
from cnncalc.layers import TYPES, layer_type
from cnncalc.model.graph import Graph, Node, Use
from cnncalc.volume import Volume

Row = Mapping[str, Any]


def expand(
    plan: Plan,
    *,
    input: Volume | None = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    max_layers: int = MAX_LAYERS,
) -> Graph:
    """Return the flat graph of a plan, carrying the volume from layer to layer.

    Shapes: `input` takes the place of the file's own input volume.
    Raises: ArchitectureError, VolumeError or LimitError; the error's `graph` is what there
        was before the layer that failed.
    """
    given = dict(set or {})
    settings = ({"input": input} if input is not None else {}) | given
    walk = _Walk(plan, variant, settings, max_layers)
    walk.parameters = settle(plan, variant, given, walk)
    return walk.run(input)


class _Walk(Builder):
    def run(self, input: Volume | None) -> Graph:
        """Walk the plan once."""
        self._base = {**self.plan.words, **self.parameters}
        self._tables: dict[int, tuple[RawTable, Table]] = {}
        volume = input or input_volume(self.plan, self._base, self)
        self.check_volume(volume, ("input",), None, "INPUT")
        self.nodes.append(Node("INPUT", None, (), volume, -1, "", False, ("input",), None))
        self._base["input.channels"] = volume.channels
        frame = Frame((0,), self.plan.items, None, 0)
        self.defaults_at = At(frame, dict(self._base), ("",))
        try:
            self.sequence(self.plan.items, At(frame, dict(self._base), ("",)), 0)
        except RecursionError:
            message = "groups and blocks are nested too deeply."
            self.fail(message, ("layers",), kind=LimitError, code="limit")
        if len(self.nodes) == 1:
            self.fail("no layer is present.", ("layers",))
        return self.graph()

    def sequence(self, items: list[Item], at: At, current: int) -> int:
        """Run elements one after another; return the node that they end in."""
        for item in items:
            if not item.plain:
                current = self.element(item, at, current)
                continue
            path = at.prefixes[-1] + (item.name or item.stem)
            layer = item.layer
            assert layer is not None
            end = self.node(item, layer, path, (current,), at)
            if item.then is not None or self.plan.defaults[layer.tag].then:
                end = self.followers(item, layer.tag, at, path, end)
            self.register(path, end, item, at)
            current = end
        return current

    def element(self, item: Item, at: At, current: int) -> int:
        """Run one element; return the node from which the sequence goes on."""
        self.visit(item, at)
        if not item.training:
            return self.rows(item, at, current)
        around, self.training = self.training, True
        self.rows(item, at, current)
        self.training = around
        return current

    def rows(self, item: Item, at: At, current: int) -> int:
        """Run an element once for each row of its table, chained."""
        name = item.name or item.stem
        if item.table is None:
            return self.copies(item, at, current, {}, name, None)
        entering = self.sources(item.sources, at, current, item)[0]
        at.scope["channels"] = self.nodes[entering].output.channels
        columns = self.columns(item, at)
        count = len(next(iter(columns.values()), ()))
        names = columns.get("name") if item.name is None else None
        if names is not None:
            for i in range(count):
                current = self.row(item, at, current, columns, i, names[i], None)
            return current
        name, path = name or "group", at.prefixes[-1] + (name or "group")
        around = self.open(path, copies=count)
        for i in range(count):
            current = self.row(item, at, current, columns, i, f"{name}.{i}", i)
        self.close(around)
        self.register(path, current, item, at)
        return current

    def row(
        self,
        item: Item,
        at: At,
        current: int,
        columns: Mapping[str, tuple[Any, ...]],
        number: int,
        name: str,
        index: int | None,
    ) -> int:
        """Run one row of a table."""
        self.visit(item, at)
        row = {column: values[number] for column, values in columns.items()}
        return self.copies(item, at.within({**row, "index": number}), current, row, name, index)

    def columns(self, item: Item, at: At) -> dict[str, tuple[Any, ...]]:
        """Return the evaluated columns of an element's table."""
        table, use = item.table, at.frame.use
        subject = f"table of {item.name or item.stem or 'group'}"
        if isinstance(table, Given):
            raw = self.value(table, at.scope, subject, use)
            if not isinstance(raw, RawTable):
                message = "a table is a list of rows, or lists by column."
                self.fail(f"{message} Received {received(raw)}.", table.path, use, subject)
            table = self.read_table(raw, item, use)
        assert isinstance(table, Table)
        columns: dict[str, tuple[Any, ...]] = {}
        for name, cells in table.columns.items():
            if isinstance(cells, Given):
                columns[name] = self.value(cells, at.scope, subject, use)
                if not isinstance(columns[name], tuple):
                    message = f"column {name!r} must be a list. Received {received(columns[name])}."
                    self.fail(message, cells.path, use, subject)
            else:
                columns[name] = tuple([self.value(cell, at.scope, subject, use) for cell in cells])
        if len(set(map(len, columns.values()))) > 1:
            found = ", ".join(f"{name} {len(values)}" for name, values in columns.items())
            message = f"the columns must be equally long. Received {found}."
            self.fail(message, (*item.path, "table"), use, subject)
        return columns

    def read_table(self, raw: RawTable, item: Item, use: Use | None) -> Table:
        """Return a parameter's table, read where it is used, once."""
        known = self._tables.get(id(item))
        if known is None or known[0] is not raw:
            values = Values(self.plan.architecture, self.plan.tree)
            try:
                table = values.rows(raw.table, raw.path, Names(frozenset(), True), "table")
            except ExpressionError as error:
                self.fail(f"{error}.", raw.path, use, "table")
            if values.problems:
                failure = ArchitectureError(values.problems)
                failure.graph = self.graph()
                raise failure
            known = self._tables[id(item)] = (raw, table)
        return known[1]

    def copies(
        self, item: Item, at: At, current: int, row: Row, name: str, index: int | None
    ) -> int:
        """Run an element, or its copies, for one row of its table (or for none).

        `index` is the row's number, where rows are told apart by it.
        """
        names = item.sources if item.sources is not None else row.get("from")
        sources = self.sources(names, at, current, item)
        if item.repeat is None and "repeat" not in row:
            return self.copy(item, at, current, sources, row, name, index)
        times, where = row.get("repeat"), item.path
        if item.repeat is not None:
            at.scope["channels"] = self.nodes[sources[0]].output.channels
            times = self.value(item.repeat, at.scope, name, at.frame.use)
            where = item.repeat.path
        if type(times) is not int or not 0 <= times <= MAX_REPEATS:
            message = f"repeat is a whole number from 0 to {MAX_REPEATS:,}."
            self.fail(f"{message} Received {received(times)}.", where, at.frame.use, name)
        path = at.prefixes[-1] + name
        if not times:
            self.register(path, current, item, at)
            return current
        around = self.open(path, index=index, copies=times)
        inner = at.within({})
        for i in range(times):
            self.visit(item, at)
            inner.scope["index"] = i
            current = self.copy(item, inner, current, sources, row, f"{name}.{i}", i)
            sources = (current,)
        self.close(around)
        self.register(path, current, item, at)
        return current

    def copy(
        self,
        item: Item,
        at: At,
        current: int,
        sources: tuple[int, ...],
        row: Row,
        name: str,
        index: int | None,
    ) -> int:
        """Run one copy of an element, if it is present: content, then followers."""
        at.scope["channels"] = self.nodes[sources[0]].output.channels
        if item.when is not None:
            when = self.value(item.when, at.scope, name, at.frame.use)
            if not self.truth(when, item.when.path, at, name):
                return current
        elif "when" in row and not self.truth(row["when"], item.path, at, name):
            return current
        path, word = at.prefixes[-1] + name, ""
        scoped = item.name is not None or item.repeat is not None or item.table is not None
        if item.type is not None:
            word = self.word(item, at, name)
            if word in TYPES:
                layer = self.layer(item, word, at, row, path)
                end = self.node(item, layer, path, sources, at)
            else:
                end = self.block(item, word, at, sources, row, path, index)
        else:
            if len(sources) > 1:
                message = "a group takes one input; its elements can take several."
                self.fail(message, (*item.path, "from"), at.frame.use, name)
            inner = at.within({})
            if scoped:
                around = self.open(path, index=index)
                inner = inner.under(path)
            end = self.content(item, inner, sources)
            if scoped:
                self.close(around)
        if item.then is not None or self.plan.defaults[word].then:
            end = self.followers(item, word, at, path, end)
        if scoped or item.type is not None:
            self.register(path, end, item, at)
        return end

    def word(self, item: Item, at: At, name: str) -> str:
        """Return the layer type or block that an element names."""
        assert item.type is not None
        word = self.value(item.type, at.scope, f"layer {name}", at.frame.use)
        if not isinstance(word, Word):
            message = f"type must be a layer type or a block. Received {received(word)}."
            self.fail(message, item.type.path, at.frame.use, f"layer {name}")
        return word

    def content(self, item: Item, at: At, sources: tuple[int, ...]) -> int:
        """Run a group's sequence, or its branches."""
        if item.kind == "branches":
            return self.branches(item, at, sources[0])
        return self.sequence(item.children, at, sources[0])

    def branches(self, item: Item, at: At, fork: int) -> int:
        """Run branches from one fork, and merge what they end in."""
        rail = self.rail
        ends = []
        for when, items in item.branches:
            at.scope["channels"] = self.nodes[fork].output.channels
            if when is not None:
                present = self.value(when, at.scope, item.merge, at.frame.use)
                if not self.truth(present, when.path, at, item.merge):
                    continue
            self.rail = "fork"
            ends.append(self.sequence(items, at.within({}), fork))
        if not ends:
            self.fail("no branch is present.", item.path, at.frame.use, item.merge)
        if len(ends) == 1:
            self.rail = rail
            return ends[0]
        self.rail = "merge"
        path = at.prefixes[-1] + item.merge_name
        if item.layer is None:
            item.layer = layer_type(item.merge)()
        end = self.node(item, item.layer, path, tuple(ends), at)
        self.register(path, end, item, at)
        self.rail = "branch" if rail else ""
        return end

    def followers(self, item: Item, word: str, at: At, path: str, end: int) -> int:
        """Run what follows an element's output and belongs to it."""
        if item.then is not None:
            return self.sequence(item.then, at.under(path), end)
        then = self.plan.defaults[word].then
        if item.uses_shipped or not then:
            return end
        frame = Frame((end,), then, at.frame.use, at.frame.depth)
        return self.sequence(then, At(frame, self.defaults_at.scope, (path + ".",)), end)

    def block(
        self,
        item: Item,
        word: str,
        at: At,
        sources: tuple[int, ...],
        row: Row,
        path: str,
        index: int | None,
    ) -> int:
        """Run a block's body with its arguments; return the node that it ends in."""
        plan = shipped_block(word) if word in SHIPPED_BLOCKS else self.plan.blocks[word]
        if at.frame.depth >= MAX_BLOCK_DEPTH:
            message = f"blocks are nested more than {MAX_BLOCK_DEPTH} deep. Does one use itself?"
            self.fail(message, item.path, subject=word, kind=LimitError, code="limit")
        use = Use(at.frame.use, item.path, path, self.nodes[sources[0]].output)
        scope = dict(self.plan.words if plan.shipped else self._base)
        scope["channels"] = scope["input.channels"] = use.volume.channels
        arguments = self.arguments(item, plan, at, row, scope, use)
        frame = Frame(sources, [plan.body], use, at.frame.depth + 1)
        around = self.open(path, type=word, arguments=arguments, index=index)
        end = self.content(plan.body, At(frame, scope, (path + ".",)), sources)
        self.close(around)
        return end

    def arguments(
        self, item: Item, plan: BlockPlan, at: At, row: Row, scope: dict[str, Any], use: Use
    ) -> tuple[tuple[str, Any], ...]:
        """Put a block's parameters into its scope; return those that are not the defaults."""
        subject = f"{use.path} ({plan.name})"
        for name in item.settings:
            if name not in plan.parameters:
                hint = did_you_mean(name, plan.parameters)
                message = f"unknown argument {name!r}.{hint}"
                self.fail(message, item.settings[name].path, at.frame.use, subject)
        given = []
        for name, default in plan.parameters.items():
            if name in item.settings:
                value = self.value(item.settings[name], at.scope, subject, at.frame.use)
            elif name in row:
                value = row[name]
            elif default is None:
                message = f"argument {name!r} is missing. Add it."
                self.fail(message, item.path, at.frame.use, subject)
            else:
                scope[name] = self.value(default, scope, subject, use)
                continue
            scope[name] = value
            if default is None or default.expression is not None or default.value != value:
                given.append((name, value))
        return tuple(given)
