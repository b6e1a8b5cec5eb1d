"""The formulas: ints and int64 arrays alike, and against counting places one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnncalc import arithmetic as a

CASES = st.lists(
    st.tuples(
        st.integers(1, 60), st.integers(1, 9), st.integers(1, 6),
        st.integers(0, 4), st.integers(0, 4), st.integers(1, 4),
    ),
    min_size=1,
)  # fmt: skip
WINDOWED = [a.window_extent, a.window_extent_ceil, a.window_remainder, a.lost_input]


@given(CASES)
def test_arrays_come_out_as_ints_do(cases: list[tuple[int, ...]]) -> None:
    """One call on columns gives what a call for each row gives."""
    columns = np.array(cases, np.int64).T
    w, k, s, b, after, d = columns
    for function in WINDOWED:
        expected = [function(*case) for case in cases]
        assert function(*columns).tolist() == expected  # type: ignore[attr-defined]
    for name, arrays in (
        ("effective_kernel", (k, d)),
        ("half_padding", (k, d)),
        ("transposed_extent", (w, k, s, b, after, d, b)),
    ):
        function = getattr(a, name)
        rows = zip(*[column.tolist() for column in arrays], strict=True)
        assert function(*arrays).tolist() == [function(*row) for row in rows]
    before, behind = a.same_padding(w, k, s, d)
    pairs = [a.same_padding(*row) for row in zip(*[c.tolist() for c in (w, k, s, d)], strict=True)]
    assert list(zip(before.tolist(), behind.tolist(), strict=True)) == pairs  # type: ignore[attr-defined]


@given(CASES)
def test_places_counted_one_by_one(cases: list[tuple[int, ...]]) -> None:
    """A window has the places where it fits; what it never reaches is lost."""
    for w, k, s, b, after, d in cases:
        reach = d * (k - 1) + 1
        places = [start for start in range(0, w + b + after, s) if start + reach <= w + b + after]
        assert max(0, a.window_extent(w, k, s, b, after, d)) == len(places)
        if not places:
            continue
        end = places[-1] + reach
        assert a.window_remainder(w, k, s, b, after, d) == w + b + after - end
        gap = max(0, s - reach)  # would lie between this window and a next one
        assert a.lost_input(w, k, s, b, after, d) == max(0, w + b - end - gap)


@given(CASES)
def test_ceil_adds_a_last_window_that_starts_inside(cases: list[tuple[int, ...]]) -> None:
    """Rounded up, one more window counts; each begins in the input or the padding before it."""
    for w, k, s, b, after, d in cases:
        starts = [0]
        while starts[-1] + d * (k - 1) + 1 < w + b + after:
            starts.append(starts[-1] + s)
        inside = [start for start in starts if start < w + b]
        if d * (k - 1) + 1 - (w + b + after) < s:  # else not even one window, however rounded
            assert a.window_extent_ceil(w, k, s, b, after, d) == len(inside)


@given(st.integers(1, 300), st.integers(1, 12), st.integers(1, 8), st.integers(1, 3))
def test_same_padding_gives_the_ceiling(w: int, k: int, s: int, d: int) -> None:
    """The output is ceil(w / s), with no more padding than that needs, the odd one after."""
    before, after = a.same_padding(w, k, s, d)
    places = -(-w // s)
    assert 0 <= after - before <= 1
    if before + after:
        assert a.window_extent(w, k, s, before, after, d) == places
        assert a.window_remainder(w, k, s, before, after, d) == 0
