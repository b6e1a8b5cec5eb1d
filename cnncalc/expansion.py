"""From a Plan to the flat Graph: one walk that carries the volume from layer to layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from cnncalc.architecture import path_text, received
from cnncalc.blocks import SHIPPED_BLOCKS
from cnncalc.compilation import Compiler, shipped_block
from cnncalc.errors import (
    ArchitectureError,
    CnncalcError,
    LimitError,
    Problem,
    VolumeError,
    did_you_mean,
)
from cnncalc.expressions import ExpressionError, Word
from cnncalc.graph import Graph, Group, Node, Use
from cnncalc.layers import TYPES, layer_type
from cnncalc.parameters import input_volume, settle
from cnncalc.paths import FromError, Paths
from cnncalc.plan import BlockPlan, Defaults, Given, Item, Names, Path, Plan, RawTable, Table
from cnncalc.settings import SettingsError, build
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer

MOST_LAYERS = 100_000
MOST_REPEATS = 10_000
MOST_VISITS = 1_000_000
DEEPEST_BLOCK = 64
MOST_VALUES = 2**63 - 1  # in one volume

Scope = dict[str, Any]


class _Frame:
    """One use of a block, or the file itself: what `from`, `input` and names refer to."""

    __slots__ = ("depth", "inputs", "items", "use")

    def __init__(
        self, inputs: tuple[int, ...], items: list[Item], use: Use | None, depth: int
    ) -> None:
        self.inputs, self.items, self.use, self.depth = inputs, items, use, depth


def expand(
    plan: Plan,
    *,
    input: Volume | None = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    max_layers: int = MOST_LAYERS,
) -> Graph:
    """Return the flat graph of a plan, carrying the volume from layer to layer.

    Shapes: `input` takes the place of the file's own input volume.
    Raises: ArchitectureError, VolumeError or LimitError; the error's `graph` is what there
        was before the layer that failed.
    """
    return _Expander(plan, input, variant, dict(set or {}), max_layers).run()


class _Expander:
    def __init__(
        self,
        plan: Plan,
        input: Volume | None,
        variant: str | None,
        set: dict[str, Any],
        max_layers: int,
    ) -> None:
        self.plan, self.input, self.variant, self.set = plan, input, variant, set
        self.max_layers = max_layers
        self.nodes: list[Node] = []
        self.groups: list[list[Any]] = []
        self.paths = Paths()
        self.group = -1
        self.rail = ""
        self.training = False
        self.visits = 0
        self.parameters: Scope = {}
        self.layers: dict[Any, AbstractLayer] = {}
        self.volumes: dict[Any, Volume] = {}
        self.tables: dict[int, tuple[Any, Table]] = {}
        self.merges: dict[str, AbstractLayer] = {}

    # --- errors -------------------------------------------------------------------------------

    def fail(
        self,
        message: str,
        where: Path,
        use: Use | None = None,
        subject: str = "",
        *,
        kind: type[CnncalcError] = ArchitectureError,
        code: str = "expand",
        details: tuple[str, ...] = (),
    ) -> NoReturn:
        """Raise the error of one problem, with the uses of the blocks that lead to it."""
        place = self.plan.place(where)
        lines = list(details)
        around = use
        while around is not None and len(lines) < 12:
            at = str(self.plan.place(around.where)) or path_text(around.where)
            lines.append(f"used at {at} ({around.path}), input {around.volume}")
            around = around.around
        source = self.plan.tree.line(place.line) if self.plan.tree and place.line else None
        error = kind(
            Problem(code, message, subject or path_text(where), place, tuple(lines), source)
        )
        error.graph = self.graph()
        raise error from None

    def value(
        self, given: Given, scope: Mapping[str, Any], subject: str = "", use: Use | None = None
    ) -> Any:
        """Return what an expression comes to, its error placed."""
        if given.expression is None:
            return given.value
        try:
            return given.expression.evaluate(scope)
        except ExpressionError as error:
            text = str(error)
            if text.startswith("unknown name"):
                name = text.split("'")[1]
                text += did_you_mean(name, scope)
            self.fail(text + ("" if text[-1] in ".?" else "."), given.path, use, subject)

    # --- the file -----------------------------------------------------------------------------

    def graph(self) -> Graph:
        """Return what there is so far."""
        settings = ({"input": self.input} if self.input is not None else {}) | self.set
        groups = [Group(*group) for group in self.groups]
        return Graph(self.plan, self.nodes, groups, self.variant, self.parameters, settings)

    def run(self) -> Graph:
        """Walk the plan once."""
        self.parameters = settle(self.plan, self.variant, self.set, self)
        self.base: Scope = {**self.plan.words, **self.parameters}
        volume = self.input or input_volume(self.plan, self.base, self)
        self.check_volume(volume, ("input",), None, "INPUT")
        self.nodes.append(Node("INPUT", None, (), volume, -1, "", False, ("input",), None))
        self.base["input.channels"] = volume.channels
        self.default_scope = dict(self.base)
        frame = _Frame((0,), self.plan.items, None, 0)
        try:
            self.sequence(self.plan.items, frame, dict(self.base), ("",), 0)
        except RecursionError:
            self.fail(
                "groups and blocks are nested too deeply.", ("layers",), None, kind=LimitError
            )
        if len(self.nodes) == 1:
            self.fail("no layer is present.", ("layers",), None)
        return self.graph()

    # --- elements -----------------------------------------------------------------------------

    def sequence(
        self,
        items: list[Item],
        frame: _Frame,
        scope: Scope,
        prefixes: tuple[str, ...],
        current: int,
    ) -> int:
        """Run elements one after another; return the node that they end in."""
        for item in items:
            if item.plain:
                path = prefixes[-1] + (item.name or item.stem)
                layer = item.layer
                assert layer is not None
                end = self.node(item, layer, path, (current,), frame)
                if item.then is not None or layer.tag in self.plan.defaults:
                    end = self.followers(item, layer.tag, frame, scope, prefixes, path, end)
                self.register(path, end, item, frame)
                current = end
            else:
                current = self.element(item, frame, scope, prefixes, current)
        return current

    def element(
        self, item: Item, frame: _Frame, scope: Scope, prefixes: tuple[str, ...], current: int
    ) -> int:
        """Run one element with its table's rows; return the node that the sequence is at."""
        self.visit(item, frame)
        if item.training:
            was, self.training = self.training, True
            self.rows(item, frame, scope, prefixes, current)
            self.training = was
            return current
        return self.rows(item, frame, scope, prefixes, current)

    def visit(self, item: Item, frame: _Frame) -> None:
        """Count a copy; refuse the 1,000,001st."""
        self.visits += 1
        if self.visits > MOST_VISITS:
            self.fail(
                f"more than {MOST_VISITS:,} copies, counting those that hold nothing. Repeat less.",
                item.path,
                frame.use,
                kind=LimitError,
                code="limit",
            )

    def rows(
        self, item: Item, frame: _Frame, scope: Scope, prefixes: tuple[str, ...], current: int
    ) -> int:
        if item.table is None:
            return self.copies(item, frame, scope, prefixes, current, {}, item.name or item.stem)
        sources = self.sources(item.sources, frame, prefixes, current, item)
        scope["channels"] = self.nodes[sources[0]].output.channels
        columns = self.columns(item, frame, scope)
        count = len(next(iter(columns.values()), ()))
        names = columns.get("name") if item.name is None else None
        container = item.name or item.stem or "group"
        if names is None and count:
            opened = self.open(prefixes[-1] + container, "", (), None, count)
        for i in range(count):
            self.visit(item, frame)
            row = {column: values[i] for column, values in columns.items()}
            inner = {**scope, **row, "index": i}
            name = names[i] if names is not None else f"{container}.{i}"
            current = self.copies(
                item, frame, inner, prefixes, current, row, name, None if names else i
            )
        if names is None and count:
            self.close(opened)
            self.register(prefixes[-1] + container, current, item, frame)
        return current

    def columns(self, item: Item, frame: _Frame, scope: Scope) -> dict[str, tuple[Any, ...]]:
        """Return the evaluated columns of an element's table."""
        table = item.table
        subject = f"table of {item.name or item.stem or 'group'}"
        if isinstance(table, Given):
            raw = self.value(table, scope, subject, frame.use)
            if not isinstance(raw, RawTable):
                self.fail(
                    f"a table is a list of rows, or lists by column. Received {received(raw)}.",
                    table.path, frame.use, subject,
                )  # fmt: skip
            table = self.read_table(raw, item, frame)
        assert isinstance(table, Table)
        columns = {}
        for name, cells in table.columns.items():
            if isinstance(cells, Given):
                values = self.value(cells, scope, subject, frame.use)
                if not isinstance(values, tuple):
                    self.fail(
                        f"column {name!r} must be a list. Received {received(values)}.",
                        cells.path, frame.use, subject,
                    )  # fmt: skip
                columns[name] = values
            else:
                columns[name] = tuple(
                    [self.value(cell, scope, subject, frame.use) for cell in cells]
                )
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{name} {length}" for name, length in lengths.items())
            self.fail(
                f"the columns must be equally long. Received {found}.",
                (*item.path, "table"), frame.use, subject,
            )  # fmt: skip
        return columns

    def read_table(self, raw: RawTable, item: Item, frame: _Frame) -> Table:
        """Return a parameter's table, read where it is used, once."""
        if id(item) not in self.tables or self.tables[id(item)][0] is not raw:
            compiler = Compiler(self.plan.architecture, self.plan.tree)
            try:
                table = compiler.rows(raw.table, raw.path, Names(frozenset(), True), "table")
            except ExpressionError as error:
                self.fail(f"{error}.", raw.path, frame.use, "table")
            if compiler.problems:
                failure = ArchitectureError(compiler.problems[0])
                failure.graph = self.graph()
                raise failure
            self.tables[id(item)] = (raw, table)
        return self.tables[id(item)][1]

    def copies(
        self,
        item: Item,
        frame: _Frame,
        scope: Scope,
        prefixes: tuple[str, ...],
        current: int,
        row: dict[str, Any],
        name: str,
        index: int | None = None,
    ) -> int:
        """Run an element, or its copies, for one row of its table (or for none)."""
        from_ = item.sources if item.sources is not None else row.get("from")
        sources = self.sources(from_, frame, prefixes, current, item)
        repeat = item.repeat
        times: Any = row.get("repeat")
        if repeat is not None:
            scope["channels"] = self.nodes[sources[0]].output.channels
            times = self.value(repeat, scope, name, frame.use)
        if times is None and repeat is None and "repeat" not in row:
            return self.copy(item, frame, scope, prefixes, current, sources, row, name, index)
        if type(times) is not int or not 0 <= times <= MOST_REPEATS:
            self.fail(
                f"repeat is a whole number from 0 to {MOST_REPEATS:,}. Received {received(times)}.",
                repeat.path if repeat else item.path, frame.use, name,
            )  # fmt: skip
        path = prefixes[-1] + (name or "group")
        opened = self.open(path, "", (), index, times)
        inner = dict(scope)
        for i in range(times):
            self.visit(item, frame)
            inner["index"] = i
            step = sources if i == 0 else (current,)
            current = self.copy(
                item, frame, inner, prefixes, current, step, row, f"{name or 'group'}.{i}", i
            )
        self.close(opened)
        self.register(path, current, item, frame)
        return current

    def copy(
        self,
        item: Item,
        frame: _Frame,
        scope: Scope,
        prefixes: tuple[str, ...],
        current: int,
        sources: tuple[int, ...],
        row: dict[str, Any],
        name: str,
        index: int | None,
    ) -> int:
        """Run one copy of an element, if it is present: content, then followers."""
        scope["channels"] = self.nodes[sources[0]].output.channels
        when: Any = True
        if item.when is not None:
            when = self.value(item.when, scope, name, frame.use)
        elif "when" in row:
            when = row["when"]
        if when is not True:
            if when is not False:
                self.fail(
                    f"when must be true or false. Received {received(when)}.",
                    item.when.path if item.when else item.path, frame.use, name,
                )  # fmt: skip
            return current
        word = ""
        path = prefixes[-1] + name
        if item.kind == "type":
            assert item.type is not None
            word = self.value(item.type, scope, name, frame.use)
            if not isinstance(word, Word):
                self.fail(
                    f"type must be a layer type or a block. Received {received(word)}.",
                    item.type.path, frame.use, f"layer {name}",
                )  # fmt: skip
            if word in TYPES:
                layer = item.layer or self.layer(item, word, frame, scope, row, path)
                end = self.node(item, layer, path, sources, frame)
            else:
                end = self.block(item, word, frame, scope, row, sources, path, index)
        else:
            has_name = bool(name) and (
                item.name is not None or item.repeat is not None or item.table is not None
            )
            if has_name:
                opened = self.open(path, "", (), index, None)
                prefixes_in = (*prefixes, path + ".")
            else:
                prefixes_in = prefixes
            inner = dict(scope)
            if item.kind == "layers":
                if len(sources) > 1:
                    self.fail(
                        "a group takes one input; its elements can take several.",
                        item.path, frame.use, path,
                    )  # fmt: skip
                end = self.sequence(item.children, frame, inner, prefixes_in, sources[0])
            else:
                end = self.branches(item, frame, inner, prefixes_in, sources)
            if has_name:
                self.close(opened)
        if item.then is not None or word in self.plan.defaults:
            end = self.followers(item, word, frame, scope, prefixes, path, end)
        if name and (item.kind == "type" or item.name or item.repeat or item.table):
            self.register(path, end, item, frame)
        return end

    def followers(
        self,
        item: Item,
        word: str,
        frame: _Frame,
        scope: Scope,
        prefixes: tuple[str, ...],
        path: str,
        end: int,
    ) -> int:
        """Run what follows an element's output and belongs to it."""
        if item.then is not None:
            return self.sequence(item.then, frame, scope, (*prefixes, path + "."), end)
        if item.uses_shipped or word not in TYPES:
            return end
        defaults: Defaults = self.plan.defaults[word]
        if not defaults.then:
            return end
        outer = _Frame((end,), defaults.then, frame.use, frame.depth)
        return self.sequence(defaults.then, outer, self.default_scope, (path + ".",), end)

    def branches(
        self,
        item: Item,
        frame: _Frame,
        scope: Scope,
        prefixes: tuple[str, ...],
        sources: tuple[int, ...],
    ) -> int:
        """Run branches from one fork and merge what they end in."""
        fork, rail = sources[0], self.rail
        ends: list[int] = []
        for when, items in item.branches:
            if when is not None:
                scope["channels"] = self.nodes[fork].output.channels
                present = self.value(when, scope, item.merge, frame.use)
                if present is not True and present is not False:
                    self.fail(
                        f"when must be true or false. Received {received(present)}.",
                        when.path, frame.use, item.merge,
                    )  # fmt: skip
                if not present:
                    continue
            self.rail = "fork"
            ends.append(self.sequence(items, frame, dict(scope), prefixes, fork))
        self.rail = "merge"
        if not ends:
            self.fail("no branch is present.", item.path, frame.use, item.merge)
        if len(ends) == 1:
            self.rail = rail
            return ends[0]
        if item.merge not in self.merges:
            self.merges[item.merge] = layer_type(item.merge)()
        path = prefixes[-1] + item.merge_name
        end = self.node(item, self.merges[item.merge], path, tuple(ends), frame)
        self.register(path, end, item, frame)
        self.rail = "branch" if rail else ""
        return end

    # --- layers and blocks --------------------------------------------------------------------

    def layer(
        self, item: Item, word: str, frame: _Frame, scope: Scope, row: dict[str, Any], path: str
    ) -> AbstractLayer:
        """Return the layer of an item in this scope, built once for each set of values."""
        cls = layer_type(word)
        fields = cls.model_fields
        settings: dict[str, Any] = {}
        givens = dict(item.settings)
        for key, given in item.settings.items():
            if key not in fields:
                self.fail(
                    f"unknown field {key!r}.{did_you_mean(key, fields)}",
                    given.path, frame.use, f"layer {path} ({word})",
                )  # fmt: skip
            settings[key] = self.value(given, scope, f"layer {path} ({word})", frame.use)
        for key, value in row.items():
            if key in fields and key not in settings:
                settings[key] = value
        if not item.uses_shipped and word in self.plan.defaults:
            for key, given in self.plan.defaults[word].settings.items():
                if key not in settings:
                    givens[key] = given
                    self.default_scope["channels"] = scope["channels"]
                    settings[key] = self.value(
                        given, self.default_scope, f"layer {path} ({word})", frame.use
                    )
        values = (id(item), word, *settings.items())
        found = self.layers.get(values)
        if found is None:
            try:
                found = build(cls, settings)
            except SettingsError as error:
                field, code, message = error.found[0]
                where = givens[field].path if field in givens else item.path
                self.fail(message, where, frame.use, f"layer {path} ({word})", code=code)
            self.layers[values] = found
        return found

    def node(
        self,
        item: Item,
        layer: AbstractLayer,
        path: str,
        sources: tuple[int, ...],
        frame: _Frame,
    ) -> int:
        """Add a layer's node; return its index."""
        nodes = self.nodes
        volumes = tuple([nodes[source].output for source in sources])
        key = (id(layer), volumes)
        output = self.volumes.get(key)
        if output is None:
            least, most = layer.arity
            if not least <= len(volumes) <= most:
                wanted = f"{least}" if least == most else f"at least {least}"
                self.fail(
                    f"takes {wanted} input{'s' * (least > 1)}. Received {len(volumes)}.",
                    item.path, frame.use, f"layer {path} ({layer.tag})", kind=VolumeError,
                )  # fmt: skip
            try:
                output = layer.output(*volumes)
            except VolumeError as error:
                from cnncalc.merging import sides

                self.fail(
                    error.problems[0].message, item.path, frame.use,
                    f"layer {path} ({layer.tag})", kind=VolumeError, code="volume",
                    details=sides(self.graph(), sources),
                )  # fmt: skip
            self.check_volume(output, item.path, frame.use, path)
            self.volumes[key] = output
        if len(nodes) > self.max_layers:
            self.fail(
                f"more than {self.max_layers:,} layers. Raise --max-layers.",
                item.path, frame.use, path, kind=LimitError, code="limit",
            )  # fmt: skip
        rail = self.rail
        if rail:
            self.rail = "branch"
        nodes.append(
            Node(
                path, layer, sources, output, self.group, rail, self.training, item.path, frame.use
            )
        )
        return len(nodes) - 1

    def check_volume(self, volume: Volume, where: Path, use: Use | None, path: str) -> None:
        """Refuse a volume beyond what any array could hold."""
        if volume.size > MOST_VALUES:
            self.fail(
                f"the volume would hold more than 2^63 values. Received {volume}.",
                where, use, path, kind=LimitError, code="limit",
            )  # fmt: skip

    def block(
        self,
        item: Item,
        word: str,
        frame: _Frame,
        scope: Scope,
        row: dict[str, Any],
        sources: tuple[int, ...],
        path: str,
        index: int | None,
    ) -> int:
        """Run a block's body with its arguments; return the node that it ends in."""
        plan = shipped_block(word) if word in SHIPPED_BLOCKS else self.plan.blocks[word]
        subject = f"{path} ({word})"
        use = Use(frame.use, item.path, path, self.nodes[sources[0]].output)
        if frame.depth >= DEEPEST_BLOCK:
            self.fail(
                f"blocks are nested more than {DEEPEST_BLOCK} deep. Does a block use itself "
                "without an end?",
                item.path, None, subject, kind=LimitError, code="limit",
            )  # fmt: skip
        inner: Scope = dict(self.base) if not plan.shipped else dict(self.plan.words)
        inner["channels"] = inner["input.channels"] = use.volume.channels
        arguments = []
        for name, default in plan.parameters.items():
            if name in item.settings:
                value = self.value(item.settings[name], scope, subject, frame.use)
                given = True
            elif name in row:
                value, given = row[name], True
            elif default is None:
                self.fail(f"argument {name!r} is missing. Add it.", item.path, frame.use, subject)
            else:
                value, given = self.value(default, inner, subject, use), False
            if given and not (
                default is not None and default.expression is None and default.value == value
            ):
                arguments.append((name, value))
            inner[name] = value
        for name in item.settings:
            if name not in plan.parameters:
                self.fail(
                    f"unknown argument {name!r}.{did_you_mean(name, plan.parameters)}",
                    item.settings[name].path, frame.use, subject,
                )  # fmt: skip
        inside = _Frame(sources, [plan.body], use, frame.depth + 1)
        opened = self.open(path, word, tuple(arguments), index, None)
        end = self.body(plan, inside, inner, path, sources)
        self.close(opened)
        return end

    def body(
        self, plan: BlockPlan, frame: _Frame, scope: Scope, path: str, sources: tuple[int, ...]
    ) -> int:
        body, prefixes = plan.body, (path + ".",)
        if body.kind == "layers":
            return self.sequence(body.children, frame, scope, prefixes, sources[0])
        return self.branches(body, frame, scope, prefixes, sources)

    # --- names and groups ---------------------------------------------------------------------

    def register(self, path: str, end: int, item: Item, frame: _Frame) -> None:
        """Remember where an element of this path ends. Two present ones: an error."""
        if not self.paths.add(path, end, training=self.training):
            self.fail(
                f"there are two elements of this path, {path!r}. Give one of them another name.",
                item.path, frame.use, path,
            )  # fmt: skip

    def sources(
        self,
        names: tuple[str, ...] | None,
        frame: _Frame,
        prefixes: tuple[str, ...],
        current: int,
        item: Item,
    ) -> tuple[int, ...]:
        """Return the nodes that an element takes."""
        if names is None:
            return (current,)
        try:
            return tuple(
                [
                    current
                    if name == "previous"
                    else self.paths.find(
                        name, prefixes, frame.inputs, frame.items, training=self.training
                    )
                    for name in names
                ]
            )
        except FromError as error:
            message = str(error)
            message += "" if message.endswith("?") else "."
            self.fail(message, (*item.path, "from"), frame.use, code="from")

    def open(
        self,
        path: str,
        type: str,
        arguments: tuple[tuple[str, Any], ...],
        index: int | None,
        copies: int | None,
    ) -> int:
        """Begin a group; return the one around it."""
        around = self.group
        self.groups.append([path, around, type, arguments, index, copies, len(self.nodes), -1])
        self.group = len(self.groups) - 1
        return around

    def close(self, around: int) -> None:
        """End the group that is open."""
        self.groups[self.group][7] = len(self.nodes)
        self.group = around
