"""The answers of `reconcile`: each as a printed sum that adds up, its chance, near misses."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
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
WORDS = {"flops": "FLOPs", "memory": "bytes"}  # of quantities that are called otherwise
NOTHING = "No convention, resolution, batch or unit that was tried makes it."
RECORD = (
    "match", "value", "quantity", "network", "input", "convention", "terms", "factors", "reading",
    "assumptions", "possible", "tried", "chance",
)  # fmt: skip
LEAST = 24  # columns of words, beside numbers and on lines of their own
POSSIBLE = "Possible, no more: chance alone may have found it."


def content(found: Reconciliation) -> ReconciliationContent:
    """Return the answers to a quoted figure as content."""
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
            rows=[self._row(*match) for match in self._matches()],
            about=_seen(found),
            notes=[_chances(found)],
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
        """Return all that is known of each answer and near miss, as JSON calls it."""
        rows = [
            {"match": kind} | _json(answer) | (_chance(answer) if kind != "near" else {})
            for kind, answer in self._matches()
        ]
        names = list(rows[0]) if rows else ["match"]
        return Records(names=names, rows=[[_flat(row.get(name)) for name in names] for row in rows])

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
            "answered": found.answered,
            "answers": [_json(answer) | _chance(answer) for answer in found.answers],
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
            lines = [Text(title, "bold"), *_wrapped(seen, width, indent="  ")]
        lines += [Text(), *self._answers(width), Text(), *_wrapped(_chances(found), width, "dim")]
        if found.near:
            lines += [Text(), Text("Nearest", "bold"), *self._near(width)]
        terminal.show(lines, console)

    @cached_property
    def _column(self) -> int:
        """Return the width of the numbers."""
        values = [answer.value for _, answer in self._matches()]
        values += [term.value for answer in self.found.answers for term in answer.sum.terms]
        return max(len(units.group(value)) for value in values)

    def _answers(self, width: int) -> Iterator[Text]:
        """Yield the lines of the answers, each with its terms and factors."""
        answers, before = self.found.answers, None
        if not answers:
            yield from _wrapped(NOTHING, width, "yellow")
        wide = len(str(len(answers)))
        for number, answer in enumerate(answers, 1):
            if answer.possible and not (before and before.possible):
                yield from _wrapped(POSSIBLE, width, "yellow")
            change = _only_change(answer, before)
            before = answer
            value = units.group(answer.value).rjust(self._column)
            lead = Text.assemble((f"{number:>{wide}} ", "dim"), (f" {value}", "bold"), "  ")
            yield from _hung(lead, f"the same, with {change}" if change else _label(answer), width)
            for n, words in () if change else _parts(answer):
                lead = Text(f"  {units.group(n):>{self._column + wide}}    ")
                yield from _hung(lead, words, width, further=2)

    def _near(self, width: int) -> Iterator[Text]:
        """Yield the lines of the near misses."""
        shown = [(_apart(answer, self.found), answer) for answer in self.found.near]
        wide = max(len(apart) for apart, _ in shown)
        for apart, answer in shown:
            lead = f"  {units.group(answer.value):>{self._column + 1}}  {apart:>{wide}}  "
            yield from _hung(Text(lead), _missed(answer), width)


def _wrapped(text: str, width: int, style: str = "", *, indent: str = "") -> list[Text]:
    """Return text on as many lines as it takes, in one style."""
    lines = wrap(text, max(width, LEAST), initial_indent=indent, subsequent_indent=indent)
    return [Text(line, style) for line in lines]


def _hung(lead: Text, words: str, width: int, *, further: int = 0) -> Iterator[Text]:
    """Yield words behind what leads them, or below it where there is too little room.

    Lines after the first are `further` in than the words.
    """
    room = width - len(lead)
    if room < LEAST:
        yield lead.rstrip()
        yield from _wrapped(words, width, indent="    ")
        return
    first, *rest = wrap(words, room - further) or [""]
    yield lead + first
    yield from (Text(" " * (len(lead) + further) + line) for line in rest)


def _parts(answer: Answer) -> Iterator[tuple[int, str]]:
    """Yield the terms and factors of an answer, each with its words and its sign."""
    for i, term in enumerate(answer.sum.terms):
        yield term.value, "+ " * bool(i) + term.words
    for factor in answer.factors:
        yield factor.times, f"× {factor.words}"


def _title(found: Reconciliation) -> str:
    return f"{printable(found.figure.text)} for {printable(found.report.title)}"


def _seen(found: Reconciliation) -> str:
    """Return the sentence of the values that a figure stands for."""
    low, high = found.figure.ranges[0].bounds
    words = (
        "MACs" if "mac" in found.figure.text.lower() else WORDS.get(found.quantity, found.quantity)
    )
    if low == high:
        return f"seen as exactly {units.plural(low, words[:-1])}"
    return f"seen as any number of {words} from {low:,} to {high:,}"


def _chances(found: Reconciliation) -> str:
    """Return the sentences of how many sums were tried, and of what chance would match."""
    sums = units.plural(found.tried, "sum")
    fit = f"{units.group(found.fits)} of {sums} tried {'fits' if found.fits == 1 else 'fit'}"
    odds = units.odds(found.chance)
    said = [f"{fit}; a random figure of this precision would match one of them in {odds}."]
    for first in found.answers[:1]:
        words = f"The {units.group(first.tried)} likeliest sums, up to number 1,"
        if first.tried == 1:
            words = "Number 1, the likeliest of all,"
        said.append(f"{words} would match in {units.odds(first.chance)}.")
    if found.more:
        more = units.plural(found.more, "more sum fits", "more sums fit")
        said.append(f"{more} with more assumptions (--all).")
    return " ".join(said)


def _label(answer: Answer) -> str:
    parts = [answer.candidate.label, answer.sum.name, _note(answer.values)]
    return "; ".join(filter(None, parts))


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


def _chance(answer: Answer) -> dict[str, Any]:
    chance = _rounded(answer.chance)
    return {"possible": answer.possible, "tried": answer.tried, "chance": chance}


def _flat(value: Any) -> Any:
    """Return a value of JSON as a spreadsheet takes it: `708 weights + 12 biases`."""
    if isinstance(value, list):
        return " + ".join(" ".join(map(str, part.values())) for part in value)
    return "" if value is None else value


def _rounded(chance: float) -> float:
    """Return a chance with the digits that mean something."""
    return float(f"{chance:.3g}")
