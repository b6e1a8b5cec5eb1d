"""The shapes of arrays that are given as text, as lists or in a file."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cnncalc.applying.exact import Value
from cnncalc.applying.literals import Given
from cnncalc.errors import CnncalcError, Problem

Shape = tuple[int, ...]


def volumes(given: Given, layout: str, *, rows: bool = False) -> list[Shape]:
    """Return the volumes that an input may be, the likeliest first: `(*extents, C)`.

    A row is a vector, else one channel along one axis, else an image one pixel high.
    A matrix is an image of one channel, else a row of channels for each position; `rows`: the
    other way round, as neurons and attention have it.

    >>> volumes(Given(shape=(1, 1, 1, 4), values=range(4), planes=True), "hwc")
    [(4,), (4, 1), (1, 4, 1)]
    """
    if given.volume is not None:
        return [given.volume]
    if given.planes:
        filters, c, r, w = given.shape
        if filters > 1:
            raise CnncalcError(Problem("array", "|| separates filters; channels have one |."))
        if r > 1:
            image, positions = (r, w, c), (r, w)
            return [image] if c > 1 else [positions, image] if rows else [image, positions]
        return [(w, c), (1, w, c)] if c > 1 else [(w,), (w, 1), (1, w, 1)]
    match given.shape:
        case (n,):
            return [(n,), (n, 1), (1, n, 1)]
        case (h, w):
            image, positions = (h, w, 1), (w, h) if layout == "chw" else (h, w)
            return [positions, image] if rows else [image, positions]
        case (c, *extents) if layout == "chw":
            return [(*extents, c)]
    return [given.shape]


def as_volume(given: Given, volume: Shape, layout: str) -> list[Value]:
    """Return the values of an input in the order of its volume: channels last."""
    if given.planes:
        return given.moved((0, 2, 3, 1))
    first = layout == "chw" and len(given.shape) == len(volume) > 1
    return given.moved((*range(1, len(given.shape)), 0)) if first else list(given.values)


def as_array(name: str, given: Given, shape: Shape, layout: str) -> list[Value]:
    """Return the values of a layer's array, in C order of the shape that the layer needs.

    One value stands for all of them. Raises: CnncalcError for values of another shape.

    >>> as_array("w", Given(shape=(1, 2, 1, 2), values=[1, 2, 3, 4], planes=True), (1, 2, 2), "hwc")
    [1, 3, 2, 4]
    """
    size = math.prod(shape)
    if len(given.values) == 1:
        return list(given.values) * size
    if len(given.values) == size:
        for order, found in _readings(given, shape, layout):
            if found == shape:
                return given.moved(order)
        if given.one_row:
            return list(given.values)
    wanted = "x".join(map(str, shape))
    raise CnncalcError(
        Problem(
            "array",
            f"{name} must have the shape {wanted}, {_roles(shape)}. Received {_text(given)}.",
        )
    )


def _readings(given: Given, shape: Shape, layout: str) -> Iterator[tuple[Shape, Shape]]:
    """Yield the ways to read an array: the order of its axes, and the shape it then has."""
    if not given.planes:
        count = len(given.shape)
        order = tuple(range(count))
        if layout == "chw" and count > 2 and len(shape) == count:
            order = (0, *range(2, count), 1)
        moved = tuple(given.shape[axis] for axis in order)
        if [n for n in moved if n > 1] == [n for n in shape if n > 1]:
            moved = shape
        yield order, moved
        return
    f, c, r, w = given.shape
    order = (0, 2, 3, 1)
    yield order, (f, r, w, c)
    if r == 1:
        yield order, (f, w, c)
    if f == 1:
        yield order, (r, w, c)
        if c == 1:
            yield order, (r, w)
            yield order, (r * w,) if 1 in (r, w) else ()
        if r == 1:
            yield order, (w, c)
        # With one channel each, what | separates are filters.
        yield (1, 2, 3, 0), (c, r, w, 1)
        if r == 1:
            yield (1, 2, 3, 0), (c, w, 1)


def _roles(shape: Shape) -> str:
    if len(shape) < 3:
        return "in rows and columns" if len(shape) == 2 else "in a row"
    return "filters first and channels last"


def _text(given: Given) -> str:
    if not given.planes:
        return "x".join(map(str, given.shape))
    names = ("filters", "channels", "rows", "columns")
    parts = [
        f"{n} {name if n > 1 else name[:-1]}"
        for n, name in zip(given.shape, names, strict=True)
        if n > 1 or name in ("rows", "columns")
    ]
    return " of ".join([", ".join(parts[:-1]), parts[-1]])
