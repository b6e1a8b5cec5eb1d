"""Names of elements: their own, or their type, numbered where several share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from cnncalc.format.plan import BlockPlan, BranchPlan, ElementPlan, PlannedValue

Scope = TypeVar("Scope")
Naming = Callable[[str], str]  # from a stem to the name that is made of it


def numbered(elements: tuple[ElementPlan, ...]) -> tuple[ElementPlan, ...]:
    """Return the elements of one scope with their names: by type, numbered where several share it.

    Anonymous groups and branches are no scopes: what they hold belongs to this one.
    """
    return _number(lambda name: tuple([_named(element, name) for element in elements]))


def numbered_within(element: ElementPlan) -> ElementPlan:
    """Return an element that is a scope with the names of what it holds and what follows it."""
    return _number(lambda name: _with_then_named(_with_content_named(element, name), name))


def used_with(block: BlockPlan, use: ElementPlan) -> tuple[BlockPlan, ElementPlan]:
    """Return a block and its use, what follows it numbered together with what the block holds."""

    def rename(name: Naming) -> tuple[ElementPlan, ElementPlan]:
        return _with_content_named(block.body, name), _with_then_named(use, name)

    body, use = _number(rename)
    pairs = zip(_names_of(block.body), _names_of(body), strict=True)
    renumbered = {before: after for before, after in pairs if before != after}
    return replace(block, body=body, renumbered=renumbered), use


def _names_of(element: ElementPlan) -> Iterator[str]:
    """Yield the names in the scope that an element is, in one order."""
    yield element.merge_name
    for child in chain(element.children, *[branch.children for branch in element.branches]):
        yield child.stem
        if child.kind != "type" and not child.is_scope:
            yield from _names_of(child)


def _number(rename: Callable[[Naming], Scope]) -> Scope:
    """Call `rename` twice, to count the stems of a scope and to number them; return the second."""
    shared: Counter[str] = Counter()
    used: Counter[str] = Counter()

    def count(stem: str) -> str:
        shared[stem] += 1
        return stem

    def name(stem: str) -> str:
        if shared[stem] == 1:
            return stem
        used[stem] += 1
        return f"{stem}{'_' if stem[-1:].isdigit() else ''}{used[stem]}"

    rename(count)
    return rename(name)


def _named(element: ElementPlan, name: Naming) -> ElementPlan:
    if element.kind != "type" and not element.is_scope:
        element = _with_content_named(element, name)
    if element.name is None and (element.kind == "type" or element.is_scope or element.then):
        element = replace(element, stem=name(element.word))
    return element


def _with_then_named(element: ElementPlan, name: Naming) -> ElementPlan:
    """Return an element with names for what follows it."""
    if element.then is None:
        return element
    return replace(element, then=tuple([_named(follower, name) for follower in element.then]))


def _with_content_named(element: ElementPlan, name: Naming) -> ElementPlan:
    """Return an element with names for what it holds, and for its node that merges."""
    if element.kind == "type":
        return element
    children = tuple([_named(child, name) for child in element.children])
    branches = tuple(
        [
            BranchPlan(branch.when, tuple([_named(child, name) for child in branch.children]))
            for branch in element.branches
        ]
    )
    merge_name = name(element.merge) if element.kind == "branches" else ""
    return replace(element, children=children, branches=branches, merge_name=merge_name)


def names_in(element: ElementPlan, *, own_table: bool = False) -> Iterator[str]:
    """Yield every name that an element's expressions use, at any depth; its own table's apart."""
    values = [*element.settings.values(), element.when, element.repeat, element.type]
    if isinstance(element.table, PlannedValue):
        values.append(element.table)
    elif element.table is not None and own_table:
        values.extend(element.table.values())
    inner = [*element.children, *(element.then or ())]
    for lengths in element.also.values():
        values.extend(lengths)
    for branch in element.branches:
        values.append(branch.when)
        inner.extend(branch.children)
    for value in values:
        if value is not None and value.expression is not None:
            yield from value.expression.names
    for child in inner:
        yield from names_in(child, own_table=True)
