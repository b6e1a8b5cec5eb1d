"""Common subexpressions of outputs, such as a mean: each gets a letter, and is written once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_lowercase

from cnncalc.applying.fields import below
from cnncalc.applying.formula import Formula

LEAST_NUMBERS = 3  # that a formula has, if it is worth a letter


def shared(roots: Sequence[Formula]) -> list[Formula]:
    """Return the longer formulas that are used more than once, each after those it uses.

    >>> a, b, c = (Formula("number", n) for n in (1, 2, 3))
    >>> largest = a.maximum(b).maximum(c)
    >>> shared([a - largest, b - largest]) == [largest]
    True
    """
    users: dict[int, set[int]] = {}
    order = list(_children_first(roots))
    for node in order:
        for one in below(node):
            users.setdefault(id(one), set()).add(id(node))
    sizes: dict[int, int] = {}
    found = []
    for node in order:
        size = sum(sizes.get(id(one), 1) for one in below(node)) or 1
        if size >= LEAST_NUMBERS and len(users.get(id(node), ())) > 1:
            found.append(node)
            size = 1
        sizes[id(node)] = min(size, LEAST_NUMBERS)
    return found


def letters() -> Iterator[str]:
    """Yield a, b, …, z, a1, b1, … without end."""
    turn = 0
    while True:
        yield from (f"{letter}{turn or ''}" for letter in ascii_lowercase)
        turn += 1


def _children_first(roots: Sequence[Formula]) -> Iterator[Formula]:
    """Yield every formula below some, each once, after what it is made from; values excepted."""
    seen: set[int] = set()
    waiting = [(root, False) for root in reversed(roots)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            yield node
        elif id(node) not in seen and (node.parts or node.place is None):
            seen.add(id(node))
            waiting.append((node, True))
            waiting += [(one, False) for one in reversed(below(node))]
