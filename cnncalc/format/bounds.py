"""The bounds of what a file may hold, and of the network that it may become.

They are far above what networks need, and low enough that a file that reaches one is refused
within seconds and without much memory.
"""

from __future__ import annotations

MAX_BYTES = 1_000_000  # of a file
MAX_DEPTH = 64  # of lists and mappings inside one another
MAX_VALUES = 250_000  # in a file, lists and mappings counted too
MAX_DIGITS = 40  # of a whole number that is written out
MAX_EXPONENT = 64  # of a power
MAX_NAME = 200  # characters of an element's name
REFUSED_NAMES = ("input", "previous", "INPUT")  # of elements: they mean something else
MAX_ROWS = 1_000  # of a table
MAX_PARAMETERS = 1_000  # of a file or block
MAX_RANK = 8  # axes of a learned array that a file names
MAX_EXPRESSION = 200  # characters
NUMBERS_BELOW = 2**63  # at each step of an expression
MAX_REPEATS = 10_000  # of one element
MAX_COPIES = 1_000_000  # of all elements, those that hold nothing counted too
MAX_BLOCK_DEPTH = 64  # of blocks that use blocks
MAX_LAYERS = 100_000  # unless more are asked for
VOLUMES_BELOW = 2**63  # values
