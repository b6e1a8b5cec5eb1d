"""What elements are called: by their name, or by their type, numbered where several share it."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.format.plan import Given, Item


def number_names(items: list[Item], *, inside: bool = False) -> None:
    """Give the elements of one scope their names: by type, numbered where several share it.

    Anonymous groups and branches add no scope: what they hold belongs to this one. `inside`:
    the one item is the scope itself.
    """
    shared: dict[str, list[tuple[Item, str]]] = {}
    for item, slot in _unnamed(items, inside):
        shared.setdefault(getattr(item, slot), []).append((item, slot))
    for stem, found in shared.items():
        mark = "_" if stem[-1:].isdigit() else ""
        for number, (item, slot) in enumerate(found, 1):
            if len(found) > 1:
                setattr(item, slot, f"{stem}{mark}{number}")


def _unnamed(items: list[Item], inside: bool) -> Iterator[tuple[Item, str]]:
    """Yield what a scope has to name, and the slot for it: elements, and nodes that merge."""
    for item in items:
        own = not inside and (
            item.name is not None or item.repeat is not None or item.table is not None
        )
        if item.kind != "type" and not own:
            yield from _unnamed(item.children, False)
            for _, branch in item.branches:
                yield from _unnamed(branch, False)
            if item.kind == "branches":
                yield item, "merge_name"
        if not inside and item.name is None and (item.kind == "type" or own or item.then):
            yield item, "stem"


def names_in(item: Item, *, own_table: bool = False) -> Iterator[str]:
    """Yield every name that an item's expressions use, at any depth; its own table's apart."""
    givens = [*item.settings.values(), item.when, item.repeat, item.type]
    if isinstance(item.table, Given):
        givens.append(item.table)
    elif item.table is not None and own_table:
        givens.extend(item.table.cells())
    inner = [*item.children, *(item.then or ())]
    for when, items in item.branches:
        givens.append(when)
        inner.extend(items)
    for given in givens:
        if given is not None and given.expression is not None:
            yield from given.expression.names
    for child in inner:
        yield from names_in(child, own_table=True)
