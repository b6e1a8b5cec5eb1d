"""What the walk that expands a plan builds with: layers, nodes, groups, and placed errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from cnncalc.errors import (
    ArchitectureError,
    CnncalcError,
    LimitError,
    Problem,
    VolumeError,
    did_you_mean,
    received,
)
from cnncalc.format.bounds import MAX_COPIES, VOLUMES_BELOW
from cnncalc.format.expansion.merging import sides
from cnncalc.format.expansion.parameters import publication_year
from cnncalc.format.expansion.paths import FromError, Paths
from cnncalc.format.expressions import ExpressionError
from cnncalc.format.plan import Given, Item, Path, Plan
from cnncalc.format.pydantic_messages import named, path_text
from cnncalc.layers import layer_type
from cnncalc.layers.setting_errors import SettingsError
from cnncalc.model.graph import Graph, Group, Node, Use
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer

SHOWN_USES = 8

Scope = dict[str, Any]


class Frame:
    """One use of a block, or the file itself: what `from` and `input` refer to in it."""

    __slots__ = ("depth", "inputs", "items", "use")

    def __init__(
        self, inputs: tuple[int, ...], items: list[Item], use: Use | None, depth: int
    ) -> None:
        self.inputs, self.items, self.use, self.depth = inputs, items, use, depth


class At(NamedTuple):
    """Where the walk is: in which frame, with which values, under which paths.

    `prefixes` are the scopes' paths, each with a dot after it, from the block's edge inwards.
    """

    frame: Frame
    scope: Scope
    prefixes: tuple[str, ...]

    def within(self, values: Mapping[str, Any]) -> At:
        """Return the same place, with a scope of its own that has these values, too."""
        return At(self.frame, {**self.scope, **values}, self.prefixes)

    def under(self, path: str) -> At:
        """Return the scope of an element of this path."""
        return At(self.frame, self.scope, (*self.prefixes, path + "."))


def _kind(value: Any) -> Any:
    return tuple(map(_kind, value)) if type(value) is tuple else type(value)


class Builder:
    """The graph so far, and the ways to add to it or to give up."""

    def __init__(
        self, plan: Plan, variant: str | None, settings: Mapping[str, Any], max_layers: int
    ) -> None:
        self.plan, self.variant, self.settings = plan, variant, settings
        self.max_layers = max_layers
        self.parameters: Scope = {}
        self.nodes: list[Node] = []
        self.groups: list[list[Any]] = []
        self.group = -1  # the open one
        self.paths = Paths()
        self.rail = ""
        self.training = False
        self.visits = 0
        self.defaults_at: At  # where defaults are worked out: they see the file's parameters
        self._layers: dict[Any, AbstractLayer] = {}
        self._volumes: dict[Any, Volume] = {}

    def graph(self) -> Graph:
        """Return what there is so far."""
        groups = [Group(*group) for group in self.groups]
        return Graph(
            plan=self.plan,
            nodes=self.nodes,
            groups=groups,
            variant=self.variant,
            parameters=self.parameters,
            settings=self.settings,
            year=publication_year(self.plan, self.parameters),
        )

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
        uses: list[str] = []
        while use is not None and len(uses) < SHOWN_USES:
            at = str(self.plan.place(use.where)) or path_text(use.where)
            uses.append(f"used at {at} ({use.path}), input {use.volume}")
            use = use.around
        source = self.plan.tree.line(place.line) if self.plan.tree and place.line else None
        subject = subject or path_text(where)
        error = kind(Problem(code, message, subject, place, (*details, *uses), source))
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
                text += "." + did_you_mean(text.split("'")[1], scope)
            text += "" if text[-1] in ".?" else "."
            self.fail(named(text, given.path, subject), given.path, use, subject)

    def truth(self, value: Any, where: Path, at: At, subject: str) -> bool:
        """Return the value of a `when`, which is true or false."""
        if value is True or value is False:
            return bool(value)
        self.fail(
            f"when must be true or false. Received {received(value)}.",
            where,
            at.frame.use,
            subject,
        )

    def visit(self, item: Item, at: At) -> None:
        """Count a copy; refuse the 1,000,001st."""
        self.visits += 1
        if self.visits > MAX_COPIES:
            self.fail(
                f"more than {MAX_COPIES:,} copies, counting those that hold nothing. Repeat less.",
                item.path,
                at.frame.use,
                kind=LimitError,
                code="limit",
            )

    def layer(
        self, item: Item, word: str, at: At, row: Mapping[str, Any], path: str
    ) -> AbstractLayer:
        """Return the layer of an element, built once for each set of values.

        Its own settings come first, then its row of a table, then the defaults of its type.
        """
        if item.layer is not None:
            return item.layer
        cls = layer_type(word)
        fields = cls.model_fields
        subject, use = f"layer {path} ({word})", at.frame.use
        givens = dict(item.settings)
        settings = {}
        for key, given in item.settings.items():
            if key not in fields:
                hint = did_you_mean(key, fields)
                self.fail(f"unknown field {key!r}.{hint}", given.path, use, subject)
            settings[key] = self.value(given, at.scope, subject, use)
        for key, value in row.items():
            if key in fields:
                settings.setdefault(key, value)
        if not item.uses_shipped:
            for key, given in self.plan.defaults[word].settings.items():
                if key not in settings:
                    givens[key] = given
                    scope = self.defaults_at.scope
                    scope["channels"] = at.scope["channels"]
                    settings[key] = self.value(given, scope, subject, use)
        # 1 and true are equal, but not the same setting
        values = (id(item), word, *settings.items(), *map(_kind, settings.values()))
        try:
            found = self._layers.get(values)
        except TypeError:  # a parameter that holds a table
            self.fail("a setting cannot be a mapping.", item.path, use, subject)
        if found is None:
            try:
                found = self._layers[values] = cls(**settings)
            except SettingsError as error:
                wrong = error.found[0]
                where = givens[wrong.field].path if wrong.field in givens else item.path
                self.fail(wrong.message, where, use, subject, code=wrong.code)
        return found

    def node(
        self, item: Item, layer: AbstractLayer, path: str, sources: tuple[int, ...], at: At
    ) -> int:
        """Add a layer's node; return its index. Its output is worked out once per volume."""
        nodes, use = self.nodes, at.frame.use
        where = item.place
        if item.uses_shipped and use is not None:
            where = use.where  # the block itself stands in no file
        volumes = tuple([nodes[source].output for source in sources])
        key = (id(layer), volumes)
        output = self._volumes.get(key)
        if output is None:
            output = self._volumes[key] = self._output(where, layer, path, volumes, sources, use)
        if len(nodes) > self.max_layers:
            message = f"more than {self.max_layers:,} layers. Raise --max-layers."
            self.fail(message, where, use, path, kind=LimitError, code="limit")
        rail = self.rail
        if rail:
            self.rail = "branch"
        nodes.append(
            Node(path, layer, sources, output, self.group, rail, self.training, where, use)
        )
        return len(nodes) - 1

    def _output(
        self,
        where: Path,
        layer: AbstractLayer,
        path: str,
        volumes: tuple[Volume, ...],
        sources: tuple[int, ...],
        use: Use | None,
    ) -> Volume:
        subject = f"layer {path} ({layer.tag})"
        least, most = layer.arity
        if not least <= len(volumes) <= most:
            wanted = "1 input" if most == 1 else f"{least} or more" if most > 2 else f"{most}"
            message = f"takes {wanted} as input. Received {len(volumes)}."
            self.fail(message.replace("input as input", "input"), where, use, subject)
        try:
            output = layer.output(*volumes)
        except VolumeError as error:
            self.fail(
                error.problems[0].message,
                where,
                use,
                subject,
                kind=VolumeError,
                code="volume",
                details=sides(self.graph(), sources),
            )
        self.check_volume(output, where, use, path)
        return output

    def check_volume(self, volume: Volume, where: Path, use: Use | None, path: str) -> None:
        """Refuse a volume beyond what any array could hold."""
        if volume.size >= VOLUMES_BELOW:
            message = f"the volume would hold 2^63 values or more. Received {volume}."
            self.fail(message, where, use, path, kind=LimitError, code="limit")

    def register(self, path: str, end: int, item: Item, at: At) -> None:
        """Remember where an element of this path ends. Two present ones: an error."""
        if not self.paths.add(path, end, training=self.training):
            message = f"there are two elements of this path, {path!r}. Rename one of them."
            self.fail(message, item.path, at.frame.use, path)

    def sources(
        self, names: tuple[str, ...] | None, at: At, current: int, item: Item
    ) -> tuple[int, ...]:
        """Return the nodes that an element takes."""
        if names is None:
            return (current,)
        found = []
        for name in names:
            if name == "previous":
                found.append(current)
                continue
            frame = at.frame
            try:
                found.append(
                    self.paths.find(
                        name, at.prefixes, frame.inputs, frame.items, training=self.training
                    )
                )
            except FromError as error:
                text = str(error)
                text += "" if text.endswith("?") else "."
                self.fail(text, (*item.path, "from"), frame.use, code="from")
        return tuple(found)

    def open(
        self,
        path: str,
        *,
        type: str = "",
        arguments: tuple[tuple[str, Any], ...] = (),
        index: int | None = None,
        copies: int | None = None,
    ) -> int:
        """Begin a group; return the one around it."""
        around = self.group
        self.groups.append([path, around, type, arguments, index, copies, len(self.nodes), -1])
        self.group = len(self.groups) - 1
        return around

    def close(self, around: int) -> None:
        """End the open group; what holds nothing is none, or repeats of nothing would pile up."""
        group = self.groups[self.group]
        group[7] = len(self.nodes)
        if group[6] == group[7]:  # all that it held has gone likewise, so it is the last
            self.groups.pop()
        self.group = around
