"""Answers in YAML or JSON, with the keys of a file's `expect:`, and keys that hold a network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncalc.errors import Problem, ReadError
from cnncalc.format import keys
from cnncalc.format.architecture import Architecture
from cnncalc.format.shipped import of_path
from cnncalc.homework.answers.text import unmarked
from cnncalc.homework.sheet import COLUMNS, LONGEST_NAME, Sheet, SheetCell, SheetRow
from cnncalc.readers.tree import Tree

_PEAK = re.compile(r"peak[ _]?(?:activations|values|neurons|memory)?")
_TOTALS = ("total", "totals")


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a mapping holds: answers, a network (or the name of a shipped one), marking rules."""

    sheet: Sheet | None
    network: Architecture | str | None = None
    marking: Any = None


def read_mapping(tree: Tree, variant: str | None = None) -> Mapped:
    """Return what a mapping, or a list of rows, holds. Raises: ReadError if it is neither."""
    data = tree.data
    if isinstance(data, list):
        return Mapped(_from_list(tree, data, ()), marking={})
    if not isinstance(data, dict):
        raise ReadError(
            Problem("structure", "answers are a mapping or a list.", place=tree.place())
        )
    network: Architecture | str | None = None
    described = None if _is_report(data) else keys.described(data, tree)
    if described is not None:
        found = of_path(tree.name)._replace(variant=variant)
        network = Architecture.from_tree(described, tree).with_origin(tree, tree.name, found)
    else:
        network = keys.named(data, tree.place(("network",)))
    sheet: Sheet | None = None
    paths: tuple[tuple[str, ...], ...] = (("answers",), ("expect",), ())
    for path in paths:
        claims: Any = data
        for key in path:
            claims = claims.get(key)
        variants = data.get("variants")
        if path == ("expect",) and isinstance(variants, dict) and isinstance(claims, dict):
            path, claims = ("expect", variant or ""), claims.get(variant or "", {})
        if not path and network is not None and not isinstance(network, str):
            break  # the file is an architecture: its own keys are no answers
        if isinstance(claims, (dict, list)) and claims:
            sheet = _claims(tree, claims, path)
            break
    return Mapped(sheet, network, data.get("marking") or {})


def _is_report(data: Mapping[str, Any]) -> bool:
    """Return whether a mapping is the document of an analysis, whose layers have their outputs."""
    rows = data.get("layers")
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(isinstance(row, dict) and "output" in row and "parameters" in row for row in rows)
    )


def _claims(tree: Tree, claims: Any, path: tuple[str | int, ...]) -> Sheet:
    """Return the answers of `{parameters: …, layers: {CONV1: {output: …}}}`, or a list of rows."""
    if isinstance(claims, list):
        return _from_list(tree, claims, path)
    layers = claims.get("layers", claims)
    if isinstance(layers, list):
        sheet = _from_list(tree, layers, (*path, "layers"))
        rows = sheet.rows
    else:
        inside = (*path, "layers") if layers is not claims else path
        rows = tuple(_rows(tree, layers, inside)) if isinstance(layers, dict) else ()
    totals = dict(_cells(tree, claims, path))
    for word in _TOTALS:
        if isinstance(claims.get(word), dict):
            totals |= dict(_cells(tree, claims[word], (*path, word)))
    order = claims.get("order")
    present = {column for row in rows for column in row.cells} | set(totals)
    return Sheet(
        file=tree.name,
        rows=rows,
        columns=tuple(column for column in COLUMNS if column in present),
        totals=totals,
        order=SheetCell(order, tree.place((*path, "order"))) if isinstance(order, str) else None,
    )


def _rows(tree: Tree, layers: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[SheetRow]:
    for name, claims in layers.items():
        place = tree.place((*path, name), key=True)
        if isinstance(claims, dict) and name not in (*keys.OWN, *_TOTALS):
            cells = dict(_cells(tree, claims, (*path, name)))
            yield SheetRow(name[:LONGEST_NAME], "", cells, place)


def _cells(
    tree: Tree, claims: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[str, SheetCell]]:
    for key, value in claims.items():
        if isinstance(value, dict):
            continue
        column = key if key in COLUMNS else "peak" if _PEAK.fullmatch(key) else _named(key)
        if column != key and column in claims:
            continue
        if column in (*COLUMNS, "peak"):
            yield str(column), SheetCell(_text(value), tree.place((*path, key)))


def _named(key: str) -> str | None:
    """Return the column that a key means in other words, as the head of a table may."""
    from cnncalc.homework.answers.heads import column_of

    return column_of(key)


def _from_list(tree: Tree, rows: list[Any], path: tuple[str | int, ...]) -> Sheet:
    """Return the answers of a list of mappings, whose keys are a table's heads."""
    from cnncalc.homework.answers.grid import Grid
    from cnncalc.homework.answers.tables import sheet_of

    heads = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))
    grid = [[SheetCell(head, tree.place(path)) for head in heads]]
    for index, row in enumerate(rows):
        if isinstance(row, dict):
            grid.append(
                [
                    SheetCell(_text(row.get(head)), tree.place((*path, index, head)))
                    for head in heads
                ]
            )
    sheet = sheet_of([Grid("a list", grid)], tree.name)
    if sheet is None:
        raise ReadError(
            Problem(
                "structure",
                "a list of answers has a mapping for each layer, with layer and output, "
                "parameters or the like.",
                place=tree.place(path),
            )
        )
    return sheet


def _text(value: Any) -> str:
    """Return a plain value as it would be written in a cell."""
    if value is None:
        return ""
    if isinstance(value, dict):  # of a receptive field, what it sees
        return _text(value.get("size"))
    if isinstance(value, list) and len(value) > 1 and all(isinstance(n, list) for n in value):
        return ""  # several volumes
    if isinstance(value, list):
        return "x".join(map(_text, value))
    if isinstance(value, Fraction):
        return str(float(value))
    return unmarked(str(value))
