"""The answers of `reconcile`: each as a printed sum that adds up, its chance, near misses."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.reconciling.search import Answer, Reconciliation
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import terminal
from cnncalc.writers.content import Content
from cnncalc.writers.json import plain
from cnncalc.writers.styled import Text
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from cnncalc.reconciling.quoted_figure import ValueRange
    from cnncalc.writers.terminal import Console

VERSION = 1
WORDS = {
    "flops": "FLOPs",
    "parameters": "parameters",
    "activations": "activations",
    "memory": "bytes",
}
NOTHING = "No convention, resolution, batch or unit that was tried makes it."
POSSIBLE = "Possible, no more: chance alone may have found it."
RECORD = (
    "match", "value", "quantity", "network", "input", "convention", "sum", "factors", "reading",
    "assumptions", "tried", "chance",
)  # fmt: skip


def content(found: Reconciliation) -> ReconciliationContent:
    """Return what a quoted figure is of, as content."""
    return ReconciliationContent(found)


class ReconciliationContent(Content):
    """The answers to a quoted figure, those that assume least first, and the near misses."""

    def __init__(self, found: Reconciliation) -> None:
        self.found = found

    def table(self, *, shares: bool = False) -> Table:
        """Return a row for each answer and near miss."""
        found = self.found
        return Table(
            title=_title(found),
            heads=[
                Head(text="Match"),
                Head(text="Value", right=True),
                Head(text="Network", role="name"),
                Head(text="Counted", role="phrase"),
                Head(text="Off", right=True),
                Head(text="By chance", right=True, minor=True),
            ],
            rows=[self._row(kind, answer) for kind, answer in self._matches()],
            about=_seen(found),
            notes=_chances(found),
            label="reconciliation",
        )

    def _matches(self) -> Iterator[tuple[str, Answer]]:
        """Yield the answers and near misses, each with what it is."""
        for answer in self.found.answers:
            yield "possible" if answer.possible else "answer", answer
        for answer in self.found.near:
            yield "near", answer

    def _row(self, kind: str, answer: Answer) -> TableRow:
        near = kind == "near"
        cells = [
            Cell(text=kind),
            Cell(text=units.group(answer.value), value=answer.value),
            Cell(text=answer.candidate.label),
            Cell(text="; ".join(filter(None, [_summed(answer), _note(answer.values)]))),
            Cell(text=_apart(answer, self.found) if near else ""),
            Cell(text="" if near else units.odds(answer.chance).removesuffix(" cases")),
        ]
        return TableRow(cells=cells)

    def records(self) -> Records:
        """Return all that is known of each answer and near miss."""
        rows = [
            [
                kind,
                answer.value,
                answer.quantity,
                answer.candidate.name,
                str(answer.candidate.report.input),
                answer.sum.name,
                " + ".join(f"{term.value} {term.words}" for term in answer.sum.terms),
                " ".join(f"× {factor.times} {factor.words}" for factor in answer.factors),
                answer.values.note,
                answer.assumptions,
                *(("", "") if kind == "near" else (answer.tried, _rounded(answer.chance))),
            ]
            for kind, answer in self._matches()
        ]
        return Records(names=RECORD, rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the answers and near misses with their sums."""
        found = self.found
        low, high = found.figure.ranges[0].bounds
        return {
            "format": "cnncalc reconciliation",
            "version": VERSION,
            "figure": found.figure.text,
            "value": plain(found.figure.value),
            "network": found.report.name,
            "title": found.report.title,
            "quantity": found.quantity,
            "from": low,
            "to": high,
            "tried": found.tried,
            "fits": found.fits,
            "chance": _rounded(found.chance),
            "answers": [
                _json(answer)
                | {
                    "possible": answer.possible,
                    "tried": answer.tried,
                    "chance": _rounded(answer.chance),
                }
                for answer in found.answers
            ],
            "more": found.more,
            "near": [_json(answer) for answer in found.near],
        }

    def show(self, console: Console) -> None:
        """Print the answers, those that assume least first, and the near misses."""
        found = self.found
        width = min(console.width, terminal.WIDEST_TEXT)
        title, seen = _title(found), _seen(found)
        if len(title) + 2 + len(seen) <= width:
            lines = [Text.assemble((title, "bold"), "  ", seen)]
        else:
            lines = [Text(title, "bold"), *[Text("  " + part) for part in wrap(seen, width - 2)]]
        lines += [Text(), *self._answers(width)]
        lines.append(Text())
        lines += [Text(part, "dim") for text in _chances(found) for part in wrap(text, width)]
        if found.near:
            lines += [Text(), Text("Nearest", "bold"), *self._near(width)]
        terminal.show(lines, console)

    def _answers(self, width: int) -> Iterator[Text]:
        """Yield the lines of the answers."""
        found, before = self.found, None
        if not found.answers:
            yield from (Text(part, "yellow") for part in wrap(NOTHING, width))
        for number, answer in enumerate(found.answers, 1):
            if answer.possible and not (before and before.possible):
                yield from (Text(part, "yellow") for part in wrap(POSSIBLE, width))
            change = _only_change(answer, before)
            before = answer
            label = f"the same, with {change}" if change else _label(answer)
            value = units.group(answer.value).rjust(self._column)
            yield from _head(number, label, value, width)
            if not change:
                yield from self._sum(answer, width)

    @property
    def _column(self) -> int:
        """Return the width of the numbers."""
        values = [answer.value for _, answer in self._matches()]
        values += [term.value for answer in self.found.answers for term in answer.sum.terms]
        return max(len(units.group(value)) for value in values)

    def _sum(self, answer: Answer, width: int) -> Iterator[Text]:
        """Yield the terms and factors of an answer, each on a line of its own."""
        column = self._column
        first, *others = answer.sum.terms
        parts = [(first.value, first.words)]
        parts += [(term.value, f"+ {term.words}") for term in others]
        parts += [(factor.times, f"× {factor.words}") for factor in answer.factors]
        for value, words in parts:
            head, *rest = wrap(words, max(width - column - 7, 28))
            yield Text(f"  {units.group(value):>{column + 1}}    {head}")
            yield from (Text(" " * (column + 9) + more) for more in rest)

    def _near(self, width: int) -> Iterator[Text]:
        """Yield the lines of the near misses."""
        column = self._column
        shown = [(_apart(answer, self.found), answer) for answer in self.found.near]
        wide = max(len(apart) for apart, _ in shown)
        for apart, answer in shown:
            head, *rest = wrap(_missed(answer), max(width - column - wide - 7, 28))
            yield Text(f"  {units.group(answer.value):>{column + 1}}  {apart:>{wide}}  {head}")
            yield from (Text(" " * (column + wide + 7) + part) for part in rest)


