"""What makes a window tile, against a search through everything near."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from cnncalc.model import tiling_fixes
from cnncalc.model.tiling_fixes import Axis

AXES = st.builds(
    Axis,
    w=st.integers(1, 60),
    k=st.integers(1, 7),
    s=st.integers(1, 6),
    b=st.integers(0, 3),
    a=st.integers(0, 3),
    d=st.integers(1, 3),
).filter(lambda axis: axis.room >= 0 and axis.remainder)


def tiles(axis: Axis) -> bool:
    """Return whether the last window ends exactly at the end, by stepping through all."""
    reach = axis.d * (axis.k - 1)
    ends = range(reach, axis.w + axis.b + axis.a, axis.s)
    return min(axis.w, axis.k) > 0 and axis.w + axis.b + axis.a - 1 in ends


@given(AXES)
def test_every_repair_tiles(axis: Axis) -> None:
    """Each repair changes one thing, and makes the window tile."""
    assert not tiles(axis)
    for change, found in (
        ("w", tiling_fixes.inputs(axis)),
        ("s", tiling_fixes.strides(axis)),
        ("k", tiling_fixes.kernels(axis)),
        ("ba", tiling_fixes.paddings(axis)),
    ):
        for one in found:
            assert tiles(one)
            assert {f for f in Axis._fields if getattr(one, f) != getattr(axis, f)} <= set(change)


@given(AXES)
def test_inputs_are_the_nearest(axis: Axis) -> None:
    """No input nearer than those that are named tiles, on either side."""
    found = [one.w for one in tiling_fixes.inputs(axis)]
    near = [w for w in range(1, axis.w + axis.s) if tiles(axis._replace(w=w))]
    smaller = [w for w in near if w < axis.w]
    larger = [w for w in near if w > axis.w] or [max(found)]
    assert found == [*smaller[-1:], *larger[:1]]


@given(AXES)
def test_padding_is_equal_where_it_can_be(axis: Axis) -> None:
    """The least equal padding is named; an unequal one only where no equal one tiles."""
    (found,) = tiling_fixes.paddings(axis)
    least = max(axis.a, axis.b)
    equal = [p for p in range(least, least + 20) if tiles(axis._replace(b=p, a=p))]
    if equal:
        assert (found.b, found.a) == (equal[0], equal[0])
    else:
        assert (axis.w - axis.d * (axis.k - 1) - 1) % 2 == 1
        assert axis.s % 2 == 0
        assert found.b + found.a == axis.b + axis.a + axis.s - axis.remainder


@given(AXES)
def test_strides_and_kernels_are_complete(axis: Axis) -> None:
    """Every stride that tiles and skips nothing is named, up to three; the nearest kernels are."""
    reach = axis.d * (axis.k - 1) + 1
    strides = [s for s in range(1, reach + 1) if tiles(axis._replace(s=s))]
    assert {one.s for one in tiling_fixes.strides(axis)} <= set(strides)
    assert len(tiling_fixes.strides(axis)) == min(3, len(strides))
    kernels = [k for k in range(1, axis.k + axis.s + 1) if tiles(axis._replace(k=k))]
    assume(kernels)
    assert {one.k for one in tiling_fixes.kernels(axis)} <= set(kernels)


def test_a_huge_stride_is_quick() -> None:
    """The search does not grow with the numbers."""
    axis = Axis(w=2**31 - 1, k=2**20, s=2**20 - 1, b=0, a=0, d=1)
    assert len(tiling_fixes.inputs(axis)) == 2
    assert len(tiling_fixes.paddings(axis)) == 1
    assert tiling_fixes.strides(axis)
    tiling_fixes.kernels(axis)
