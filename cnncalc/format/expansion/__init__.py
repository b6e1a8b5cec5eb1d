"""From a Plan to the flat Graph."""

from cnncalc.format.expansion.walk import expand

__all__ = ["expand"]
