"""The feedback on a sheet for its student: marks, and hints up to a level, as Markdown or HTML."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from cnncalc import readers, units
from cnncalc.errors import printable
from cnncalc.homework import grading
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import hints, markdown
from cnncalc.writers.answer_text import HEADS
from cnncalc.writers.html import PAGE, STYLE
from cnncalc.writers.marking_table import SIGNS, WORDS, shortened

if TYPE_CHECKING:
    from cnncalc.homework.marks import Mark, Marks

MARKER = "<!-- cnncalc feedback -->"  # the last line: such a file may be replaced
ENDINGS = {"markdown": ".md", "html": ".html"}
MOST_NOTES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The note on one answer: sentences, then lines of working."""

    head: str
    sentences: list[str] = field(default_factory=list)
    working: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """The feedback on a sheet, as plain text that a format escapes."""

    title: str
    score: str
    heads: list[str]
    body: list[list[str]]
    not_read: str  # what of the sheet was not read, in a sentence
    signs: str
    notes: list[Note]
    conventions: str


def is_feedback(path: str) -> bool:
    """Return whether a file ends as feedback does. Raises: ReadError if it cannot be read."""
    return readers.read_bytes(path).rstrip().endswith(MARKER.encode())


def write(marks: Marks, format: str, level: int) -> str:
    """Return the feedback in a format, with hints up to a level."""
    return _WRITERS[format](_feedback(marks, level))


def _feedback(marks: Marks, level: int) -> Feedback:
    columns = [c for c in HEADS if any(c in row.marks for row in marks.rows) or c in marks.totals]
    body = [
        [printable(row.name), *(_cell(row.marks.get(column)) for column in columns)]
        for row in marks.rows
    ]
    if marks.totals:
        body.append(["TOTAL", *(_cell(marks.totals.get(column)) for column in columns)])
    score, used = grading.score(marks), grading.verdict_counts(marks)
    signs = [f"{SIGNS[verdict]} {WORDS[verdict]}" for verdict in Verdict if used[verdict]]
    of = f", {printable(marks.student)}" * bool(marks.student)
    return Feedback(
        title=f"Feedback on {printable(os.path.basename(marks.file))}{of}",
        score=f"Score {units.number(score.points)} of {units.number(score.most)}",
        heads=["layer", *(HEADS[column] for column in columns)],
        body=body,
        not_read=printable(marks.reading.summary),
        signs="; ".join(signs),
        notes=list(_notes(marks, level)),
        conventions=f"Conventions of this sheet: {'; '.join(marks.conventions)}.",
    )


def _cell(mark: Mark | None) -> str:
    if mark is None:
        return ""
    if not mark.text.strip():
        return SIGNS[mark.verdict] if mark.most else ""
    return f"{shortened(mark)} {SIGNS[mark.verdict]}"


def _notes(marks: Marks, level: int) -> Iterator[Note]:
    """Yield a note for each answer that is not right."""
    noted = [mark for mark in marks.all() if grading.remarkable(mark)]
    for mark in noted[:MOST_NOTES]:
        line = f", line {mark.place.line}" if mark.place.line else ""
        name, answer = f"{printable(mark.row)} {HEADS[mark.column]}", shortened(mark)
        said = [printable(one) for one in hints.lines(mark, level, marks.rules.conventions)]
        formula = next((i for i, one in enumerate(said) if " = " in one), len(said))
        yield Note(
            head=f"{SIGNS[mark.verdict]} {name}: {answer}{line}",
            sentences=said[:formula],
            working=said[formula:],
        )


def _markdown(found: Feedback) -> str:
    heads = [markdown.escape(head) for head in found.heads]
    body = [[markdown.escape(cell) for cell in row] for row in found.body]
    parts = [
        f"# {markdown.escape(found.title)}",
        f"**{found.score}**",
        markdown.escape(found.not_read),
        markdown.grid(heads, body, [False] * len(heads)) if body else "",
        markdown.escape(found.signs),
    ]
    for note in found.notes:
        parts.append(f"**{markdown.escape(note.head)}**")
        parts += [markdown.escape(sentence) for sentence in note.sentences]
        parts.append("\n".join(["```", *note.working, "```"] if note.working else []))
    parts += [markdown.escape(found.conventions), MARKER]
    return "\n\n".join(filter(None, parts)) + "\n"


def _html(found: Feedback) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in found.heads)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in found.body
    )
    notes = "".join(
        f"<h2>{escape(note.head)}</h2>\n"
        + "".join(f"<p>{escape(sentence)}</p>\n" for sentence in note.sentences)
        + (f"<pre>{escape(chr(10).join(note.working))}</pre>\n" if note.working else "")
        for note in found.notes
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(found.title)}</title>\n<style>\n{PAGE}{STYLE}</style>\n</head>\n<body>\n"
        f"<div class=cnncalc>\n<h1>{escape(found.title)}</h1>\n"
        f"<p><b>{escape(found.score)}</b></p>\n"
        f"{f'<p>{escape(found.not_read)}</p>' * bool(found.not_read)}\n"
        f"<div class=scroll><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n"
        f"</table></div>\n<p class=about>{escape(found.signs)}</p>\n{notes}"
        f"<p class=caption>{escape(found.conventions)}</p>\n</div>\n</body>\n</html>\n{MARKER}\n"
    )


_WRITERS: dict[str, Callable[[Feedback], str]] = {"markdown": _markdown, "html": _html}
