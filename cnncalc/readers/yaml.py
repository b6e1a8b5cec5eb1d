"""Reads YAML, by the parser's events: nothing recursive runs before the bounds are checked.

Of YAML it reads what JSON can express. Plain values follow JSON's rules (`scalar`), so `NO`,
`011`, `3:3` and `0x10` are text, as any expression is; what is in quotes is text always.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from cnncalc.errors import ReadError
from cnncalc.readers.tree import Event, Scalar, Source, Tree, build, scalar

# libyaml's parser where PyYAML was built with it, else its own: slower.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# How often what stands before a complaint is read by itself. Of a run of colons each is a complaint
# that the next one hides, so that without a bound the time grows with the square of its length.
MAX_REREADS = 4

_QUOTE = "Inside { } or [ ], an expression with a comma or bracket stands in quotes."
_ESCAPE = r"unknown escape in double quotes. Write \\ for a backslash, or use single quotes."
_INDENT = "Check the indentation of this line and of those above it."
_ALIAS, _ANCHOR, _TAG = (
    "an alias (*) is not allowed. Use a block or a parameter.",
    "an anchor (&) is not allowed. Use a block or a parameter.",
    "a tag (!) is not allowed. Take it out.",
)
# What is wrong, by the sign that the parser was reading from: the text says it, not the parser.
_SIGNS = {
    "*": _ALIAS,
    "&": _ANCHOR,
    "!": _TAG,
    "%": "a value cannot begin with this character. Put it in quotes.",
    "|": "after | the text begins in the next line. Put a text with one in quotes.",
    ">": "after > the text begins in the next line. Put a text with one in quotes.",
}
# What PyYAML's two parsers complain of, by a word that both use, and what to say instead.
_COMPLAINTS = (
    ("',' or", f"expected a comma or the closing bracket here. {_QUOTE}"),
    ("cannot start any token", "a value cannot begin with this character. Put it in quotes."),
    ("mapping values", f"a ':' cannot stand here. Put a text with one in quotes. {_INDENT}"),
    ("sequence entries", "a '-' cannot stand here. Close the brackets above, or begin a line."),
    ("escape", _ESCAPE),
    ("hexdecimal", _ESCAPE),
    ("expected ':'", f"expected 'key: value' here. {_INDENT}"),
    ("block collection", f"expected another '- element' of the list here. {_INDENT}"),
    ("block mapping", f"expected another 'key: value' of the mapping here. {_INDENT}"),
    ("document start", f"this does not belong to what stands above. {_INDENT}"),
    ("node content", "expected a value here."),
)
_UNKNOWN = "this cannot be read as YAML. Check the quotes, brackets and indentation up to here."


def read(source: Source) -> Tree:
    """Return the tree of a YAML text. Raises: ReadError."""
    try:
        return build(source, _events(source))
    except yaml.YAMLError as error:
        complaint = error
    for _ in range(MAX_REREADS):
        if (earlier := _first_complaint(source, complaint)) is complaint:
            break
        complaint = earlier
    raise _syntax(source, complaint)


def _marks(error: yaml.YAMLError) -> list[int]:
    """Return where a complaint's context begins, and where its problem is, as far as it says."""
    marks = (getattr(error, name, None) for name in ("context_mark", "problem_mark"))
    return [mark.index for mark in marks if mark]


def _first_complaint(source: Source, error: yaml.YAMLError) -> yaml.YAMLError:
    """Return PyYAML's complaint, or an earlier one about what stands before it.

    A scanner reads ahead of its parser, and some versions have a bound of their own on nesting:
    they complain of the 1,001st bracket before they hand out the first. So what stands before a
    complaint is read by itself, and what is wrong with it comes first, in every version. (What
    is wrong at its very end is wrong only because it ends there.)
    Raises: ReadError at what may not be there.
    """
    stop = min(_marks(error), default=0)
    end = len(source.text[:stop].rstrip())
    try:
        build(source, _events(source, stop))
    except ReadError as found:
        if found.problems[0].place.position < source.place(end).position:
            raise found from None
    except yaml.YAMLError as found:
        marks = _marks(found) or [stop]
        is_of_scanner = isinstance(found, yaml.scanner.ScannerError)
        if min(marks) < stop and (is_of_scanner or max(marks) < end):
            return found
    return error


def _syntax(source: Source, error: yaml.YAMLError) -> ReadError:
    """Return PyYAML's complaint in our words; one that is not known, in words true of any."""
    found = f"{getattr(error, 'context', None)}, {getattr(error, 'problem', None)}"
    marks = _marks(error)
    opened, start = (marks[0], marks[-1]) if marks else (0, 0)
    is_key = "expected ':'" in found  # or would be one, if a colon came
    at_end = start >= len(source.text.rstrip())
    if at_end and not is_key and source.text[opened : opened + 1] in ("[", "{", "'", '"'):
        return source.error("syntax", "what opens here is never closed.", opened)
    if source.text[start : start + 1] == "\t":
        return source.error("syntax", "a tab cannot indent YAML. Use spaces.", start)
    if sign := _SIGNS.get(source.text[opened : opened + 1]):
        return source.error("syntax", sign, opened)
    text = next((text for word, text in _COMPLAINTS if word in found), _UNKNOWN)
    line = source.place(opened).line
    if "',' or" in found and line != source.place(start).line:
        text = f"the bracket {source.text[opened]} of line {line} is not closed. {_QUOTE}"
    if text == _ESCAPE:
        start = source.text.rfind("\\", opened, start + 1)
    return source.error("syntax", text, opened if is_key else start)


def _parsed(text: str) -> Iterator[Any]:
    """Yield PyYAML's events. Raises: YAMLError, whatever its parsers raise on a text.

    Its own has a ValueError for an escape beyond Unicode, libyaml's has none.
    """
    try:
        yield from yaml.parse(text, Loader=LOADER)
    except (yaml.YAMLError, MemoryError):
        raise
    except Exception as error:
        raise yaml.YAMLError(str(error)) from None


def _events(source: Source, stop: int | None = None) -> Iterator[Event]:
    """Yield the events of a text, or of its first `stop` characters."""
    documents = 0
    for event in _parsed(source.text[:stop]):
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                message = "a second document begins here. A file holds one network."
                raise source.error("documents", message, start, end)
        elif isinstance(event, yaml.CollectionEndEvent):
            yield Event("]", start, end)
        elif isinstance(event, yaml.NodeEvent):
            _refuse(source, event, start, end)
            if isinstance(event, yaml.ScalarEvent):
                yield Event("=", start, end, _scalar(source, event, start, end))
            else:
                yield Event("{" if isinstance(event, yaml.MappingStartEvent) else "[", start, end)


def _refuse(source: Source, event: yaml.NodeEvent, start: int, end: int) -> None:
    """Raise an error for what JSON cannot express: anchors, aliases, tags."""
    if event.anchor is not None:
        message = _ALIAS if isinstance(event, yaml.AliasEvent) else _ANCHOR
        raise source.error("alias", message, start, end)
    if getattr(event, "tag", None) is not None:
        raise source.error("tag", _TAG, start, end)


def _scalar(source: Source, event: yaml.ScalarEvent, start: int, end: int) -> Scalar:
    """Return a plain value by JSON's rules, a quoted one as text."""
    text = event.value
    if event.style:
        return text
    if text == "<<":
        message = "a merge key (<<) is not allowed. Use defaults or blocks."
        raise source.error("merge_key", message, start, end)
    if text in ("", "~"):
        return None
    try:
        return scalar(text)
    except ValueError as error:
        raise source.error("number", f"{error} cannot be read.", start, end) from None
