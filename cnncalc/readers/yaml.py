"""Reads YAML, by the parser's events: nothing recursive runs before the bounds are checked.

Of YAML it takes what has a twin in JSON. Plain values follow JSON's rules (`scalar`), so `NO`,
`011`, `3:3` and `0x10` are text, as any expression is; what is in quotes is text always.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from cnncalc.errors import ReadError
from cnncalc.readers.tree import Event, Scalar, Source, Tree, build, scalar

# libyaml's parser where PyYAML was built with it, else its own: slower.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_QUOTE = "Inside { } or [ ], an expression with a comma or bracket stands in quotes."
_INDENT = "Check the indentation of this line and of those above it."
# What PyYAML's two parsers complain of, by a word that both use, and what to say instead.
_COMPLAINTS = (
    ("',' or", f"expected a comma or the closing bracket here. {_QUOTE}"),
    ("cannot start any token", "a value cannot begin with this character. Put it in quotes."),
    ("mapping values", f"a ':' cannot stand here. Put a text with one in quotes. {_INDENT}"),
    ("sequence entries", "a '-' cannot stand here. Close the brackets above, or begin a line."),
    ("escape", r"unknown escape in double quotes. Write \\ for a backslash, or use single quotes."),
    ("expected ':'", f"expected 'key: value' here. {_INDENT}"),
    ("'-' indicator", f"expected another '- element' of the list here. {_INDENT}"),
    ("expected key", f"expected another 'key: value' of the mapping here. {_INDENT}"),
    ("document start", f"this does not belong to what stands above. {_INDENT}"),
    ("<block end>", f"this does not belong to the list or mapping above. {_INDENT}"),
    ("node content", "expected a value here."),
)


def read(source: Source) -> Tree:
    """Return the tree of a YAML text. Raises: ReadError."""
    try:
        return build(source, _events(source))
    except yaml.MarkedYAMLError as error:
        raise _syntax(source, error) from None
    except yaml.reader.ReaderError as error:
        raise source.error("syntax", f"{error.reason}.", error.position) from None


def _syntax(source: Source, error: yaml.MarkedYAMLError) -> ReadError:
    """Return PyYAML's complaint in our words."""
    found = error.problem or error.context or "not YAML"
    opened = error.context_mark.index if error.context_mark else 0
    start = error.problem_mark.index if error.problem_mark else opened
    if start >= len(source.text.rstrip()) and source.text[opened : opened + 1] in (
        "[",
        "{",
        "'",
        '"',
    ):
        return source.error("syntax", "what opens here is never closed.", opened)
    if source.text[start : start + 1] == "\t":
        return source.error("syntax", "a tab cannot indent YAML. Use spaces.", start)
    text = next((text for word, text in _COMPLAINTS if word in found), f"{found}.")
    line = source.place(opened).line
    if "',' or" in found and line != source.place(start).line:
        text = f"the bracket {source.text[opened]} of line {line} is not closed. {_QUOTE}"
    return source.error("syntax", text, opened if "expected ':'" in found else start)


def _events(source: Source) -> Iterator[Event]:
    documents = 0
    for event in yaml.parse(source.text, Loader=LOADER):
        start, end = event.start_mark.index, event.end_mark.index  # type: ignore[union-attr]
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
    """Raise an error for what JSON has no twin of: anchors, aliases, tags."""
    if event.anchor is not None:
        what = "alias (*)" if isinstance(event, yaml.AliasEvent) else "anchor (&)"
        message = f"an {what} is not allowed. Use a block or a parameter."
        raise source.error("alias", message, start, end)
    if getattr(event, "tag", None) is not None:
        raise source.error("tag", "a tag (!) is not allowed. Take it out.", start, end)


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
