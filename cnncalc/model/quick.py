"""A faster constructor of frozen dataclasses, for the loop that makes one for every layer."""

from __future__ import annotations

from dataclasses import fields, make_dataclass
from typing import Any, TypeVar, cast

Record = TypeVar("Record")


def quick(record: type[Record]) -> type[Record]:
    """Return a constructor of a frozen dataclass with slots; it has no defaults.

    The constructor of a frozen dataclass sets every field by a call of object.__setattr__. For a
    row of 13 fields that took 1.9 µs of the 5.1 µs that analysis took for a layer. Here an object
    of the same layout that is not frozen is filled, and then becomes the record: 0.8 µs.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, slots=True, kw_only=True)
    ... class Point:
    ...     x: int
    >>> quick(Point)(x=3)
    Point(x=3)
    """

    def become(self: Any) -> None:
        self.__class__ = record

    names = [field.name for field in fields(cast("Any", record))]
    twin = make_dataclass(
        record.__name__,
        names,
        slots=True,
        kw_only=True,
        eq=False,
        repr=False,
        namespace={"__post_init__": become},
    )
    return cast("type[Record]", twin)
