"""The formulas: pure functions of whole numbers, each with its source.

They take ints, exact at any size, or int64 arrays alike: a condition is a factor, never a
branch, so that one call can work out a million cases. Nothing here checks its arguments;
whether an extent is at least 1 is checked where layers are put together.

Symbols, along one axis: w input extent, k kernel, s stride, b and a padding before and
after, d dilation.
"""

from __future__ import annotations


def effective_kernel(k: int, d: int) -> int:
    """Return the extent that k taps cover, d apart.

    Source: Dumoulin and Visin 2016 (arXiv:1603.07285), section 5.1.

    >>> effective_kernel(3, d=2)
    5
    """
    return d * (k - 1) + 1


def half_padding(k: int, d: int) -> int:
    """Return the padding on each side that keeps the extent at stride 1 for odd kernels.

    Source: Dumoulin and Visin 2016 (arXiv:1603.07285), relation 3 ("half padding").

    >>> half_padding(3, d=1), half_padding(11, d=1)
    (1, 5)
    """
    return d * (k - 1) // 2


def same_padding(w: int, k: int, s: int, d: int) -> tuple[int, int]:
    """Return the padding before and after which makes the output ceil(w / s).

    Source: TensorFlow, tf.nn, "Notes on padding": the odd one comes after.

    >>> same_padding(224, k=3, s=2, d=1), same_padding(225, k=3, s=2, d=1)
    ((0, 1), (1, 1))
    """
    total = (-(-w // s) - 1) * s + effective_kernel(k, d) - w
    total = total * (total > 0)
    return total // 2, total - total // 2


def window_extent(w: int, k: int, s: int, b: int, a: int, d: int) -> int:
    """Return O = (W - K + 2P)/S + 1, rounded down: the places of a window along one axis.

    Source: Dumoulin and Visin 2016 (arXiv:1603.07285), relation 15.

    >>> window_extent(227, k=11, s=4, b=0, a=0, d=1)
    55
    """
    return (w + b + a - effective_kernel(k, d)) // s + 1


def window_extent_ceil(w: int, k: int, s: int, b: int, a: int, d: int) -> int:
    """Return the same rounded up, but each window starts in the input or in the padding before.

    Source: PyTorch 2.13, aten/src/ATen/native/Pool.h, pooling_output_shape.

    >>> window_extent_ceil(64, k=3, s=2, b=1, a=1, d=1)
    33
    >>> window_extent_ceil(9, k=4, s=4, b=2, a=2, d=1)  # the bare formula says 4
    3
    """
    n = -(-(w + b + a - effective_kernel(k, d)) // s) + 1
    over = n + -(w + b) // s
    return n - over * (over > 0)


def window_remainder(w: int, k: int, s: int, b: int, a: int, d: int) -> int:
    """Return the positions that are left over after the last window: 0 where the window tiles.

    >>> window_remainder(224, k=11, s=4, b=0, a=0, d=1)
    1
    """
    return (w + b + a - effective_kernel(k, d)) % s


def lost_input(w: int, k: int, s: int, b: int, a: int, d: int) -> int:
    """Return the input positions at the end that no window reaches because it does not tile.

    What is left over takes the padding after first; positions that would lie in the gap
    between two windows anyway (stride above kernel) are not lost by it.

    >>> lost_input(224, k=11, s=4, b=0, a=0, d=1), lost_input(224, k=7, s=2, b=3, a=3, d=1)
    (1, 0)
    """
    gap = s - effective_kernel(k, d)
    lost = window_remainder(w, k, s, b, a, d) - gap * (gap > 0)
    lost = lost * (lost > 0) - a
    return lost * (lost > 0)


def transposed_extent(w: int, k: int, s: int, b: int, a: int, d: int, extra: int) -> int:
    """Return the output extent of a transposed convolution; `extra` is the output padding.

    Source: Dumoulin and Visin 2016 (arXiv:1603.07285), relation 14.

    >>> transposed_extent(8, k=3, s=2, b=1, a=1, d=1, extra=1)
    16
    """
    return (w - 1) * s - b - a + effective_kernel(k, d) + extra


def adaptive_widest(w: int, n: int) -> int:
    """Return the extent of the widest of n bins over w: floor(o·w/n) to ceil((o + 1)·w/n).

    Source: PyTorch 2.13, aten/src/ATen/native/AdaptivePooling.h, start_index and end_index.

    >>> adaptive_widest(10, 5), adaptive_widest(10, 3), adaptive_widest(5, 3)
    (2, 4, 3)
    """
    r = w % n
    return w // n + (r > 0) + (n % (r + (r == 0)) > 0)


def adaptive_taps(w: int, n: int, divisor: int) -> int:
    """Return the extents of the n bins added up; `divisor` is the greatest common one of w, n.

    Neighbours share a position wherever the border between them is not whole.

    >>> adaptive_taps(10, 5, divisor=5), adaptive_taps(10, 3, divisor=1)
    (10, 12)
    """
    return w + n - divisor


def transposed_taps(k: int, s: int, d: int, divisor: int) -> int:
    """Return the most taps of a transposed window that meet at one place, along one axis.

    `divisor` is the greatest common one of s and d: the taps that meet are s / divisor apart.

    >>> transposed_taps(3, s=2, d=1, divisor=1), transposed_taps(3, s=2, d=2, divisor=2)
    (2, 3)
    """
    return -(-k // (s // divisor))
