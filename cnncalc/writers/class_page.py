"""The report on a class as a page of its own: bars are elements with a width, without a library."""

from __future__ import annotations

from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.writers.class_report import (
    ClassReport,
    cell_name,
    commonest,
    correlation,
    explained,
    points,
    regraded_lines,
)
from cnncalc.writers.gradebook import decimal
from cnncalc.writers.html import PAGE, STYLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.homework.class_statistics import ScoreStatistics

BARS = """\
.cnncalc .bar { width: 12em; }
.cnncalc .bar i { display: block; height: .8em; background: #1f9aa8; min-width: 1px; }
.cnncalc .hard i { background: #c98a00; }
.cnncalc td:first-child, .cnncalc td:last-child { white-space: normal; }
.cnncalc td:last-child { min-width: 10em; }
.cnncalc pre { white-space: pre-wrap; }
"""
HARD = Fraction(1, 2)  # cells of a lower difficulty are marked
_MEANING = (
    "Difficulty is the share of a cell's points that the class earned, 1 where all are right. "
    "Discrimination is the correlation of a cell's points with those of the rest of the sheet."
)


def write(report: ClassReport) -> str:
    """Return a page that needs nothing else."""
    body = "".join(_parts(report))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n<style>\n{PAGE}{STYLE}{BARS}</style>\n</head>\n"
        f"<body>\n<div class=cnncalc>\n{body}</div>\n</body>\n</html>\n"
    )


def _parts(report: ClassReport) -> Iterator[str]:
    yield f"<h1>{escape(report.title)}</h1>\n"
    if report.scores is not None:
        yield from _scores(report.scores)
    if report.regrading is not None:
        lines = "\n".join(map(escape, regraded_lines(report.regrading)))
        yield f"<h2>Changed marks</h2>\n<pre>{lines}</pre>\n"
    if report.cells:
        yield f"<h2>Cells</h2>\n<p class=about>{_MEANING}</p>\n"
        heads = ["cell", "right", "", "difficulty", "discrimination", "blank", "unread",
                 "commonest wrong"]  # fmt: skip
        rows = [
            [
                escape(cell_name(cell)),
                f"{cell.right} of {cell.asked}",
                _bar(Fraction(cell.right, cell.asked), hard=cell.difficulty < HARD),
                f"{float(cell.difficulty):.2f}",
                correlation(cell),
                str(cell.blank),
                str(cell.unread),
                escape(commonest(cell)),
            ]
            for cell in report.cells
        ]
        yield _table(heads, rows, numbers=(1, 3, 4, 5, 6))
    if report.mistakes:
        yield "<h2>Mistakes</h2>\n"
        rows = [
            [
                escape(row.code or "unexplained"),
                str(row.students),
                _bar(Fraction(row.students, report.sheets)),
                str(row.answers),
                escape(explained(row)),
            ]
            for row in report.mistakes
        ]
        heads = ["consistent with", "students", "", "cells", ""]
        yield _table(heads, rows, numbers=(1, 3))
    if report.unmarked:
        yield f"<h2>Not marked</h2>\n<p>{escape(report.unmarked_head)}</p>\n"
        yield f"<ul>{''.join(f'<li>{escape(problem)}</li>' for problem in report.unmarked)}</ul>\n"
    if report.conventions:
        yield f"<p class=caption>{escape(report.conventions)}</p>\n"


def _scores(found: ScoreStatistics) -> Iterator[str]:
    numbers = (
        f"mean {points(found.mean)}, median {points(found.median)}, quartiles "
        f"{points(found.lower_quartile)} and {points(found.upper_quartile)}, "
        f"lowest {points(found.lowest)}, highest {points(found.highest)}"
    )
    full = f"full marks on {units.plural(found.full, 'sheet')}"
    yield f"<p>Score of {units.number(found.most)}: {numbers}; {full}.</p>\n"
    most = max(count for _, count in found.counts)
    rows = [
        [decimal(mark), str(count), _bar(Fraction(count, most))] for mark, count in found.counts
    ]
    yield _table(["mark", "sheets", ""], rows, numbers=(0, 1))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> str:
    """Return a table of cells that are HTML already."""

    def row(cells: Sequence[str], tag: str) -> str:
        kinds = (" class=n" if index in numbers else "" for index in range(len(cells)))
        shown = zip(cells, kinds, strict=True)
        return "<tr>" + "".join(f"<{tag}{kind}>{cell}</{tag}>" for cell, kind in shown) + "</tr>\n"

    head, body = row(heads, "th"), "".join(row(cells, "td") for cells in rows)
    return (
        f"<div class=scroll><table>\n<thead>\n{head}</thead>\n<tbody>\n{body}</tbody>\n"
        "</table></div>\n"
    )


def _bar(share: Fraction, *, hard: bool = False) -> str:
    """Return a bar as wide as a share of its column."""
    width = units.rounded(100 * share, 1)
    kind = "bar hard" if hard else "bar"
    return f'<div class="{kind}"><i style="width:{width}%"></i></div>'
