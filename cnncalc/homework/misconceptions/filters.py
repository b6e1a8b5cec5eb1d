"""The terms of a layer's filters, and the changes of them that counts of weights and of operations
have in common.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from cnncalc.arithmetic import effective_kernel
from cnncalc.homework.cases import Case
from cnncalc.homework.misconceptions.mistake import windows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedTerms:
    """copies · (area · depth · filters + biases): the learned values of a layer."""

    area: int  # of a filter in one channel: K·K; of an FC layer, the positions that it sees
    depth: int
    filters: int
    biases: int
    copies: int = 1

    def value(self) -> int:
        """Return the count."""
        return self.copies * (self.area * self.depth * self.filters + self.biases)


def learned_terms(case: Case) -> LearnedTerms | None:
    """Return the terms of a layer's learned values, or None if it has no filters."""
    row = case.row
    if row.layer is None or not row.weights:
        return None
    shapes = row.layer.parameters(row.output, *row.inputs)
    weight = shapes.get("weight")
    if weight is None or len(weight) < 2 or len(shapes) > 2:
        return None
    filters, *kernel, depth = weight
    area = math.prod(kernel)
    if row.type == "fc":
        area, depth = row.inputs[0].positions, row.inputs[0].channels
    elif math.prod(weight) != row.weights:
        return None
    return LearnedTerms(area=area, depth=depth, filters=filters, biases=row.biases)


def is_dense(case: Case) -> bool:
    """Return whether a layer is fully connected."""
    return case.row.type == "fc"


def ungrouped(terms: Any, case: Case) -> Any | None:
    """Return the terms of a layer in groups as if each filter saw all channels."""
    groups = getattr(case.row.layer, "groups", 1)
    return None if groups == 1 or terms.depth == 1 else replace(terms, depth=terms.depth * groups)


def full_depth(terms: Any, case: Case) -> Any | None:
    """Return the terms of a depthwise layer with filters as deep as its input."""
    depth = case.row.inputs[0].channels
    return None if is_dense(case) or terms.depth > 1 else replace(terms, depth=depth)


def dense_reach(terms: Any, case: Case) -> Any | None:
    """Return the terms of a dilated filter as if the places between its weights had some, too."""
    windows = windows_of(case)
    if windows is None or all(window.dilation == 1 for window in windows):
        return None
    reach = (effective_kernel(window.kernel, window.dilation) for window in windows)
    return replace(terms, area=math.prod(reach))