def _title(found: Reconciliation) -> str:
    return f"{printable(found.figure.text)} for {printable(found.report.title)}"


def _seen(found: Reconciliation) -> str:
    """Return the sentence of the values that a figure stands for."""
    low, high = found.figure.ranges[0].bounds
    words = "MACs" if "mac" in found.figure.text.lower() else WORDS[found.quantity]
    if low == high:
        return f"seen as exactly {low:,} {words}"
    return f"seen as any number of {words} from {low:,} to {high:,}"


def _chances(found: Reconciliation) -> list[str]:
    """Return the sentences of how many sums were tried, and of what chance would match."""
    sums = units.plural(found.tried, "sum")
    fit = f"{units.group(found.fits)} of {sums} tried {'fits' if found.fits == 1 else 'fit'}"
    odds = units.odds(found.chance)
    said = [f"{fit}; a random figure of this precision would match one of them in {odds}."]
    if found.answers and found.answers[0].tried < found.tried:
        first = found.answers[0]
        alike = units.plural(first.tried, "sum")
        words = f"The {alike} that assume no more than number 1 does would"
        if first.tried == 1:
            words = "Number 1, which no other comes before, would"
        said.append(f"{words} match in {units.odds(first.chance)}.")
    if found.more:
        more = units.plural(found.more, "more sum fits", "more sums fit")
        said.append(f"{more} with more assumptions (--all).")
    return [" ".join(said)]


def _head(number: int, label: str, value: str, width: int) -> list[Text]:
    """Return an answer's number, value and label, on as many lines as the label takes."""
    indent = 5 + len(value)
    first, *rest = wrap(label, max(width - indent, 30))
    head = Text.assemble((f"{number} ", "dim"), (f" {value}", "bold"), f"  {first}")
    return [head, *(Text(" " * indent + part) for part in rest)]


def _label(answer: Answer) -> str:
    parts = [answer.candidate.label, answer.sum.name, _note(answer.values)]
    return "; ".join(part for part in parts if part)


def _note(values: ValueRange) -> str:
    """Return how the figure was written for an answer to fit, with the values that fit then."""
    if not values.note or " of " not in values.note:
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


def _apart(answer: Answer, found: Reconciliation) -> str:
    """Return how far a value is from the figure: in percent, or where that is nothing, exactly."""
    share = Fraction(answer.value) / Fraction(found.figure.value) - 1
    if abs(share) < Fraction(1, 10**6):
        return f"{units.number(answer.value - found.figure.value)} away".removeprefix("-")
    if abs(share) >= 10:
        return f"{units.rounded(share + 1, 0)} times"
    places = 1 if abs(share) >= Fraction(1, 1000) else 4
    return f"{'+' * (share > 0)}{units.rounded(100 * share, places)} %"


def _summed(answer: Answer) -> str:
    """Return a convention's name, or else what is added up, with the factors."""
    words = answer.sum.name or " + ".join(term.words for term in answer.sum.terms)
    return words + "".join(f", {factor.words}" for factor in answer.factors)


def _missed(answer: Answer) -> str:
    given = " (as given)" * answer.candidate.as_given
    return f"{answer.candidate.label}{given}, {_summed(answer)}"


def _rounded(chance: float) -> float:
    """Return a chance with the digits that mean something."""
    return float(f"{chance:.3g}")


def _json(answer: Answer) -> dict[str, Any]:
    return {
        "value": answer.value,
        "quantity": answer.quantity,
        "network": answer.candidate.name,
        "input": str(answer.candidate.report.input),
        "convention": answer.sum.name or None,
        "terms": [{"value": term.value, "words": term.words} for term in answer.sum.terms],
        "factors": [{"times": factor.times, "words": factor.words} for factor in answer.factors],
        "reading": answer.values.note or None,
        "assumptions": answer.assumptions,
    }
