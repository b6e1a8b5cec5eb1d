"""The answers of `reconcile`: each as a printed sum that adds up, then near misses."""

from __future__ import annotations

import json
from fractions import Fraction
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.reconciling.search import Answer, Reconciliation
from cnncalc.writers import Format, terminal
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from cnncalc.reconciling.quoted_figure import ValueRange
    from cnncalc.writers.terminal import Console

FORMATS: dict[str, Format] = {
    "table": Format("reconciling", (".txt",)),
    "json": Format("reconciling", (".json",)),
}
VERSION = 1
WORDS = {
    "flops": "FLOPs",
    "parameters": "parameters",
    "activations": "activations",
    "memory": "bytes",
}


def show(found: Reconciliation, console: Console) -> None:
    """Print the answers, those that assume least first, and the near misses."""
    width = min(console.width, terminal.WIDEST_TEXT)
    lines = [*_title(found, width), Text()]
    column = _column(found)
    for number, answer in enumerate(found.answers, 1):
        before = found.answers[number - 2] if number > 1 else None
        change = _only_change(answer, before)
        lines += _head(
            number,
            f"the same, with {change}" if change else _label(answer),
            units.group(answer.value).rjust(column),
            width,
        )
        if not change:
            lines += _sum(answer, column, width)
    if found.more:
        more = units.plural(found.more, "sum fits", "sums fit")
        lines.append(Text(f"With more assumptions, {more} as well.", "dim"))
    if not found.answers:
        sums = "No convention, resolution, batch or unit that was tried makes it."
        lines.append(Text(sums, "yellow"))
    if found.near:
        lines += [Text(), Text("Nearest", "bold")]
        lines += _near(found, column, width)
    terminal.show(lines, console)


def _title(found: Reconciliation, width: int) -> list[Text]:
    first = printable(found.figure.text)
    head = f"{first} for {printable(found.report.title)}"
    if found.report.variant:
        head += f", {printable(found.report.variant)}"
    low, high = found.figure.ranges[0].bounds
    words = "MACs" if "mac" in found.figure.text.lower() else WORDS[found.quantity]
    seen = f"seen as any number of {words} from {low:,} to {high:,}"
    if low == high:
        seen = f"seen as exactly {low:,} {words}"
    if len(head) + 2 + len(seen) <= width:
        return [Text.assemble((head, "bold"), "  ", seen)]
    return [Text(head, "bold"), *[Text("  " + part) for part in wrap(seen, width - 2)]]


def _column(found: Reconciliation) -> int:
    """Return the width of the numbers."""
    values = [answer.value for answer in (*found.answers, *found.near)]
    values += [term.value for answer in found.answers for term in answer.sum.terms]
    return max(len(units.group(value)) for value in values)


def _head(number: int, label: str, value: str, width: int) -> list[Text]:
    """Return an answer's number, value and label, on as many lines as the label takes."""
    indent = 5 + len(value)
    first, *rest = wrap(label, max(width - indent, 30))
    head = Text.assemble((f"{number} ", "dim"), (f" {value}", "bold"), f"  {first}")
    return [head, *(Text(" " * indent + part) for part in rest)]


def _sum(answer: Answer, column: int, width: int) -> list[Text]:
    """Return the terms and factors of an answer, each on a line of its own."""
    first, *others = answer.sum.terms
    parts = [(first.value, first.words)]
    parts += [(term.value, f"+ {term.words}") for term in others]
    parts += [(factor.times, f"× {factor.words}") for factor in answer.factors]
    lines = []
    for value, words in parts:
        head, *rest = wrap(words, max(width - column - 7, 28))
        lines.append(Text(f"  {units.group(value):>{column + 1}}    {head}"))
        lines += [Text(" " * (column + 9) + more) for more in rest]
    return lines


def _label(answer: Answer) -> str:
    parts = [answer.candidate.label, answer.sum.name, _note(answer.values)]
    return "; ".join(part for part in parts if part)


def _note(values: ValueRange) -> str:
    """Return how the figure was written for an answer to fit, with the values that fit then."""
    if not values.note or values.note.startswith("cut off"):
        return values.note
    low, high = values.bounds
    return f"{values.note}, so {units.group(low)} to {units.group(high)}"


def _only_change(answer: Answer, before: Answer | None) -> str:
    """Return the one term in which an answer differs from the one before, if that is all."""
    if before is None or answer.candidate.label != before.candidate.label:
        return ""
    if answer.values != before.values or answer.factors != before.factors:
        return ""
    terms, others = answer.sum.terms, before.sum.terms
    if answer.sum.name != before.sum.name or len(terms) != len(others):
        return ""
    changed = [term.words for term, other in zip(terms, others, strict=True) if term != other]
    return changed[0] if len(changed) == 1 else ""


def _near(found: Reconciliation, column: int, width: int) -> list[Text]:
    rows = [(units.group(answer.value), _apart(answer, found), answer) for answer in found.near]
    wide = max(len(apart) for _, apart, _ in rows)
    lines = []
    for value, apart, answer in rows:
        head, *rest = wrap(_missed(answer), max(width - column - wide - 7, 28))
        lines.append(Text(f"  {value:>{column + 1}}  {apart:>{wide}}  {head}"))
        lines += [Text(" " * (column + wide + 7) + part) for part in rest]
    return lines


def _apart(answer: Answer, found: Reconciliation) -> str:
    """Return how far a value is from the figure, in percent of the figure."""
    share = Fraction(answer.value) / Fraction(found.figure.value) - 1
    if abs(share) >= 10:
        return f"{units.rounded(share + 1, 0)} times"
    places = 1 if abs(share) >= Fraction(1, 1000) else 4
    return f"{'+' * (share > 0)}{units.rounded(100 * share, places)} %"


def _missed(answer: Answer) -> str:
    words = answer.sum.name or " + ".join(term.words for term in answer.sum.terms)
    factors = "".join(f", {factor.words}" for factor in answer.factors)
    given = " (as given)" * answer.candidate.as_given
    return f"{answer.candidate.label}{given}, {words}{factors}"


def write(found: Reconciliation, format: str) -> str:
    """Return the findings as JSON."""
    low, high = found.figure.ranges[0].bounds
    document = {
        "format": "cnncalc reconciliation",
        "version": VERSION,
        "figure": found.figure.text,
        "network": found.report.name,
        "title": found.report.title,
        "quantity": found.quantity,
        "from": low,
        "to": high,
        "answers": [_json(answer) for answer in found.answers],
        "more": found.more,
        "near": [_json(answer) for answer in found.near],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _json(answer: Answer) -> dict[str, Any]:
    return {
        "value": answer.value,
        "network": answer.candidate.name,
        "input": str(answer.candidate.report.input),
        "convention": answer.sum.name or None,
        "terms": [{"value": term.value, "words": term.words} for term in answer.sum.terms],
        "factors": [{"times": factor.times, "words": factor.words} for factor in answer.factors],
        "reading": answer.values.note or None,
        "assumptions": answer.assumptions,
    }
