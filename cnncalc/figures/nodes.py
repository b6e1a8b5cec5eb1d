"""The boxes of a network's graph: blocks folded, and layers fused that work in place on one.

Shared by the graph figure and by the formats that lay graphs out themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import Problem, UnknownNameError, did_you_mean, printable
from cnncalc.figures import operations
from cnncalc.figures.scene import LONGEST_TIP, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures import Fold, Settings
    from cnncalc.model.graph import Group
    from cnncalc.model.report import Report
    from cnncalc.model.row import Row
    from cnncalc.volume import Volume

LONGEST_TITLE, LONGEST_NAME = 34, 40
MOST_FUSED = 4  # names of fused layers; the tip has the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One box: a layer with what works in place on its result, or a folded block."""

    kind: str
    title: str  # 3×3 conv, 128, /2
    name: str  # conv2 · BN · ReLU; "": the title says it
    path: str  # of the first row
    tip: str
    first: int  # the first of report.layers that it stands for
    rows: tuple[int, ...]  # report.layers[i]; none: where a drawn block's volumes come from
    sources: tuple[int, ...]  # the nodes that it works on
    output: Volume
    merge: str  # the type of a merge, else ""
    training: bool


@dataclass(slots=True)
class _Draft:
    """A node while rows are still fused into it."""

    fold: Fold
    rows: list[int]
    sources: list[int]  # drafts
    fused: list[Row] = field(default_factory=list)


def nodes(report: Report, settings: Settings) -> list[Node]:
    """Return the nodes of a network's graph, or of one block of it, in the order of running."""
    return _Builder(report, settings).nodes()


def find_block(report: Report, name: str) -> Group:
    """Return the block of a name, with the followers that belong to its result.

    Raises: UnknownNameError with the nearest names.
    """
    exact = [group for group in report.groups if group.path == name]
    inside = [group for group in report.groups if group.path.endswith(f".{name}")]
    if not exact and not inside:
        known = list(dict.fromkeys(group.path for group in report.groups))
        hint = did_you_mean(name, known)
        if not hint and known:
            hint = f" It has {units.listing([repr(path) for path in known[:3]], 'or')}."
        message = f"{report.name} has no block {name[:100]!r}.{hint}"
        raise UnknownNameError(Problem("unknown_block", message))
    group = (exact or inside)[0]
    last = group.last
    while last < len(report.layers) and report.layers[last].name.startswith(f"{group.path}."):
        last += 1
    return replace(group, last=last)


