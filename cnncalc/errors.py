"""The errors that a user's input can cause: as data, and as sentences.

A `Problem` is one fact with its place. An error carries one or more of them, and what
was worked out before it (`partial`). Messages have the form
`file:line:column: path: what. Received ... . What to do.`
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from numbers import Integral, Rational
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnncalc.layers.setting_errors import WrongSetting
    from cnncalc.model.graph import Graph
    from cnncalc.model.report import Report

LONGEST_SENTENCE = 1000  # a name in a file may be as long as the file
MOST_PROBLEMS = 500  # of one file: after so many, no more are looked for
LONGEST_NAME = 100  # characters of a name that are compared with others
MOST_COMPARED = 200  # names that are compared with one
SHOWN_PROBLEMS = 20  # a terminal's worth; the rest is counted


class Place(NamedTuple):
    """A position in a file.

    Attributes:
        file: the name of the file, as the user gave it.
        line: the line, from 1.
        column: the column, from 1.
        width: how many columns it takes.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    width: int = 1

    @property
    def position(self) -> tuple[int, int]:
        """Return line and column, by which places of a file are sorted; 0 where unknown."""
        return self.line or 0, self.column or 0

    def __str__(self) -> str:
        """Return `file:line:column`, or as much of it as is known."""
        parts = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        return ":".join(printable(_ends(part)) for part in parts)


# No dataclass, as Place: every command imports this module, and to make one takes longer than it.
class Problem(NamedTuple):
    """One thing that is wrong.

    Attributes:
        code: a word for its kind, which does not change.
        message: what is wrong, and what to do.
        path: what it is about: a layer, or a path in the file.
        place: where that stands.
        details: further lines: the two sides of a merge, the uses of a block.
        source_line: the line of the file that it stands in.
    """

    code: str
    message: str
    path: str = ""
    place: Place = Place()
    details: tuple[str, ...] = ()
    source_line: str | None = None

    @property
    def file(self) -> str | None:
        """Return the name of the file, if there is one."""
        return self.place.file

    @property
    def line(self) -> int | None:
        """Return the line, from 1, if it is known."""
        return self.place.line

    @property
    def column(self) -> int | None:
        """Return the column, from 1, if it is known."""
        return self.place.column

    def __str__(self) -> str:
        """Return the one-line message, with place and path in front."""
        return ": ".join(part for part in (str(self.place), self.sentence) if part)

    @property
    def sentence(self) -> str:
        """Return path and message without the place; of what is very long, its two ends."""
        return _ends(": ".join(printable(part) for part in (self.path, self.message) if part))


def _ends(text: str) -> str:
    """Return text, or the two ends of one that is very long."""
    return text if len(text) <= LONGEST_SENTENCE else f"{text[:400]} … {text[-200:]}"


