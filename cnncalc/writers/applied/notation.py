"""Formulas as text: with signs that a line has, or in LaTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import NamedTuple

from cnncalc.applying.exact import Value, larger
from cnncalc.applying.formula import Formula, operands

# How tightly an operation binds: an operand that binds less stands in parentheses.
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
LONGEST = 15  # digits of an exact number that is written out


class Written(NamedTuple):
    """A formula as text, and how tightly its outermost operation binds."""

    text: str
    binds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """The signs of a notation."""

    times: str = "·"
    more: str = "… ({} more) …"  # what stands for the middle of a long sum
    call: str = "{}({})"
    fraction: str = "{}/{}"
    root: str = "√({})"
    square: str = "{}²"
    power: str = "{}^({})"
    open: str = "("
    close: str = ")"
    infinity: str = "∞"
    ten: str = "{}·10^{}"
    nearly: str = "≈"
    bars: bool = False  # whether a fraction has a bar, and needs no parentheses


TEXT = Notation()
LATEX = Notation(
    times=r" \cdot ",
    more=r"\underbrace{{\cdots}}_{{{}\text{{ more}}}}",
    call=r"\{}({})",
    fraction=r"\frac{{{}}}{{{}}}",
    root=r"\sqrt{{{}}}",
    square="{}^{{2}}",
    power="{}^{{{}}}",
    infinity=r"\infty",
    ten=r"{} \cdot 10^{{{}}}",
    nearly=r"\approx",
    bars=True,
)


def exact(value: Value) -> bool:
    """Return whether a value is written as it is: a fraction, or decimals that end."""
    if isinstance(value, Decimal):
        return value.is_infinite()
    short = 10**LONGEST
    return bool(abs(value.numerator) < short and value.denominator < short)


def number(value: Value, digits: int, notation: Notation = TEXT) -> str:
    """Return a value: exact if it is rational and short, else rounded to so many digits.

    >>> from fractions import Fraction
    >>> number(Fraction(11, 4), 5), number(Fraction(7, 3), 5), number(Decimal("0.69314718"), 5)
    ('2.75', '7/3', '0.69315')
    """
    if isinstance(value, Decimal) and not value.is_finite():
        return "?" if value.is_nan() else "-" * value.is_signed() + notation.infinity
    if exact(value):
        assert not isinstance(value, Decimal)
        places = _places(value.denominator)
        if places is None:
            sign = "-" * (value < 0)
            return sign + notation.fraction.format(abs(value.numerator), value.denominator)
        scaled = abs(value) * 10**places
        whole, rest = divmod(int(scaled), 10**places)
        return "-" * (value < 0) + str(whole) + (f".{rest:0{places}d}" if places else "")
    return _rounded(value, digits, notation)


def _places(denominator: int) -> int | None:
    """Return how many decimals a fraction has; None if they do not end, or are too many."""
    for places in range(LONGEST):
        if 10**places % denominator == 0:
            return places
    return None


def _rounded(value: Value, digits: int, notation: Notation) -> str:
    if isinstance(value, Decimal):
        decimal = value
    else:
        above, below = Decimal(value.numerator), Decimal(value.denominator)
        decimal = Context(prec=digits + 5).divide(above, below)
    mantissa, _, power = f"{decimal:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if not decimal:
        return "0"
    if -5 <= exponent < LONGEST:
        return f"{decimal:.{max(digits - 1 - exponent, 0)}f}"
    return notation.ten.format(mantissa, exponent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A writer of formulas, with its notation, digits, terms and letters."""

    notation: Notation
    digits: int
    terms: int | None  # the most terms of a sum that are all written
    letters: Mapping[int, str]  # by the id of a formula

    def number(self, value: Value) -> str:
        """Return a number."""
        return number(value, self.digits, self.notation)

    def line(self, node: Formula, *, of: str = "", lettered: bool = True) -> str:
        """Return `formula = value`, with ≈ where it is rounded; `of` stands for a value read.

        `lettered`: where the formula has a letter, that stands for it.
        """
        chosen = ""
        if node.kind == "choice":
            compared, taken = node.parts
            sign = ">" if larger(compared.value, 0) else "≤"
            if self.notation.bars:
                sign = r"\le" if sign == "≤" else ">"
                chosen = rf"{self.formula(compared, top=True)} {sign} 0 \text{{, so }} "
            else:
                chosen = f"{self.formula(compared, top=True)} {sign} 0, so "
            node = taken
        value = self.number(node.value)
        text = of or self.formula(node, top=not lettered)
        if text == value and not chosen:
            return value
        sign = "=" if exact(node.value) else self.notation.nearly
        return chosen + (value if text == value else f"{text} {sign} {value}")

    def formula(self, node: Formula, *, top: bool = False) -> str:
        """Return a formula; `top`: written out even if it has a letter."""
        return self._written(node, top=top).text

    def _written(self, node: Formula, *, top: bool = False) -> Written:
        if not top and id(node) in self.letters:
            return Written(self.letters[id(node)], ATOM)
        n = self.notation
        match node.kind:
            case "read" | "number":
                return self._value(node.value)
            case "sum" | "dot":
                return self._sum(node, top)
            case "product":
                return self._product(node, top)
            case "quotient":
                return self._quotient(node)
            case "negative":
                return Written("-" + self._inside(node.parts[0], SIGN), SIGN)
            case "max" | "min":
                parts = self._shortened(self._operands(node, node.kind, top), ", ")
                return Written(n.call.format(node.kind, parts), ATOM)
            case "choice":
                return self._written(node.parts[1])
            case "root":
                return Written(n.root.format(self.formula(node.parts[0])), ATOM)
            case "power":
                base, exponent = self._inside(node.parts[0], ATOM), self.formula(node.parts[1])
                return Written(n.power.format(base, exponent), POWER)
            case "erf":
                name = r"operatorname{erf}" if n.bars else "erf"
                return Written(n.call.format(name, self.formula(node.parts[0])), ATOM)
        return Written(n.call.format(node.kind, self.formula(node.parts[0])), ATOM)

    def _value(self, value: Value) -> Written:
        text = self.number(value)
        binds = ATOM if text.isalnum() or "/" not in text else PRODUCT
        return Written(text, SIGN if text.startswith("-") else binds)

    def _operands(self, node: Formula, kind: str, top: bool) -> list[Formula]:
        """Return the operands of a flattened operation; a part with a letter is one of them."""
        found = []
        waiting = [(node, top)]
        while waiting:
            one, open_ = waiting.pop()
            if not open_ and id(one) in self.letters:
                found.append(one)
            elif one.kind == kind and not _is_square(one):
                waiting += [(part, False) for part in reversed(one.parts)]
            elif one.kind == "dot" and kind == "sum":
                found += operands(one, "sum")
            else:
                found.append(one)
        return found

    def _sum(self, node: Formula, top: bool) -> Written:
        terms = self._operands(node, "sum", top)
        first, last = self._ends(len(terms))
        text = ""
        for i in (*range(first), *range(last, len(terms))):
            if i == last and first < last:
                text += " + " * bool(text) + self.notation.more.format(last - first)
            term, sign = terms[i], " + "
            if term.kind == "negative" and id(term) not in self.letters and text:
                term, sign = term.parts[0], " - "
            one = self._inside(term, PRODUCT)
            if one.startswith("-") and text:
                one = self._parenthesized(one)
            text += sign * bool(text) + one
        return Written(text, SUM if len(terms) > 1 else self._written(terms[0]).binds)

    def _ends(self, count: int) -> tuple[int, int]:
        """Return up to where, and from where on, parts are written."""
        if self.terms is None or count <= self.terms:
            return count, count
        tail = self.terms // 3
        return self.terms - tail, count - tail

    def _shortened(self, nodes: Sequence[Formula], joint: str) -> str:
        first, last = self._ends(len(nodes))
        texts = [self.formula(one) for one in nodes[:first]]
        if first < last:
            texts.append(self.notation.more.format(last - first))
        return joint.join([*texts, *(self.formula(one) for one in nodes[last:])])

    def _product(self, node: Formula, top: bool) -> Written:
        if _is_square(node):
            return Written(self.notation.square.format(self._inside(node.parts[0], ATOM)), POWER)
        factors = self._operands(node, "product", top)
        texts = []
        for i, factor in enumerate(factors):
            one = self._inside(factor, PRODUCT)
            texts.append(self._parenthesized(one) if i and one.startswith("-") else one)
        return Written(self.notation.times.join(texts), PRODUCT)

    def _quotient(self, node: Formula) -> Written:
        above, below = node.parts
        n = self.notation
        if n.bars:
            return Written(n.fraction.format(self.formula(above), self.formula(below)), PRODUCT)
        return Written(
            n.fraction.format(self._inside(above, PRODUCT), self._inside(below, POWER)), PRODUCT
        )

    def _inside(self, node: Formula, least: int) -> str:
        text, binds = self._written(node)
        return text if binds >= least else self._parenthesized(text)

    def _parenthesized(self, text: str) -> str:
        return f"{self.notation.open}{text}{self.notation.close}"


def _is_square(node: Formula) -> bool:
    """Return whether a formula is the product of a number and itself."""
    return node.kind == "product" and node.parts[0] is node.parts[1]
