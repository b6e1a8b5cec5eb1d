"""The layered layout of a graph: top down, in the order of running."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cnncalc.figures import asides, columns, series_parallel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures.cells import Cell, Layout


def layout(
    cells: Sequence[Cell], sources: Sequence[Sequence[int]], tallest: float = math.inf
) -> Layout:
    """Return where nodes stand, given those that each works on; a node works on earlier ones."""
    found = asides.layout(cells, sources, layout)
    if found is None and branches(sources):
        found = series_parallel.layout(cells, sources, tallest)
    return found or columns.layout(cells, sources)


def branches(sources: Sequence[Sequence[int]]) -> bool:
    """Return whether branches stand side by side, so that what joins them has a place below."""
    return series_parallel.is_parallel(sources) and not columns.is_ladder(sources)