class CnncalcError(Exception):
    """The root of all errors that a user's input can cause.

    Attributes:
        problems: all that was found, in the order of the file.
        partial: the Report up to the layer that failed, where there is one.
        graph: the Graph so far, from which `api` makes `partial`.
    """

    def __init__(self, problems: Iterable[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem("error", problems)
        if isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.partial: Report | None = None
        self.graph: Graph | None = None
        super().__init__(self.problems)  # what pickling makes it from again

    def led_by(self, problem: Problem) -> None:
        """Insert a problem before all others, as their probable cause."""
        self.problems = (problem, *self.problems)
        self.args = (self.problems,)

    def __str__(self) -> str:
        """Return one line for each problem, the first of them if they are many."""
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        more = len(self.problems) - SHOWN_PROBLEMS
        if more > 0:
            lines.append(f"… and {more} more")
        return "\n".join(lines)


class ReadError(CnncalcError):
    """A file could not be found, opened, or read as text in its format."""


class UnknownNameError(CnncalcError):
    """A shipped architecture, a variant, a convention or a column of this name does not exist."""


class ArchitectureError(CnncalcError):
    """The file's structure, names or expressions are wrong; `problems` has all of them."""


class SettingsError(ArchitectureError):
    """Settings do not make a layer.

    Attributes:
        found: what is wrong, setting by setting; `problems` has the same for people.
    """

    def __init__(
        self, problems: Iterable[Problem] | Problem | str, found: Iterable[WrongSetting] = ()
    ) -> None:
        super().__init__(problems)
        self.found = tuple(found)


class VolumeError(CnncalcError):
    """A layer cannot take the volume that reaches it."""


class LimitError(CnncalcError):
    """The work would take more memory or more layers than is allowed."""


def printable(text: str) -> str:
    r"""Return `text` with control, format and surrogate characters as escapes: names are data.

    >>> print(printable("a\x1b[31mb"))
    a\x1b[31mb
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or unicodedata.category(character) == "Zs"
        else character.encode("unicode_escape", "backslashreplace").decode("ascii")
        for character in text
    )


def nearest(word: str, known: Iterable[str], *, many: int = 3, foreign: bool = True) -> list[str]:
    """Return up to `many` of the `known` names that are most like `word`.

    What other frameworks call it is like it, too, if the names can be `foreign`.

    >>> nearest("kernal", ["kernel", "filters"]), nearest("MaxPool2d", ["pad", "max_pool"])
    (['kernel'], ['max_pool'])
    """
    return list(_nearest(word[:LONGEST_NAME], tuple(known), many, foreign))


@lru_cache(maxsize=512)  # many problems of a file are about the same name
def _nearest(word: str, names: tuple[str, ...], many: int, foreign: bool) -> tuple[str, ...]:
    import difflib

    from cnncalc.layers import bare_name, meant, spellings

    index = _index(names)
    if same := index.by_letters.get(_letters(word)):
        return (same,)
    foreign = foreign and len(names) <= MOST_COMPARED  # so many are no words of a format
    meaning = meant(word, list(names)) if foreign else None
    if meaning:
        return (meaning,)
    close = difflib.get_close_matches(word, index.like(word), n=many, cutoff=0.6)
    if foreign and not close and (spelt := spellings(list(names))):  # nearly, by another framework
        near = difflib.get_close_matches(bare_name(word), spelt, n=many, cutoff=0.8)
        close = list(dict.fromkeys(spelt[spelling] for spelling in near))
    return tuple(close)


def _letters(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


class _Index:
    """Names by their letters, and where they are many, by the pairs of letters in them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.by_letters: dict[str, str] = {}
        self.by_pair: dict[str, list[str]] = {}
        for name in names:
            self.by_letters.setdefault(name[:LONGEST_NAME].replace("_", "").lower(), name)
        if len(names) > MOST_COMPARED:
            for name in names:
                for pair in _pairs(name[:LONGEST_NAME]):
                    self.by_pair.setdefault(pair, []).append(name)

    def like(self, word: str) -> Sequence[str]:
        """Return the names to compare a word with: those with most of its rarer pairs."""
        if len(self.names) <= MOST_COMPARED:
            return self.names
        found = sorted(
            (self.by_pair[pair] for pair in _pairs(word) if pair in self.by_pair), key=len
        )
        tally = Counter(found[0][:MOST_COMPARED] if found else ())
        for names in found[1:]:
            if len(names) <= MOST_COMPARED:
                tally.update(names)
        return [name for name, _ in tally.most_common(MOST_COMPARED // 4)]


_index = lru_cache(maxsize=8)(_Index)


def _pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(len(word) - 1)}


def did_you_mean(word: str, known: Iterable[str], *, foreign: bool = True) -> str:
    """Return the sentence that suggests the nearest names, with a space before it, or nothing.

    >>> did_you_mean("kernal", ["kernel", "filters"])
    " Did you mean 'kernel'?"
    """
    from cnncalc import units

    names = [f"'{name}'" for name in nearest(word, known, foreign=foreign)]
    return f" Did you mean {units.listing(names, 'or')}?" if names else ""


def as_written(value: object) -> str:
    """Return a value as a file would write it.

    >>> from fractions import Fraction
    >>> as_written((1, Fraction(11, 10), True))
    '[1, 1.1, true]'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(as_written, value)) + "]"
    if isinstance(value, Rational) and not isinstance(value, Integral):
        rest = int(value.denominator)
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        return str(float(value)) if rest == 1 else f"{value.numerator}/{value.denominator}"
    return str(value)


def received(value: object) -> str:
    """Return a value for a message: short, and as a file would write it.

    >>> received(None), received(True), received("a" * 99)[:10]
    ('nothing', 'true', "'aaaaaaaaa")
    """
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return repr(value[:60]) + ("…" if len(value) > 60 else "")
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    try:
        text = as_written(value)
    except ValueError:  # of more digits than Python writes
        text = "a number of thousands of digits"
    except Exception:  # of an object with a text of its own, which fails
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:60]}…"


def whole_number(name: str, value: object, least: int, most: int) -> int:
    """Return an argument that must be a whole number within bounds.

    Raises: CnncalcError for anything else.

    >>> whole_number("batch", 2, 1, 8)
    2
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most:
        return int(value)
    message = f"{name} is a whole number from {least:,} to {most:,}. Received {received(value)}."
    raise CnncalcError(Problem(name, message))


def flag(name: str, value: object) -> bool:
    """Return an argument that must be True or False. Raises: CnncalcError for anything else."""
    if isinstance(value, bool):
        return value
    raise CnncalcError(Problem(name, f"{name} is True or False. Received {received(value)}."))


def plain_text(name: str, value: object) -> str:
    """Return an argument that must be text. Raises: CnncalcError for anything else."""
    if isinstance(value, str):
        return value
    raise CnncalcError(Problem(name, f"{name} is text. Received {received(value)}."))


def words(name: str, value: object) -> list[str]:
    """Return an argument that must be a list of words, or one text with commas between them.

    Raises: CnncalcError for anything else.

    >>> words("columns", "output, weights")
    ['output', 'weights']
    """
    if isinstance(value, str):
        return [word.strip() for word in value.split(",")]
    if isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value):
        return list(value)
    raise CnncalcError(Problem(name, f"{name} is a list of words. Received {received(value)}."))


def known_name(what: str, name: object, known: Collection[str]) -> None:
    """Raise the UnknownNameError of a name that is not among the known ones."""
    if not isinstance(name, str) or name not in known:
        try:
            shown = str(name)[:60]
        except Exception:  # of an object with a text of its own, which fails
            shown = type(name).__name__
        raise UnknownNameError(
            Problem(
                f"unknown_{what}",
                f"unknown {what} {shown!r}.{did_you_mean(shown, known)} "
                f"It is one of {', '.join(known)}.",
            )
        )
