"""Mistakes in receptive fields and steps, along the way from the image."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.arithmetic import effective_kernel
from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.layer_truth import Case
from cnncalc.homework.misconceptions.mistake import Explanation, Ways
from cnncalc.layers.base import Window

LONGEST = 300  # windows on the way from the image; the work for a sheet grows with their square


def _field(path: Sequence[tuple[str, Window]]) -> tuple[Exact, Exact]:
    """Return the receptive field and the jump of a sequence of windows."""
    size: Exact = 1
    jump: Exact = 1
    for _, window in path:
        size += (effective_kernel(window.kernel, window.dilation) - 1) * jump
        jump *= window.stride
    return size, jump


def _early(path: Sequence[tuple[str, Window]]) -> Exact:
    size: Exact = 1
    jump: Exact = 1
    for _, window in path:
        jump *= window.stride
        size += (effective_kernel(window.kernel, window.dilation) - 1) * jump
    return size


def wrong_fields(case: Case, column: str) -> Ways:
    """Yield the wrong receptive fields, or the wrong steps between units."""
    if case.path is None or case.field is None or not 0 < case.path.length <= LONGEST:
        return
    path = case.path.steps()
    axes = len(case.field)
    question = (
        "What does one layer add to the field, and how far apart are its inputs in the image?"
    )
    unpooled = [step for step in path if "pool" not in step[0]]
    undilated = [(tag, window._replace(dilation=1)) for tag, window in path]
    found: list[tuple[str, str, Exact]] = [
        ("R-SKIPPOOL", "pools ignored", _field(unpooled)[column == "step"]),
        ("R-OFFBYLAYER", "one layer too few", _field(path[:-1])[column == "step"]),
        (
            "R-LASTTWICE",
            "the last layer counted twice",
            _field([*path, path[-1]])[column == "step"],
        ),
        ("R-NODILATION", "the dilation forgotten", _field(undilated)[column == "step"]),
    ]
    if column != "step":
        found += [
            ("R-JUMPEARLY", "a layer's own stride taken before it counts", _early(path)),
            ("R-AREA", "the area, not the side", _field(path)[0] ** 2),
            (
                "R-NOJUMP",
                "strides forgotten",
                _field([(t, w._replace(stride=1)) for t, w in path])[0],
            ),
            ("R-KERNELSUM", "the kernels added up", sum(w.kernel for _, w in path)),
            ("R-LASTONLY", "the last layer's filter alone", path[-1][1].kernel),
        ]
        shorter = _field(path[:-1])[0]
        both = (
            Explanation("R-OFFBYLAYER", "one layer too few", question),
            Explanation("R-AREA", "the area, not the side", question),
        )
        yield (shorter**2,) * axes, both
    for code, text, size in found:
        yield (size,) * axes, (Explanation(code, text, question),)
