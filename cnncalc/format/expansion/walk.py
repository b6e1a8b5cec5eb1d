"""From a Plan to the flat Graph: one walk that carries the volume from layer to layer.

For an element: its table's rows, for each row its copies, for each copy `from`, `when`,
settings or arguments, content, followers. The methods below are in this order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from cnncalc.errors import (
    ArchitectureError,
    CnncalcError,
    LimitError,
    Place,
    Problem,
    did_you_mean,
    received,
)
from cnncalc.format.bounds import MAX_BLOCK_DEPTH, MAX_LAYERS, MAX_REPEATS
from cnncalc.format.expansion.entering import channels_first, completed, is_channels_first
from cnncalc.format.expansion.parameters import input_volume, settle, variant_of
from cnncalc.format.expansion.position import Copy, Frame, Position
from cnncalc.format.expansion.sharing import Sharing
from cnncalc.format.expansion.size import LeastSize
from cnncalc.format.expressions import ExpressionError
from cnncalc.format.plan import (
    BlockPlan,
    ElementPlan,
    KnownNames,
    Plan,
    PlannedTable,
    PlannedValue,
    RawTable,
    Site,
    defaults_of,
)
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.format.plan.compilation import shipped_block
from cnncalc.format.plan.naming import used_with
from cnncalc.format.plan.values import ValueCompiler
from cnncalc.layers import TYPES
from cnncalc.model.graph import Graph, Node, Note, Use
from cnncalc.volume import Volume

SHOWN_HIDDEN = 100  # names in the note of hidden names


def expand(
    plan: Plan,
    *,
    input: Volume | None = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    max_layers: int = MAX_LAYERS,
    brief: bool = False,
) -> Graph:
    """Return the flat graph of a plan, carrying the volume from layer to layer.

    Shapes: `input` takes the place of the file's own input volume, whose channels it takes if
        it has two extents alone.
    Raises: ArchitectureError, VolumeError or LimitError; the error's `graph` is what there
        was before the layer that failed. `brief`: what only people read is left out.
    """
    given = dict(set or {})

    # Not a function made here: an error carries its graph, and both can be pickled.
    again = partial(_expand_at, plan, variant, given, max_layers)
    walk = _Walk(plan, variant, given, max_layers=max_layers, again=again, brief=brief)
    walk.parameters = settle(plan, variant, given, walk)
    if variant is None and not brief:
        walk.variant_taken = variant_of(plan, walk.parameters, walk)
    return walk.run(input)


def _expand_at(
    plan: Plan, variant: str | None, given: Mapping[str, Any], max_layers: int, volume: Volume
) -> Graph:
    """Return the graph of a plan at another input."""
    return expand(plan, input=volume, variant=variant, set=given, max_layers=max_layers, brief=True)


class _Walk(Sharing):
    def run(self, input: Volume | None) -> Graph:
        """Return the graph, walking the plan once."""
        self._base = {**self.plan.words, **self.parameters}
        self._tables: dict[int, tuple[RawTable, PlannedTable]] = {}
        self._used: dict[tuple[str, int], tuple[BlockPlan, ElementPlan]] = {}
        own = volume = input_volume(self.plan, self._base, self)
        if input is not None:
            volume = completed(input, own)
            self.settings = {"input": volume, **self.settings}
        self.check_volume(volume, ("input",), None, "INPUT")
        entry = Node(
            path="INPUT",
            layer=None,
            inputs=(),
            output=volume,
            group=-1,
            rail="",
            training=False,
            where=("input",),
            use=None,
        )
        self.nodes.append(entry)
        self._base["input.channels"] = volume.channels
        frame = Frame(inputs=(0,), elements=self.plan.elements)
        self.defaults_at = Position(frame, dict(self._base), ("",))
        try:
            self.layers(Position(frame, dict(self._base), ("",)))
        except CnncalcError as error:
            if not self.brief and is_channels_first(volume, own, self.first_kernel):
                place = self.plan.place(("input",)) if input is None else Place()
                message = channels_first(volume)
                error.led_by(Problem("channels_first", message, "input", place))
            raise
        if not self.brief and is_channels_first(volume, own, self.first_kernel):
            self.notes = (Note("channels_first", {"input": volume.shape}),)
        if self.paths.hidden and not self.brief:
            pairs = tuple(islice(self.paths.hidden.items(), SHOWN_HIDDEN))
            self.notes = (*self.notes, Note("hidden_name", {"names": pairs}))
        return self.graph()

    def layers(self, at: Position) -> None:
        """Run the file's elements. Raises: CnncalcError, as all that the walk refuses is."""
        try:
            self.refuse_too_large(LeastSize(self.plan, at.scope))
            self.sequence(self.plan.elements, at, 0)
        except RecursionError:
            message = "groups and blocks are nested too deeply."
            self.fail(message, ("layers",), kind=LimitError, code="limit")
        if len(self.nodes) == 1:
            self.fail("no layer is present.", ("layers",))

    def sequence(self, elements: Sequence[ElementPlan], at: Position, current: int) -> int:
        """Expand elements one after another; return the node that they end in."""
        for element in elements:
            layer = element.layer
            if layer is None or not element.is_bare:
                current = self.element(element, at, current)
                continue
            path, first = at.prefixes[-1] + (element.name or element.stem), len(self.nodes)
            current = self.node(element, at, path=path, layer=layer, sources=(current,))
            if element.then is not None or defaults_of(layer.tag, self.plan.defaults).then:
                current = self.followers(element, at, layer.tag, path=path, end=current)
            self.register(element, at, path, current)
            if self.plan.shares:
                name = element.name or element.stem
                bare = Copy(element=element, position=at, row={}, name=name, index=None)
                self.remember(bare, self._copy_again, layer.tag, (first, first + 1))
        return current

    def element(self, element: ElementPlan, at: Position, current: int) -> int:
        """Expand one element; return the node from which the sequence goes on."""
        self.count_copy(element, at.frame.use)
        if not element.training:
            return self.rows(element, at, current)
        around, self.training = self.training, True
        self.rows(element, at, current)
        self.training = around
        return current

    def rows(self, element: ElementPlan, at: Position, current: int) -> int:
        """Expand an element once for each row of its table, one after another."""
        name = element.name or element.stem
        if element.table is None:
            only = Copy(element=element, position=at, row={}, name=name, index=None)
            return self.repeats(only, current)
        entering = self.sources(element.sources, element, at, current)[0]
        at.scope["channels"] = self.nodes[entering].output.channels
        columns = self.columns(element, at)
        count = len(next(iter(columns.values()), ()))
        names = columns.get("name") if element.name is None else None
        if names is not None:
            for i in range(count):
                row = self.row(element, at, columns, i)
                current = self.repeats(row, current)
            return current
        name = name or "group"
        path = at.prefixes[-1] + name
        around, first = self.open(path, copies=count), len(self.nodes)
        for i in range(count):
            current = self.repeats(self.row(element, at, columns, i), current)
        self.close(around)
        self.register(element, at, path, current)
        if self.plan.shares:
            whole = Copy(element=element, position=at, row={}, name=name, index=None)
            self.remember(whole, self._rows_again, "", (first, len(self.nodes)))
        return current

    def _rows_again(self, copy: Copy, sources: tuple[int, ...]) -> int:
        self.take_one(copy, sources)
        return self.rows(replace(copy.element, name=copy.name), copy.position, sources[0])

    def row(
        self,
        element: ElementPlan,
        at: Position,
        columns: Mapping[str, tuple[Any, ...]],
        number: int,
    ) -> Copy:
        """Return the copy of an element for one row of its table.

        Rows without a column of names are told apart by their numbers.
        """
        self.count_copy(element, at.frame.use)
        row = {column: values[number] for column, values in columns.items()}
        position = at.within({**row, "index": number})
        if element.name is None and "name" in row:
            return Copy(element=element, position=position, row=row, name=row["name"], index=None)
        name = f"{element.name or element.stem or 'group'}.{number}"
        return Copy(element=element, position=position, row=row, name=name, index=number)

    def columns(self, element: ElementPlan, at: Position) -> dict[str, tuple[Any, ...]]:
        """Return the evaluated columns of an element's table."""
        table, use = element.table, at.frame.use
        subject = f"table of {element.name or element.stem or 'group'}"
        if isinstance(table, PlannedValue):
            raw = self.value(table, at.scope, subject, use)
            if not isinstance(raw, RawTable):
                message = "a table is a list of rows, or lists by column."
                self.fail(f"{message} Received {received(raw)}.", table.path, use, subject)
            table = self.read_table(raw, element, use)
        assert table is not None
        columns: dict[str, tuple[Any, ...]] = {}
        for name, cells in table.columns.items():
            if isinstance(cells, PlannedValue):
                columns[name] = self.value(cells, at.scope, subject, use)
                if not isinstance(columns[name], tuple):
                    message = f"column {name!r} must be a list. Received {received(columns[name])}."
                    self.fail(message, cells.path, use, subject)
            else:
                columns[name] = tuple([self.value(cell, at.scope, subject, use) for cell in cells])
        if len(set(map(len, columns.values()))) > 1:
            found = ", ".join(f"{name} {len(values)}" for name, values in columns.items())
            message = f"the columns must be equally long. Received {found}."
            self.fail(message, (*element.path, "table"), use, subject)
        return columns

    def read_table(self, raw: RawTable, element: ElementPlan, use: Use | None) -> PlannedTable:
        """Return a parameter's table, read where it is used, once."""
        known = self._tables.get(id(element))
        if known is None or known[0] is not raw:
            compiler = ValueCompiler(self.plan.architecture, self.plan.tree)
            site = Site(raw.path, KnownNames().opened(), "table")
            try:
                table = compiler.table(raw.table, site)
            except ExpressionError as error:
                self.fail(f"{error}.", raw.path, use, "table")
            if compiler.problems:
                failure = ArchitectureError(compiler.problems)
                failure.graph = self.graph()
                raise failure
            known = self._tables[id(element)] = (raw, table)
        return known[1]

    def repeats(self, copy: Copy, current: int) -> int:
        """Expand an element, or its repeats, for one row of its table (or for none)."""
        element, at, name, first = copy.element, copy.position, copy.name, len(self.nodes)
        names = element.sources if element.sources is not None else copy.row.get("from")
        sources = self.sources(names, element, at, current)
        if element.repeat is None and "repeat" not in copy.row:
            return self.copy(copy, sources, current)
        times, where = copy.row.get("repeat"), element.path
        if element.repeat is not None:
            at.scope["channels"] = self.nodes[sources[0]].output.channels
            times = self.value(element.repeat, at.scope, name, at.frame.use)
            where = element.repeat.path
        if type(times) is not int or not 0 <= times <= MAX_REPEATS:
            message = f"repeat is a whole number from 0 to {MAX_REPEATS:,}."
            self.fail(f"{message} Received {received(times)}.", where, at.frame.use, name)
        if times:
            around = self.open(copy.path, index=copy.index, copies=times)
            inner = at.within({})
            for i in range(times):
                self.count_copy(element, at.frame.use)
                inner.scope["index"] = i
                repeat = Copy(
                    element=element, position=inner, row=copy.row, name=f"{name}.{i}", index=i
                )
                current = self.copy(repeat, sources, current)
                sources = (current,)
            self.close(around)
        self.register(element, at, copy.path, current)
        self.remember(copy, self._repeats_again, "", (first, len(self.nodes)))
        return current

    def _repeats_again(self, copy: Copy, sources: tuple[int, ...]) -> int:
        self.take_one(copy, sources)
        return self.repeats(copy, sources[0])

    def take_one(self, copy: Copy, sources: tuple[int, ...]) -> None:
        """Refuse a group, or repeats, of several inputs."""
        if len(sources) > 1:
            message = "a group takes one input; its elements can take several."
            where, use = (*copy.element.path, "from"), copy.position.frame.use
            self.fail(message, where, use, copy.name)

    def copy(self, copy: Copy, sources: tuple[int, ...], current: int) -> int:
        """Expand one copy of an element, if it is present: content, then followers."""
        element, at, name = copy.element, copy.position, copy.name
        use = at.frame.use
        at.scope["channels"] = self.nodes[sources[0]].output.channels
        if element.when is not None:
            when = self.value(element.when, at.scope, name, use)
            if not self.truth(when, element.when.path, use, name):
                return current
        elif "when" in copy.row and not self.truth(copy.row["when"], element.path, use, name):
            return current
        if element.shares is not None:
            end, word = self.share(copy, sources)
            if element.then is not None:
                end = self.followers(element, at, word, path=copy.path, end=end)
                self.paths.ends[copy.path] = end
            return end
        path, word, first = copy.path, "", len(self.nodes)
        if element.type is not None:
            word = self.word(element.type, at, name)
            if word in TYPES:
                layer = self.layer(copy, word)
                end = self.node(element, at, path=path, layer=layer, sources=sources)
            else:
                block, element = self.block_plan(word, element)
                end = self.block(copy, block, sources)
        else:
            self.take_one(copy, sources)
            inner = at.within({})
            if element.is_scope:
                around = self.open(path, index=copy.index)
                end = self.content(element, inner.under(path), sources[0])
                self.close(around)
            else:
                end = self.content(element, inner, sources[0])
        own = first, len(self.nodes)
        if element.then is not None or defaults_of(word, self.plan.defaults).then:
            end = self.followers(element, at, word, path=path, end=end)
        if element.is_scope or element.type is not None:
            self.register(element, at, path, end)
            self.remember(copy, self._copy_again, word, own)
        return end

    def _copy_again(self, copy: Copy, sources: tuple[int, ...]) -> int:
        return self.copy(copy, sources, sources[0])

    def content(self, element: ElementPlan, at: Position, entering: int) -> int:
        """Expand a sequence, or branches; return the node that they end in."""
        if element.kind == "branches":
            return self.branches(element, at, entering)
        return self.sequence(element.children, at, entering)

    def branches(self, element: ElementPlan, at: Position, fork: int) -> int:
        """Expand branches from one fork, and merge what they end in."""
        rail = self.rail
        ends = []
        for branch in element.branches:
            at.scope["channels"] = self.nodes[fork].output.channels
            if branch.when is not None:
                present = self.value(branch.when, at.scope, element.merge, at.frame.use)
                if not self.truth(present, branch.when.path, at.frame.use, element.merge):
                    continue
            self.rail = "fork"
            ends.append(self.sequence(branch.children, at.within({}), fork))
        if not ends:
            self.fail("no branch is present.", element.path, at.frame.use, element.merge)
        if len(ends) == 1:
            self.rail = rail
            return ends[0]
        self.rail = "merge"
        path = at.prefixes[-1] + element.merge_name
        assert element.layer is not None
        end = self.node(element, at, path=path, layer=element.layer, sources=tuple(ends))
        self.register(element, at, path, end)
        self.rail = "branch" if rail else ""
        return end

    def followers(
        self, element: ElementPlan, at: Position, word: str, *, path: str, end: int
    ) -> int:
        """Expand what follows an element's output and belongs to it."""
        if element.then is not None:
            return self.sequence(element.then, at.under(path), end)
        then = defaults_of(word, self.plan.defaults).then
        if element.shipped or not then:
            return end
        frame = Frame(inputs=(end,), elements=then, use=at.frame.use, depth=at.frame.depth)
        return self.sequence(then, Position(frame, self.defaults_at.scope, (f"{path}.",)), end)

    def block_plan(self, word: str, use: ElementPlan) -> tuple[BlockPlan, ElementPlan]:
        """Return the block of a name and the element that uses it, which share a scope."""
        block = shipped_block(word) if word in SHIPPED_BLOCKS else self.plan.blocks[word]
        if use.then is None:
            return block, use
        key = word, id(use)
        if key not in self._used:
            self._used[key] = used_with(block, use)
        return self._used[key]

    def block(self, copy: Copy, plan: BlockPlan, sources: tuple[int, ...]) -> int:
        """Expand a block's body with its arguments; return the node that it ends in."""
        element, outside, word = copy.element, copy.position.frame, plan.name
        if outside.depth >= MAX_BLOCK_DEPTH:
            message = f"blocks are nested more than {MAX_BLOCK_DEPTH} deep. Does one use itself?"
            self.fail(message, element.path, subject=word, kind=LimitError, code="limit")
        path, volume = copy.path, self.nodes[sources[0]].output
        use = Use(around=outside.use, where=element.path, path=path, volume=volume)
        scope = dict(self.plan.words if plan.shipped else self._base)
        scope["channels"] = scope["input.channels"] = volume.channels
        arguments = self.arguments(copy, plan, use, scope)
        frame = Frame(
            inputs=sources,
            elements=(plan.body,),
            renumbered=plan.renumbered,
            use=use,
            depth=outside.depth + 1,
        )
        around = self.open(path, type=word, arguments=arguments, index=copy.index)
        end = self.content(plan.body, Position(frame, scope, (f"{path}.",)), sources[0])
        self.close(around)
        return end

    def arguments(
        self, copy: Copy, plan: BlockPlan, use: Use, scope: dict[str, Any]
    ) -> tuple[tuple[str, Any], ...]:
        """Bind a block's parameters in its scope; return those that are not the defaults."""
        element, at = copy.element, copy.position
        subject = f"{use.path} ({plan.name})"
        for name, value in element.settings.items():
            if name not in plan.parameters:
                message = f"unknown argument {name!r}.{did_you_mean(name, plan.parameters)}"
                self.fail(message, value.path, at.frame.use, subject)
        arguments = []
        for name, default in plan.parameters.items():
            if name in element.settings:
                argument = self.value(element.settings[name], at.scope, subject, at.frame.use)
            elif name in copy.row:
                argument = copy.row[name]
            elif default is None:
                message = f"argument {name!r} is missing. Add it."
                self.fail(message, element.path, at.frame.use, subject)
            else:
                scope[name] = self.value(default, scope, subject, use)
                continue
            scope[name] = argument
            if default is None or not default.is_constant or default.constant != argument:
                arguments.append((name, argument))
        return tuple(arguments)
