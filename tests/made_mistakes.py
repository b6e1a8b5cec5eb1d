"""Sheets with mistakes that were made on purpose, from the lecture's formulas alone.

Nothing here comes from the package: O = (W - K + 2P)/S + 1, K·K·D1·D2 weights and D2 biases,
H2·W2·K·K·D1·D2 operations, and what each mistake makes of them, are written out once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

Shape = tuple[int, int, int]
Answer = Shape | int


@dataclass(frozen=True, kw_only=True)
class Made:
    """A layer of a made network, with its numbers as the lecture has them."""

    kind: str  # conv, depthwise_conv, max_pool, batch_norm or fc
    name: str
    shape: Shape  # that enters: height, width, depth
    k: int = 1
    s: int = 1
    p: int = 0
    d: int = 1
    filters: int = 0  # units of fc
    image_depth: int = 3
    before: Made | None = None
    field: int = 1  # receptive field of the row before, and its step
    step: int = 1

    @property
    def reach(self) -> int:
        """Return how far the window reaches along an axis, with its dilation."""
        return self.d * (self.k - 1) + 1

    def along(self, w: int, *, p2: int | None = None, s: int | None = None, one: int = 1) -> int:
        """Return the output's extent along an axis."""
        both = 2 * self.p if p2 is None else p2
        return (w - self.reach + both) // (self.s if s is None else s) + one

    @property
    def windowed(self) -> bool:
        """Return whether a window slides over the input."""
        return self.kind in ("conv", "depthwise_conv", "max_pool")

    @property
    def depth(self) -> int:
        """Return the depth of the output."""
        return self.filters if self.kind in ("conv", "fc") else self.shape[2]

    @property
    def output(self) -> Shape:
        """Return the output's height, width and depth."""
        if self.kind == "fc":
            return 1, 1, self.filters
        if self.kind == "batch_norm":
            return self.shape
        return self.along(self.shape[0]), self.along(self.shape[1]), self.depth

    @property
    def inputs(self) -> int:
        """Return how many values enter."""
        h, w, c = self.shape
        return h * w * c

    @property
    def parameters(self) -> int:
        """Return the learned values."""
        c = self.shape[2]
        return {
            "conv": (self.k * self.k * c + 1) * self.filters,
            "depthwise_conv": (self.k * self.k + 1) * c,
            "fc": (self.inputs + 1) * self.filters,
            "batch_norm": 2 * c,
        }.get(self.kind, 0)

    @property
    def flops(self) -> int:
        """Return the multiply-accumulates."""
        h, w, _ = self.output
        c = self.shape[2]
        return {
            "conv": h * w * self.k * self.k * c * self.filters,
            "depthwise_conv": h * w * self.k * self.k * c,
            "fc": self.inputs * self.filters,
        }.get(self.kind, 0)

    @property
    def receptive_field(self) -> int:
        """Return the receptive field along an axis."""
        return self.field + (self.reach - 1) * self.step if self.windowed else self.field


