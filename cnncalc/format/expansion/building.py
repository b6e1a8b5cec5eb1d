"""The builder of a graph: layers, nodes, groups, and errors with their place in the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from cnncalc.errors import (
    ArchitectureError,
    CnncalcError,
    LimitError,
    Problem,
    SettingsError,
    VolumeError,
    did_you_mean,
    received,
)
from cnncalc.format.bounds import MAX_COPIES, VOLUMES_BELOW
from cnncalc.format.expansion.parameters import publication_year
from cnncalc.format.expansion.paths import FromError, Paths
from cnncalc.format.expansion.position import Copy, Position, Scope
from cnncalc.format.expansion.size import LeastSize, Size
from cnncalc.format.expressions import ExpressionError, UndefinedName, Word
from cnncalc.format.messages import named, path_text, sentence
from cnncalc.format.plan import ElementPlan, Path, Plan, PlannedValue, defaults_of
from cnncalc.layers import layer_type
from cnncalc.layers.base import extents_text, learned
from cnncalc.model.graph import Graph, Group, Node, Note, Use
from cnncalc.model.quick import quick
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer, Shapes

SHOWN_USES = 8

_make_node = quick(Node)


def _type_of(value: Any) -> Any:
    return tuple(map(_type_of, value)) if type(value) is tuple else type(value)


class Builder:
    """The graph so far, with what adds to it and what raises errors with their places."""

    def __init__(
        self,
        plan: Plan,
        variant: str | None,
        settings: Mapping[str, Any],
        *,
        max_layers: int,
        again: Callable[[Volume], Graph],
        brief: bool,
    ) -> None:
        self.plan, self.variant, self.settings = plan, variant, settings
        self.variant_taken = variant
        self.max_layers, self.again, self.brief = max_layers, again, brief
        self.failed: Node | None = None
        self.parameters: Scope = {}
        self.nodes: list[Node] = []
        self.groups: list[Group] = []
        self.group = -1  # the open one
        self.paths = Paths()
        self.shared: Iterator[int] | None = None  # the nodes with whose layers the next ones share
        self.rail = ""
        self.training = False
        self.copies = 0
        self.defaults_at: Position  # where defaults are worked out: they see the file's parameters
        self.notes: tuple[Note, ...] = ()
        self.first_kernel: int | None = None  # along the first axis, of the first with a window
        self._layers: dict[Any, AbstractLayer] = {}
        self._volumes: dict[Any, Volume] = {}

    def graph(self) -> Graph:
        """Return the graph of the nodes built so far."""
        return Graph(
            plan=self.plan,
            nodes=self.nodes,
            groups=self.groups,
            variant=self.variant,
            variant_taken=self.variant_taken,
            family=origin.family if (origin := self.plan.architecture.origin) else None,
            parameters=self.parameters,
            settings=self.settings,
            year=publication_year(self.plan, self.parameters),
            notes=self.notes,
            again=self.again,
            failed=self.failed,
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
        problem = Problem(
            code,
            message,
            path=subject or path_text(where),
            place=place,
            details=(*details, *uses),
            source_line=source,
        )
        error = kind(problem)
        error.graph = self.graph()
        raise error from None

    def value(
        self,
        value: PlannedValue,
        scope: Mapping[str, Any],
        subject: str = "",
        use: Use | None = None,
    ) -> Any:
        """Return the value of a constant or expression of the file; an error names its place."""
        if value.expression is None:
            return value.constant
        try:
            return value.expression.evaluate(scope)
        except UndefinedName as error:
            text = f"{error}.{did_you_mean(error.name, scope)}"
        except ExpressionError as error:
            text = sentence(str(error))
        self.fail(named(text, value.path, subject), value.path, use, subject)

    def truth(self, value: Any, where: Path, use: Use | None, subject: str) -> bool:
        """Return the value of a `when`, which is true or false."""
        if value is True or value is False:
            return bool(value)
        self.fail(f"when must be true or false. Received {received(value)}.", where, use, subject)

    def word(self, type_: PlannedValue, at: Position, name: str) -> str:
        """Return the layer type or block that an element names."""
        word = self.value(type_, at.scope, f"layer {name}", at.frame.use)
        if not isinstance(word, Word):
            message = f"type must be a layer type or a block. Received {received(word)}."
            self.fail(message, type_.path, at.frame.use, f"layer {name}")
        return word

    def refuse_too_large(self, least: LeastSize) -> None:
        """Refuse a network of which it is certain that it has too many layers or copies."""
        total = Size(1, 0)
        for element in self.plan.elements:
            total = total.plus(least.of((element,)))
            name = element.name or element.stem or "group"
            if total.layers - 1 > self.max_layers:
                message = f"more than {self.max_layers:,} layers: {total.layers - 1:,} up to here. "
                message += "Raise --max-layers."
                self.fail(message, element.path, subject=name, kind=LimitError, code="limit")
            if total.copies > MAX_COPIES:
                message = f"more than {MAX_COPIES:,} copies up to here, counting those that hold "
                message += "nothing. Repeat less."
                self.fail(message, element.path, subject=name, kind=LimitError, code="limit")

    def count_copy(self, element: ElementPlan, use: Use | None) -> None:
        """Count a copy of an element; refuse one too many."""
        self.copies += 1
        if self.copies > MAX_COPIES:
            message = f"more than {MAX_COPIES:,} copies, counting those that hold nothing. "
            message += "Repeat less."
            self.fail(message, element.path, use, kind=LimitError, code="limit")

    def layer(self, copy: Copy, word: str) -> AbstractLayer:
        """Return the layer of an element, built once for each set of values.

        Its own settings come first, then its row of a table, then the defaults of its type.
        """
        element, at = copy.element, copy.position
        if element.layer is not None:
            return element.layer
        cls = layer_type(word)
        fields = cls.model_fields
        subject, use = f"layer {copy.path} ({word})", at.frame.use
        sources = dict(element.settings)
        settings = {}
        for key, value in element.settings.items():
            if key not in fields:
                from cnncalc.layers.hints import setting_hint

                written = value.constant if value.is_constant else key
                hint = setting_hint(key, written, fields) or did_you_mean(key, fields)
                message = f"unknown field {key!r}.{hint}"
                self.fail(message, value.path, use, subject)
            settings[key] = self.value(value, at.scope, subject, use)
        for key, cell in copy.row.items():
            if key in fields:
                settings.setdefault(key, cell)
        if not element.shipped:
            scope = self.defaults_at.scope
            for key, value in defaults_of(word, self.plan.defaults).settings.items():
                if key not in settings:
                    sources[key] = value
                    scope["channels"] = at.scope["channels"]
                    settings[key] = self.value(value, scope, subject, use)
        # 1 and true are equal, but not the same setting
        values = (id(element), word, *settings.items(), *map(_type_of, settings.values()))
        try:
            found = self._layers.get(values)
        except TypeError:  # a parameter that holds a table
            self.fail("a setting cannot be a mapping.", element.path, use, subject)
        if found is None:
            try:
                found = self._layers[values] = cls(**settings)
            except SettingsError as error:
                wrong = error.found[0]
                source = sources.get(wrong.field or "")
                where = element.path if source is None else source.path
                self.fail(wrong.message, where, use, subject, code=wrong.code)
        return found

    def node(
        self,
        element: ElementPlan,
        at: Position,
        *,
        path: str,
        layer: AbstractLayer,
        sources: tuple[int, ...],
    ) -> int:
        """Add a layer's node; return its index. Its output is worked out once per volume."""
        nodes, use = self.nodes, at.frame.use
        where = element.node_path
        if element.shipped and use is not None:
            where = use.where  # the block itself stands in no file
        volumes = tuple([nodes[source].output for source in sources])
        key = (id(layer), volumes)
        output = self._volumes.get(key)
        if output is None:
            output = self._output(
                layer, sources, path=path, where=where, use=use, names=element.sources
            )
            self._volumes[key] = output
        if len(nodes) > self.max_layers:
            message = f"more than {self.max_layers:,} layers. Raise --max-layers."
            self.fail(message, where, use, path, kind=LimitError, code="limit")
        rail = self.rail
        if rail:
            self.rail = "branch"
        also = self.also(element, at, path) if element.also else {}
        shares = None
        if self.shared is not None:
            shares = self.owner(layer, volumes, path=path, where=where, use=use)
        nodes.append(
            _make_node(
                path=path,
                layer=layer,
                inputs=sources,
                output=output,
                group=self.group,
                rail=rail,
                training=self.training,
                where=where,
                use=use,
                shares=shares,
                also=also,
            )
        )
        return len(nodes) - 1

    def also(self, element: ElementPlan, at: Position, path: str) -> Shapes:
        """Return the shapes of the learned arrays that a file adds to a layer's own."""
        shapes, use = {}, at.frame.use
        for name, lengths in element.also.items():
            shape = tuple([self.value(n, at.scope, path, use) for n in lengths])
            where = lengths[0].path[:-1]
            if not all(type(n) is int and n >= 1 for n in shape):
                message = f"the lengths of {name} are whole numbers from 1 on."
                self.fail(f"{message} Received {received(shape)}.", where, use, path)
            if math.prod(shape) >= VOLUMES_BELOW:
                message = f"{name} would hold 2^63 values or more."
                self.fail(message, where, use, path, kind=LimitError, code="limit")
            shapes[name] = shape
        return shapes

    def owner(
        self,
        layer: AbstractLayer,
        volumes: Sequence[Volume],
        *,
        path: str,
        where: Path,
        use: Use | None,
    ) -> int | None:
        """Return the node whose learned values the next one shares; None if it has its own."""
        index = next(self.shared or iter(()), 0)
        twin = self.nodes[index]
        subject = f"layer {path} ({layer.tag})"
        if twin.layer is None or twin.layer != layer:
            message = "cannot share: what it shares comes to other layers on this input."
            self.fail(message, where, use, subject)
        own = learned(layer, layer.output(*volumes), volumes)
        sources = [self.nodes[source].output for source in twin.inputs]
        for name, shape in learned(layer, twin.output, sources).items():
            here = own.get(name, ())
            if here != shape:
                message = (
                    f"cannot share the {name} of {twin.path}: it is {extents_text(shape)} there, "
                    f"and would be {extents_text(here)} on this input."
                )
                self.fail(message, where, use, subject)
        if not own and not twin.also:
            return None
        return index if twin.shares is None else twin.shares

    def _output(
        self,
        layer: AbstractLayer,
        sources: tuple[int, ...],
        *,
        path: str,
        where: Path,
        use: Use | None,
        names: tuple[str, ...] | None,
    ) -> Volume:
        """Return the output volume of a layer on the output of other nodes."""
        subject = f"layer {path} ({layer.tag})"
        kernel = getattr(layer, "kernel", None)
        if kernel is not None and self.first_kernel is None:
            self.first_kernel = kernel if isinstance(kernel, int) else kernel[0]
        least, most = layer.arity
        if not least <= len(sources) <= most:
            wanted = f"{least} or more as" if most > 2 else f"{most} as" if most > 1 else "1"
            message = f"takes {wanted} input. Received {len(sources)}."
            self.fail(message, where, use, subject)
        try:
            output = layer.output(*[self.nodes[source].output for source in sources])
        except VolumeError as error:
            self.failed = Node(
                path=path,
                layer=layer,
                inputs=sources,
                output=self.nodes[sources[0]].output,
                group=self.group,
                rail="",
                training=self.training,
                where=where,
                use=use,
            )
            self.fail(
                error.problems[0].message,
                where,
                use,
                subject,
                kind=VolumeError,
                code="volume",
                details=() if self.brief else self._sides(sources, names),
            )
        self.check_volume(output, where, use, path)
        return output

    def _sides(self, sources: tuple[int, ...], names: tuple[str, ...] | None) -> tuple[str, ...]:
        from cnncalc.format.expansion.merging import sides  # for an error alone

        return sides(self.graph(), sources, names)

    def check_volume(self, volume: Volume, where: Path, use: Use | None, path: str) -> None:
        """Refuse a volume beyond what any array could hold."""
        if volume.size >= VOLUMES_BELOW:
            message = f"the volume would hold 2^63 values or more. Received {volume}."
            self.fail(message, where, use, path, kind=LimitError, code="limit")

    def register(self, element: ElementPlan, at: Position, path: str, end: int) -> None:
        """Note the node that an element of this path ends in; refuse a second one of the path."""
        if not self.paths.add(path, end, training=self.training):
            message = f"there are two elements of this path, {path!r}. Rename one of them."
            self.fail(message, element.path, at.frame.use, path)

    def sources(
        self, names: tuple[str, ...] | None, element: ElementPlan, at: Position, current: int
    ) -> tuple[int, ...]:
        """Return the nodes that an element takes; without names, the one before."""
        if names is None:
            return (current,)
        found = []
        for name in names:
            if name == "previous":
                found.append(current)
                continue
            try:
                found.append(self.paths.find(name, at, training=self.training))
            except FromError as error:
                where = (*element.path, "from")
                self.fail(sentence(str(error)), where, at.frame.use, code="from")
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
        group = Group(
            path=path,
            parent=around,
            type=type,
            arguments=arguments,
            index=index,
            copies=copies,
            first=len(self.nodes),
            last=-1,
        )
        self.groups.append(group)
        self.group = len(self.groups) - 1
        return around

    def close(self, around: int) -> None:
        """End the open group; what holds nothing is none, or repeats of nothing would pile up."""
        group = replace(self.groups[self.group], last=len(self.nodes))
        if group.first < group.last:
            self.groups[self.group] = group
        else:  # all that it held has gone likewise, so it is the last
            self.groups.pop()
        self.group = around
