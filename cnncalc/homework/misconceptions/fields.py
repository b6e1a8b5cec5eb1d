"""Mistakes in receptive fields, and in the steps between units."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.arithmetic import effective_kernel
from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.cases import Case
from cnncalc.homework.misconceptions.mistake import Misconception, WrongValue, WrongValues
from cnncalc.layers.base import Window

LONGEST = 300  # windows from the image on; the work for a sheet grows with their square

Windows = Sequence[tuple[str, Window]]  # from the image on, with the types of their layers


def field_size(windows: Windows, *, stride_first: bool = False) -> Exact:
    """Return the receptive field of a sequence of windows.

    `stride_first`: as a mistake has it, with each stride taken before its own kernel.
    """
    size: Exact = 1
    step: Exact = 1
    for _, window in windows:
        after = step * window.stride
        reach = effective_kernel(window.kernel, window.dilation)
        size += (reach - 1) * (after if stride_first else step)
        step = after
    return size


def step_size(windows: Windows) -> Exact:
    """Return how many input pixels lie between two neighbouring units."""
    step: Exact = 1
    for _, window in windows:
        step *= window.stride
    return step


_QUESTION = "What does one layer add to the field, and how far apart are its inputs in the image?"
OFFBYLAYER = Misconception(
    "R-OFFBYLAYER", "one layer too few", _QUESTION, lambda windows, case: windows[:-1]
)
AREA = Misconception(
    "R-AREA",
    "the area, not the side",
    _QUESTION,
    lambda windows, case: field_size(windows) ** 2,
)
# The changes of these are the windows that are counted: they concern fields and steps.
WINDOWS = (
    Misconception(
        "R-SKIPPOOL",
        "pools ignored",
        _QUESTION,
        lambda windows, case: [one for one in windows if "pool" not in one[0]],
    ),
    OFFBYLAYER,
    Misconception(
        "R-LASTTWICE",
        "the last layer counted twice",
        _QUESTION,
        lambda windows, case: [*windows, windows[-1]],
    ),
    Misconception(
        "R-NODILATION",
        "the dilation forgotten",
        _QUESTION,
        lambda windows, case: [(type, window._replace(dilation=1)) for type, window in windows],
    ),
)
# The changes of these are the sizes that come out: they concern fields alone.
SIZES = (
    Misconception(
        "R-JUMPEARLY",
        "a layer's own stride taken before it counts",
        _QUESTION,
        lambda windows, case: field_size(windows, stride_first=True),
    ),
    AREA,
    Misconception(
        "R-NOJUMP",
        "strides forgotten",
        _QUESTION,
        lambda windows, case: field_size(
            [(type, window._replace(stride=1)) for type, window in windows]
        ),
    ),
    Misconception(
        "R-KERNELSUM",
        "the kernels added up",
        _QUESTION,
        lambda windows, case: sum(window.kernel for _, window in windows),
    ),
    Misconception(
        "R-LASTONLY",
        "the last layer's filter alone",
        _QUESTION,
        lambda windows, case: windows[-1][1].kernel,
    ),
)


def wrong_fields(case: Case, column: str) -> WrongValues:
    """Yield the wrong receptive fields, or the wrong steps between units."""
    path, size = case.path, case.row.receptive_field.size
    if path is None or size is None or not 0 < path.length <= LONGEST:
        return
    windows, axes = path.windows(), len(size)
    measure = step_size if column == "step" else field_size
    for one in WINDOWS:
        yield WrongValue((measure(one.change(windows, case)),) * axes, (one,))
    if column == "step":
        return
    for one in SIZES:
        yield WrongValue((one.change(windows, case),) * axes, (one,))
    fewer = OFFBYLAYER.change(windows, case)
    yield WrongValue((AREA.change(fewer, case),) * axes, (OFFBYLAYER, AREA))
