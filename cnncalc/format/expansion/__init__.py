"""From a Plan to the flat Graph."""

from cnncalc.format.expansion.walk import MOST_LAYERS, expand

__all__ = ["MOST_LAYERS", "expand"]