class _Builder:
    def __init__(self, report: Report, settings: Settings) -> None:
        self.report, self.settings = report, settings
        self.drafts: list[_Draft] = []
        self.owner: dict[int, int] = {}  # row: its draft
        self.outside: dict[int, int] = {}  # row outside the block: its draft

    def nodes(self) -> list[Node]:
        first, last = 0, len(self.report.layers)
        if self.settings.block:
            group = find_block(self.report, self.settings.block)
            first, last = group.first, group.last
        folds = [
            fold
            for fold in self.settings.folds
            if first <= fold.first < last and (self.settings.training or self._runs(fold))
        ]
        readers = self._readers(folds)
        for fold in folds:
            self._take(fold, readers)
        return [self._node(draft) for draft in self.drafts]

    def _runs(self, fold: Fold) -> bool:
        """Return whether any of it exists outside training, too."""
        return not all(row.training for row in self.report.layers[fold.first : fold.last])

    def _readers(self, folds: Sequence[Fold]) -> dict[int, int]:
        """Return by how many folds each row is read that are not its own."""
        found: dict[int, int] = {}
        for fold in folds:
            taken = {s for i in range(fold.first, fold.last) for s in self._sources(i)}
            for source in taken:
                if not fold.first <= source < fold.last:
                    found[source] = found.get(source, 0) + 1
        return found

    def _sources(self, row: int) -> Sequence[int]:
        return self.report.layers[row].sources

    def _take(self, fold: Fold, readers: dict[int, int]) -> None:
        """Add a fold: as a draft of its own, or to the one whose result it changes in place."""
        rows = list(range(fold.first, fold.last))
        sources = []
        for row in rows:
            for source in self._sources(row):
                if source < fold.first or source >= fold.last:
                    sources.append(self._draft_of(source))
        sources = list(dict.fromkeys(sources))
        if len(rows) == 1 and len(sources) == 1 and self._fuses(rows[0], sources[0], readers):
            self.drafts[sources[0]].rows.append(rows[0])
            self.drafts[sources[0]].fused.append(self.report.layers[rows[0]])
            self.owner[rows[0]] = sources[0]
            return
        self.owner.update(dict.fromkeys(rows, len(self.drafts)))
        self.drafts.append(_Draft(fold, rows, sources))

    def _draft_of(self, row: int) -> int:
        """Return the draft that a row belongs to; what lies outside the block has its own."""
        found = self.owner.get(row)
        if found is None:
            found = self.owner[row] = len(self.drafts)
            from cnncalc.figures import Fold

            name = self.report.layers[row].name
            self.drafts.append(_Draft(Fold(name=name, phrase="", first=row, last=row), [], []))
        return found

    def _fuses(self, i: int, draft: int, readers: dict[int, int]) -> bool:
        """Return whether a row works in place on a draft's result, which nothing else reads."""
        row, before = self.report.layers[i], self.drafts[draft]
        layer, source = row.layer, row.sources[0]
        if (
            layer is None
            or len(row.sources) > 1
            or not before.rows
            or self.report.layers[before.rows[0]].layer is None
        ):
            return False
        if operations.kind(row) != operations.OTHER or readers.get(source) != 1:
            return False
        if source != before.rows[-1] or row.training != self.report.layers[source].training:
            return False
        if layer.family == "view":
            return not row.output.extents  # the same values, in a vector
        pointwise = layer.window(row.output, *row.inputs) is None
        return pointwise and row.output == row.inputs[0]

    # --- what stands in a box ---------------------------------------------------------------

    def _node(self, draft: _Draft) -> Node:
        rows = [self.report.layers[i] for i in draft.rows]
        if not rows:
            return self._entrance(draft)
        own = rows[: len(rows) - len(draft.fused)]
        make = _block if len(own) > 1 else _layer
        kind, title, names = make(draft.fold, own)
        names += map(operations.word, draft.fused)
        if len(names) > MOST_FUSED + 1:
            names = [*names[:MOST_FUSED], "…"]
        alone = len(own) == 1
        return Node(
            kind=kind,
            title=shorten(title, LONGEST_TITLE),
            name=shorten(" · ".join(names), LONGEST_NAME),
            path=draft.fold.name,
            tip=self._layer_tip(rows) if alone else self._block_tip(draft.fold, own),
            first=draft.fold.first,
            rows=tuple(draft.rows),
            sources=tuple(draft.sources),
            output=next((r.output for r in reversed(rows) if not r.training), rows[-1].output),
            merge=own[0].type if alone and operations.is_merge(own[0]) else "",
            training=all(row.training for row in rows),
        )

    def _entrance(self, draft: _Draft) -> Node:
        row = self.report.layers[draft.fold.first]
        return Node(
            kind=operations.INPUT,
            title=f"from {shorten(self._leaving(draft.fold.first))}",
            name="",
            path=row.name,
            tip=operations.tip(row, self.settings.layout),
            first=draft.fold.first,
            rows=(),
            sources=(),
            output=row.output,
            merge="",
            training=False,
        )

    def _leaving(self, row: int) -> str:
        """Return the label of a row outside the block: the block that its volume leaves."""
        name, after = self.report.layers[row].name, self.report.layers[row + 1 : row + 2]
        around = f"{self.settings.block}."
        parts = name.split(".")
        for count in range(1, len(parts)):
            path = ".".join(parts[:count]) + "."
            if not around.startswith(path) and not any(x.name.startswith(path) for x in after):
                return path[:-1]
        return name

    def _layer_tip(self, rows: Sequence[Row]) -> str:
        then = [operations.word(row) for row in rows[1:]]
        more = f"Then {units.listing(then)}." if then else ""
        return operations.tip(rows[0], self.settings.layout, more)

    def _block_tip(self, fold: Fold, rows: Sequence[Row]) -> str:
        parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
        size = operations.volume(rows[-1].output, self.settings.layout)
        text = (
            f"{units.brief(fold.name, 60)}: {fold.phrase}. "
            f"{units.plural(len(rows), 'layer')}. {size}. {units.plural(parameters, 'parameter')}. "
            f"{units.plural(macs, 'multiply-accumulate')}."
        )
        return printable(units.brief(text, LONGEST_TIP))


def _layer(fold: Fold, rows: Sequence[Row]) -> tuple[str, str, list[str]]:
    """Return the kind of a layer's box, its title, and its name, unless the title says it."""
    (row,) = rows
    if row.layer is None:
        return operations.INPUT, row.name, []
    name = _short(row.name)
    return operations.kind(row), operations.phrase(row), [name] * (name != row.type)


def _block(fold: Fold, rows: Sequence[Row]) -> tuple[str, str, list[str]]:
    """Return the kind of a block's box, its title, and its name with what works in place in it."""
    name = _short(fold.name)
    run = _run(rows)
    if not run:
        return operations.OTHER, _contents(fold), [name]
    others = [row for row in rows if operations.kind(row) == operations.OTHER]
    words = dict.fromkeys(map(operations.word, others))
    return operations.kind(run[0]), f"{len(run)} × {operations.phrase(run[0])}", [name, *words]


def _run(rows: Sequence[Row]) -> list[Row]:
    """Return the layers of a chain that are all alike, apart from what works in place on them."""
    run = [row for row in rows if operations.kind(row) != operations.OTHER]
    others = [row for row in rows if operations.kind(row) == operations.OTHER]
    alike = len({operations.phrase(row) for row in run}) == 1
    in_place = all(len(row.sources) == 1 and row.output == row.inputs[0] for row in others)
    return run if alike and in_place and len(run) > 1 else []


def _contents(fold: Fold) -> str:
    """Return a block's label; with its arguments only if there is room for all of them."""
    if len(fold.phrase) <= LONGEST_TITLE - 6:
        return fold.phrase or fold.name
    title, *more = fold.phrase.split(", ")
    arguments = all(" " in part and "×" not in part for part in more)  # else it holds more blocks
    return title if arguments else f"{title}, …"


def _short(path: str) -> str:
    """Return the end of a path that a box shows: with what it is numbered in."""
    *around, name = path.split(".")
    while around and (name.partition(".")[0].replace("-", "").isdecimal()):
        name = f"{around.pop()}.{name}"
    return shorten(name)