def volumes(one: Made) -> Iterator[tuple[str, Shape]]:
    """Yield what each mistake makes of a volume."""
    h, w, c = one.shape
    if not one.windowed:
        return
    right = one.output

    def each(extent: Callable[[int], int], depth: int = one.depth) -> Shape:
        return extent(h), extent(w), depth

    yield "S-NOPLUS1", each(lambda n: one.along(n, one=0))
    if one.p:
        yield "S-PADONCE", each(lambda n: one.along(n, p2=one.p))
        yield "S-NOPAD", each(lambda n: one.along(n, p2=0))
        yield "S-PADDEPTH", (right[0], right[1], one.depth + 2 * one.p)
    if one.s > 1:
        yield "S-NOSTRIDE", each(lambda n: one.along(n, s=1))
    if one.d > 1:
        yield "S-NODILATION", each(lambda n: (n - one.k + 2 * one.p) // one.s + 1)
    if one.kind == "conv":
        yield "S-DEPTHKEEP", (right[0], right[1], c)
        yield "S-ASSUMESAME", each(lambda n: -(-n // one.s))
        yield "S-ADDK", each(lambda n: n + one.reach - 1)
    if one.kind == "max_pool":
        yield "S-POOLDIV", each(lambda n: n // one.k)
        yield "S-POOLDEPTH", (right[0], right[1], c // one.s)
    if one.before is not None and one.before.windowed:
        beside = one.before
        yield (
            "S-ROWKERNEL",
            each(lambda n: (n - one.d * (beside.k - 1) - 1 + 2 * one.p) // one.s + 1),
        )
        yield "S-COPIED", beside.output
        if one.kind == beside.kind == "conv":
            yield "S-ROWFILTERS", (right[0], right[1], beside.filters)


def learned(one: Made) -> Iterator[tuple[str, int]]:
    """Yield what each mistake makes of a count of parameters."""
    h, w, c = one.shape
    k, f, area = one.k, one.filters, one.k * one.k
    oh, ow, _ = one.output
    beside = one.before
    if one.kind == "conv":
        yield "P-NODEPTH", (area + 1) * f
        yield "P-ONEBIAS", area * c * f + 1
        yield "P-NODEPTH-NOBIAS", area * f
        yield "P-NODEPTH-ONEBIAS", area * f + 1
        yield "P-ONEFILTER", area * c + 1
        yield "P-KERNELSIDE", (k * c + 1) * f
        yield "P-OUTDEPTH", (area * f + 1) * f
        yield "P-STALE", (area * one.image_depth + 1) * f
        yield "P-SPATIAL", (h * w * c + 1) * f
        yield "P-NOSHARE", (area * c + 1) * f * oh * ow
        yield "P-BIASIN", area * c * f + c
        if one.d > 1:
            yield "P-DILATED", (one.reach**2 * c + 1) * f
        if beside is not None and beside.kind == "conv":
            yield "P-ROWKERNEL", (beside.k**2 * c + 1) * f
            yield "P-ROWFILTERS", (area * c + 1) * beside.filters
    if one.kind == "depthwise_conv":
        yield "P-DEPTHWISE", (area * c + 1) * c
        yield "P-ONEBIAS", area * c + 1
    if one.kind == "batch_norm":
        yield "P-GAMMA", c
        yield "P-BNPIXELS", 2 * h * w * c
    if one.kind == "max_pool":
        yield "P-POOL", (area + 1) * c
    if one.kind == "fc":
        yield "P-ONEBIAS", one.inputs * f + 1
        yield "P-FCADD", one.inputs * f + one.inputs
        if h * w > 1:
            yield "P-NOCHANNEL-FC", (h * w + 1) * f
            yield "P-NOFLATTEN", (c + 1) * f
            yield "P-FLATTEN", ((h - 1) * (w - 1) * c + 1) * f
        elif beside is not None:
            yield "P-ROWFILTERS", (one.inputs + 1) * beside.filters
    if beside is not None and beside.parameters:
        yield "P-COPIED", beside.parameters


def operations(one: Made) -> Iterator[tuple[str, int]]:
    """Yield what each mistake makes of a count of operations."""
    h, w, c = one.shape
    oh, ow, depth = one.output
    area, f, beside = one.k * one.k, one.filters, one.before
    if one.kind == "conv":
        yield "F-INHW", h * w * area * c * f
        yield "F-NODEPTH", oh * ow * area * f
        yield "F-KERNELSIDE", oh * ow * one.k * c * f
        yield "F-NOAREA", oh * ow * c * f
        yield "F-ONEFILTER", oh * ow * area * c
        yield "F-ONEEXTENT", oh * area * c * f
        yield "F-PARAMS", area * c * f
        yield "F-BIASONCE", one.flops + f
        if one.d > 1:
            yield "F-DILATED", oh * ow * one.reach**2 * c * f
        if beside is not None and beside.kind == "conv":
            yield "F-ROWKERNEL", oh * ow * beside.k**2 * c * f
            yield "F-ROWFILTERS", oh * ow * area * c * beside.filters
    if one.kind == "depthwise_conv":
        yield "F-DEPTHWISE", oh * ow * area * c * c
    if one.kind == "max_pool":
        yield "F-POOL", area * oh * ow * depth
    if beside is not None and beside.flops:
        yield "F-COPIED", beside.flops


MISTAKES: dict[str, Callable[[Made], Iterator[tuple[str, Any]]]] = {
    "output": volumes,
    "parameters": learned,
    "flops": operations,
}


def odd_volumes(one: Made, random: Random) -> Iterator[Shape]:
    """Yield wrong volumes that no documented mistake leads to on purpose."""
    h, w, c = one.output
    n = random.randrange(4, 40)
    yield h + n, w + n, c
    yield h, w, c + random.randrange(1, 30)
    yield h * w, w, c
    yield random.randrange(1, 2 * h + 2), random.randrange(1, 2 * w + 2), c


def odd_counts(count: int, one: Made, random: Random) -> Iterator[int]:
    """Yield wrong counts that no documented mistake leads to on purpose."""
    h, _, c = one.shape
    yield count + random.randrange(11, max(12, count // 3))
    yield random.randrange(max(1, count // 9), 9 * count)
    yield count - random.randrange(7, max(8, count // 7))
    yield count * 3 + 5
    yield (one.k * one.k + c + 3) * max(one.depth, 2) + h


def network(random: Random) -> list[Made]:
    """Return a made network of 5 to 9 rows, one path from the image to the classes."""
    side = random.choice((24, 28, 30, 32, 33, 40, 48, 57, 64))
    shape: Shape = (side, side if random.random() < 0.7 else side + 5, random.choice((1, 3, 3, 4)))
    layers: list[Made] = []
    image, reach, step = shape[2], 1, 1

    def add(kind: str, **settings: int) -> bool:
        nonlocal shape, reach, step
        count = 1 + sum(one.kind == kind for one in layers)
        one = Made(
            kind=kind, name=f"{kind.split('_')[0]}{count}", shape=shape, image_depth=image,
            before=layers[-1] if layers else None, field=reach, step=step, **settings,
        )  # fmt: skip
        if min(one.output) < 2 and kind != "fc":
            return False
        layers.append(one)
        shape, reach, step = one.output, one.receptive_field, step * one.s
        return True

    for number in range(random.randrange(2, 5)):
        k = random.choice((3, 3, 5, 7) if number == 0 else (1, 3, 3, 5))
        filters = random.choice((6, 8, 10, 12, 16, 20, 24, 32, 48, 64))
        dilation = 2 if k == 3 and random.random() < 0.15 else 1
        settings = {"k": k, "s": random.choice((1, 1, 1, 2)), "p": random.choice((0, k // 2, 1)),
                    "d": dilation}  # fmt: skip
        kind = "depthwise_conv" if number and random.random() < 0.2 else "conv"
        add(kind, filters=filters if kind == "conv" else 0, **settings)
        if random.random() < 0.25:
            add("batch_norm")
        if random.random() < 0.6:
            k, s = random.choice(((2, 2), (2, 2), (3, 2), (3, 3)))
            add("max_pool", k=k, s=s)
    for units in random.sample((120, 100, 84, 64, 32), random.randrange(1, 3)):
        add("fc", filters=units)
    add("fc", filters=10)
    return layers


def document(layers: list[Made]) -> dict[str, Any]:
    """Return the network as a file would have it."""
    elements: list[dict[str, Any]] = []
    for one in layers:
        element: dict[str, Any] = {"type": one.kind, "name": one.name}
        if one.windowed:
            element |= {"kernel": one.k, "stride": one.s, "padding": one.p}
        if one.d > 1:
            element["dilation"] = one.d
        if one.kind == "conv":
            element["filters"] = one.filters
        if one.kind == "fc":
            element["units"] = one.filters
        elements.append(element)
    first = layers[0].shape
    return {"name": "made", "input": "x".join(map(str, first)), "layers": elements}


@dataclass(kw_only=True)
class MadeSheet:
    """A sheet, and the wrong cells in it with the mistake that was made in each."""

    layers: list[Made]
    cells: dict[tuple[str, str], Answer]
    made: dict[tuple[str, str], str] = field(default_factory=dict)  # "" for no documented one

    def text(self) -> str:
        """Return the sheet in Markdown."""
        lines = ["| Layer | Output | Parameters | FLOPs |", "|---|---|---|---|"]
        for one in self.layers:
            row = [self.cells[one.name, column] for column in MISTAKES]
            said = ["x".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in row]
            lines.append(f"| {one.name} | {' | '.join(said)} |")
        return "\n".join(lines) + "\n"


def right(layers: list[Made]) -> dict[tuple[str, str], Answer]:
    """Return all right answers."""
    return {(one.name, column): getattr(one, column) for one in layers for column in MISTAKES}


def sheet(random: Random, code: str) -> MadeSheet | None:
    """Return a sheet in which a mistake is made in one row, or in every row where it shows.

    Rows are worked out from the student's own volume before. None where it shows nowhere.
    """
    layers = network(random)
    places = [
        (index, column)
        for index, one in enumerate(layers)
        for column, mistakes in MISTAKES.items()
        for name, value in mistakes(one)
        if name == code and value != getattr(one, column) and _possible(value)
    ]
    if not places:
        return None
    throughout = random.random() < 0.5 and not code.endswith("COPIED")
    chosen = places if throughout else [random.choice(places)]
    found = MadeSheet(layers=layers, cells={})
    shape, before = layers[0].shape, None
    for index, true in enumerate(layers):
        one = replace(true, shape=shape, before=before)
        for column, mistakes in MISTAKES.items():
            answer = getattr(one, column)
            made = dict(mistakes(one)).get(code) if (index, column) in chosen else None
            if made is not None and made != answer and _possible(made):
                found.made[one.name, column] = code
                answer = made
            if not _possible(answer) and column == "output":
                return None  # the network ends in nothing: the student would have seen that
            found.cells[one.name, column] = answer
        stated = found.cells[one.name, "output"]
        assert isinstance(stated, tuple)
        shape, before = stated, one
    return found


def odd_sheet(random: Random) -> MadeSheet:
    """Return a sheet with one wrong cell in every other row, none by a documented mistake."""
    layers = network(random)
    found = MadeSheet(layers=layers, cells=right(layers))
    for one in layers[:: random.choice((1, 2))]:
        column = random.choice([c for c in MISTAKES if found.cells[one.name, c]])
        answer = found.cells[one.name, column]
        if isinstance(answer, tuple):
            if not one.windowed:
                continue
            wrong: list[Answer] = [*odd_volumes(one, random)]
        else:
            wrong = [*odd_counts(answer, one, random)]
        value = random.choice(wrong)
        documented = {n for _, n in MISTAKES[column](one)}
        if value != answer and value not in documented:
            found.cells[one.name, column] = value
            found.made[one.name, column] = ""
    return found


def _possible(value: Answer) -> bool:
    return min(value) > 0 if isinstance(value, tuple) else value > 0


CODES = (
    "S-NOPLUS1", "S-PADONCE", "S-NOPAD", "S-PADDEPTH", "S-NOSTRIDE", "S-NODILATION", "S-DEPTHKEEP",
    "S-ASSUMESAME", "S-ADDK", "S-POOLDIV", "S-POOLDEPTH", "S-ROWKERNEL", "S-COPIED", "S-ROWFILTERS",
    "P-NODEPTH", "P-ONEBIAS", "P-NODEPTH-NOBIAS", "P-NODEPTH-ONEBIAS", "P-ONEFILTER",
    "P-KERNELSIDE", "P-OUTDEPTH", "P-STALE", "P-SPATIAL", "P-NOSHARE", "P-BIASIN", "P-DILATED",
    "P-ROWKERNEL", "P-ROWFILTERS", "P-DEPTHWISE", "P-GAMMA", "P-BNPIXELS", "P-POOL", "P-FCADD",
    "P-NOCHANNEL-FC", "P-NOFLATTEN", "P-FLATTEN", "P-COPIED", "F-INHW", "F-NODEPTH",
    "F-KERNELSIDE", "F-NOAREA", "F-ONEFILTER", "F-ONEEXTENT", "F-PARAMS", "F-BIASONCE",
    "F-DILATED", "F-ROWKERNEL", "F-ROWFILTERS", "F-DEPTHWISE", "F-POOL", "F-COPIED",
)  # fmt: skip
