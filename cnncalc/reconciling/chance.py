"""How likely it is that chance alone makes a figure one of many sums.

The model: a random figure is log-uniform in a decade about the one that was quoted, and is
written as precisely, so that it stands for a range that is as wide in proportion. Sums are
tried in an order that does not depend on the figure, those that assume little first. The chance
of a match is the share of the decade (on the logarithmic scale) in which such a range holds one
of the sums up to a place in that order.
"""

from __future__ import annotations

import math
from bisect import bisect_left

DECADE = math.log(10)
# A match that this share of random figures would have, too, is possible, and no answer.
LIKELY = 0.1


class Coverage:
    """Intervals of the decade about a figure, which may overlap, and the share that they cover.

    Units: natural logarithms of how many times the figure a value is.

    >>> covered = Coverage()
    >>> covered.add(0, DECADE / 8)
    >>> covered.add(DECADE / 16, DECADE / 4)
    >>> covered.share
    0.25
    """

    def __init__(self) -> None:
        self._starts: list[float] = []  # of intervals that do not meet, in their order
        self._ends: list[float] = []
        self._length = 0.0

    @property
    def share(self) -> float:
        """Return the share of the decade that is covered."""
        return min(self._length / DECADE, 1.0)

    def add(self, low: float, high: float) -> None:
        """Cover an interval, as far as it lies in the decade."""
        low, high = max(low, -DECADE / 2), min(high, DECADE / 2)
        if low >= high:
            return
        first = bisect_left(self._ends, low)
        last = first
        while last < len(self._starts) and self._starts[last] <= high:
            low, high = min(low, self._starts[last]), max(high, self._ends[last])
            self._length -= self._ends[last] - self._starts[last]
            last += 1
        self._starts[first:last] = [low]
        self._ends[first:last] = [high]
        self._length += high - low
