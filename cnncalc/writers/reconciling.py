"""What `reconcile` found: each answer as a sum that adds up in sight, then near misses."""

from __future__ import annotations

import json
from fractions import Fraction
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.reconciling.candidates import Base
from cnncalc.reconciling.quoted_figure import Reading, bounds
from cnncalc.reconciling.search import Answer, Found
from cnncalc.writers.styled import Text
from cnncalc.writers.terminal import WIDEST_TEXT, fit

if TYPE_CHECKING:
    from cnncalc.writers.terminal import Console

VERSION = 1
WORDS = {
    "flops": "FLOPs", "parameters": "parameters", "activations": "activations",
    "memory": "bytes",
}  # fmt: skip


def show(found: Found, console: Console) -> None:
    """Print the answers, those that assume least first, and what comes near."""
    width = min(console.width, WIDEST_TEXT)
    lines = [*_title(found, width), Text()]
    column = _column(found)
    for number, answer in enumerate(found.answers, 1):
        before = found.answers[number - 2] if number > 1 else None
        lines += _answer(number, answer, before, column, width)
    if found.more:
        more = units.plural(found.more, "sum fits", "sums fit")
        lines.append(Text(f"With more assumptions, {more} as well.", "dim"))
    if not found.answers:
        sums = "No convention, resolution, batch or unit that was tried makes it."
        lines.append(Text(sums, "yellow"))
    if found.near:
        lines += [Text(), Text("Nearest", "bold")]
        lines += _near(found, column, width)
    for line in lines:
        fitted = fit(line.plain, console.encoding)
        console.print(line if fitted == line.plain else Text(fitted), soft_wrap=True)


def _title(found: Found, width: int) -> list[Text]:
    first = printable(found.figure.text)
    head = f"{first} for {printable(found.report.name)}"
    if found.report.variant:
        head += f", {printable(found.report.variant)}"
    low, high = bounds(found.figure.readings[0])
    words = "MACs" if "mac" in found.figure.text.lower() else WORDS[found.quantity]
    seen = f"seen as any number of {words} from {low:,} to {high:,}"
    if low == high:
        seen = f"seen as exactly {low:,} {words}"
    if len(head) + 2 + len(seen) <= width:
        return [Text.assemble((head, "bold"), "  ", seen)]
    return [Text(head, "bold"), *[Text("  " + part) for part in wrap(seen, width - 2)]]


def _column(found: Found) -> int:
    """Return the width of the numbers."""
    values = [answer.value for answer in (*found.answers, *found.near)]
    values += [term.value for answer in found.answers for term in answer.sum.terms]
    return max(len(units.group(value)) for value in values)


def _answer(
    number: int, answer: Answer, before: Answer | None, column: int, width: int
) -> list[Text]:
    label = _label(answer)
    lines = []
    change = _only_change(answer, before)
    if change:
        label = f"the same, with {change}"
    indent = 4 + column
    head, *rest = wrap(label, max(width - indent - 1, 30))
    value = units.group(answer.value)
    lines.append(
        Text.assemble((f"{number} ", "dim"), (f"{value:>{column + 1}}", "bold"), f"  {head}")
    )
    lines += [Text(" " * (indent + 1) + part) for part in rest]
    if change:
        return lines
    terms = [("+ " * (i > 0), t.value, t.words) for i, t in enumerate(answer.sum.terms)]
    terms += [("× ", factor.times, factor.words) for factor in answer.factors]
    for sign, part, words in terms:
        head, *rest = wrap(sign + words, max(width - indent - 3, 28))
        lines.append(Text(f"  {units.group(part):>{column + 1}}    {head}"))
        lines += [Text(" " * (indent + 5) + more) for more in rest]
    return lines


def _label(answer: Answer) -> str:
    parts = [answer.base.label, answer.sum.name, _read(answer.reading)]
    return "; ".join(part for part in parts if part)


def _read(reading: Reading) -> str:
    if not reading.note:
        return ""
    low, high = bounds(reading)
    if reading.note.startswith("cut off"):
        return reading.note
    return f"{reading.note}, so {units.group(low)} to {units.group(high)}"


def _only_change(answer: Answer, before: Answer | None) -> str:
    """Return the one term in which an answer differs from the one before, if that is all."""
    if before is None or answer[1].label != before[1].label or answer.reading != before.reading:
        return ""
    if answer.factors != before.factors or answer.sum.name != before.sum.name:
        return ""
    if len(answer.sum.terms) != len(before.sum.terms):
        return ""
    pairs = zip(answer.sum.terms, before.sum.terms, strict=True)
    changed = [term.words for term, old in pairs if term != old]
    return changed[0] if len(changed) == 1 else ""


def _near(found: Found, column: int, width: int) -> list[Text]:
    rows = [(units.group(answer.value), _apart(answer, found), answer) for answer in found.near]
    wide = max(len(apart) for _, apart, _ in rows)
    lines = []
    for value, apart, answer in rows:
        head, *rest = wrap(_missed(answer), max(width - column - wide - 7, 28))
        lines.append(Text(f"  {value:>{column + 1}}  {apart:>{wide}}  {head}"))
        lines += [Text(" " * (column + wide + 7) + part) for part in rest]
    return lines


def _apart(answer: Answer, found: Found) -> str:
    """Return how far a value is from the figure, in percent of the figure."""
    share = Fraction(answer.value) / Fraction(found.figure.value) - 1
    if abs(share) >= 10:
        return f"{units.rounded(share + 1, 0)} times"
    places = 1 if abs(share) >= Fraction(1, 1000) else 4
    return f"{'+' * (share > 0)}{units.rounded(100 * share, places)} %"


def _missed(answer: Answer) -> str:
    whole = answer.sum.name or " + ".join(term.words for term in answer.sum.terms)
    factors = "".join(f", {factor.words}" for factor in answer.factors)
    return f"{_place(answer.base)}, {whole}{factors}"


def _place(base: Base) -> str:
    return f"{base.label} (as given)" if base.own else base.label


def write(found: Found) -> str:
    """Return the findings as JSON."""

    def told(answer: Answer) -> dict[str, Any]:
        return {
            "value": answer.value,
            "network": answer.base.name,
            "input": str(answer.base.report.input),
            "convention": answer.sum.name or None,
            "terms": [term._asdict() for term in answer.sum.terms],
            "factors": [{"times": f.times, "words": f.words} for f in answer.factors],
            "reading": answer.reading.note or None,
            "assumptions": answer.cost,
        }

    low, high = bounds(found.figure.readings[0])
    document = {
        "format": "cnncalc reconciliation",
        "version": VERSION,
        "figure": found.figure.text,
        "network": found.report.name,
        "quantity": found.quantity,
        "from": low,
        "to": high,
        "answers": [told(answer) for answer in found.answers],
        "more": found.more,
        "near": [told(answer) for answer in found.near],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
