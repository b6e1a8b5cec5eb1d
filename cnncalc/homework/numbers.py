"""Numbers as people write them, each with the precision that it was written with.

`34,944`, `35K`, `3.5e4`, `(11*11*3+1)*96 = 34,944` and `37.7 MFLOPs` are numbers. Nothing is
guessed: `34.848` may be 34,848 or a fraction, and is asked about. Arithmetic is worked out by
the bounded parser of the architecture files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from cnncalc.expressions import ExpressionError, arithmetic

LONGEST = 200  # characters of an answer
FEWEST_ZEROS = 3  # at the end of a whole number that may have been rounded
Exact = int | Fraction


class Unreadable(Exception):
    """An answer is not a number or a volume: one sentence, which says how to write it."""


class Quantity(NamedTuple):
    """A number, and the range of exact values that it may stand for.

    `digits` is how many significant digits were written, None if the number is exact. `zeros`
    counts the zeros at the end of a plain whole number, where they may be rounding too. `unit` is
    `byte` where bytes were written.
    """

    value: Exact
    low: Exact
    high: Exact
    digits: int | None = None
    zeros: int = 0
    unit: str = ""

    def covers(self, truth: Exact) -> bool:
        """Return whether `truth`, rounded as this number is, gives this number.

        >>> read_number("34.8K").covers(34848), read_number("34.8K").covers(34944)
        (True, False)
        """
        return self.low <= truth <= self.high

    def stands_for(self, exact: Exact) -> bool:
        """Return whether someone who had `exact` may have written this, rounding or cutting off.

        >>> read_number("150K").stands_for(150528), read_number("330").stands_for(320)
        (True, False)
        """
        if self.digits is None:
            return self.rounded.covers(exact)
        scaled, last = Fraction(self.high - self.low), str(abs(self.value))
        zeros = len(last) - len(last.rstrip("0"))
        if isinstance(self.value, int):
            scaled = max(scaled, Fraction(10**zeros))
        return abs(Fraction(exact) - self.value) <= scaled

    @property
    def rounded(self) -> Quantity:
        """Return the number with the zeros at its end taken as rounding."""
        if self.digits is not None or not self.zeros:
            return self
        half = Fraction(10**self.zeros, 2)
        digits = len(str(self.value)) - self.zeros
        return self._replace(low=self.value - half, high=self.value + half, digits=digits)


class Answer(NamedTuple):
    """What a cell says: the number to judge, and what it was said to come to, if not that.

    Where working is shown, its value is judged, as it is exact; `stated` is the result
    written after it if that is another number. `working` is whether there was any.
    """

    quantity: Quantity
    stated: Quantity | None = None
    working: bool = False
    about: bool = False


_FACTORS = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mil": 10**6, "mill": 10**6, "mio": 10**6,
    "mln": 10**6, "million": 10**6, "millions": 10**6, "g": 10**9, "b": 10**9, "bn": 10**9,
    "billion": 10**9, "billions": 10**9, "t": 10**12, "trillion": 10**12,
    "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40,
}  # fmt: skip
_BYTES = {"byte", "bytes"}
_NOUNS = re.compile(
    r"(?:flops?|flop/s|macs?|madds?|maccs?|mult-adds|multiplications?|operations?|ops|params?|parameters?"
    r"|weights?|bias(?:es)?|values?|neurons?|units?|activations?|floats?|numbers?|px|pixels?)\Z"
)
_GROUP = "[,'_\u2019\u00a0\u2009\u202f ]"
_LITERAL = re.compile(
    rf"(?P<whole>\d{{1,3}}(?:{_GROUP}\d{{3}})+(?!\d)|\d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\d)|\d+)"
    r"(?P<decimals>[.,]\d*)?(?P<exponent>[eE][+-]?\d{1,3}(?!\d))?"
)
_WORD = re.compile(r"[A-Za-zµ][A-Za-z/-]*")
_SIGNS = {
    "×": "*", "·": "*", "⋅": "*", "∙": "*", "•": "*", "∗": "*", "x": "*", "X": "*",
    "−": "-", "–": "-", "÷": "/", "^": "**", "[": "(", "]": ")", "{": "(", "}": ")",
    "²": "**2", "³": "**3",
}  # fmt: skip
_OPERATORS = "+-*/()"
EQUALS = re.compile(r"=>|->|→|⇒|≈|≃|≅|~=|==?")
ASIDE = re.compile(r"\([^()]*[A-Za-z]{2}[^()]*\)")
_PER = re.compile(
    r"(?:/|\bper\b|\ba\b|\bfor each\b)\s*(?:image|sample|layer|example)\b.*", re.IGNORECASE
)
_LABEL = re.compile(r"[A-Za-z#][A-Za-z #]*?(?:\s*:\s*|\s+)(?=[\d(\[{~.+-]|floor\(|ceil\()")
_FUNCTION = re.compile(r"(?:floor|ceil|round)(?=\()")


def read_number(text: str) -> Quantity:
    """Return the number that a cell says; that of its working, where it shows any.

    >>> quantity = read_number("(11*11*3)*96 = 35K")
    >>> quantity.value, quantity.digits
    (34848, None)
    """
    return read_answer(text).quantity


def read_answer(text: str) -> Answer:
    """Return what a cell says. Raises: Unreadable if there is no number in it.

    >>> read_answer("(3*3*1+1)*32 = 330").stated.value
    330
    """
    if len(text) > LONGEST:
        raise Unreadable(f"It has {len(text):,} characters; at most {LONGEST} are read.")
    about = bool(re.match(r"\s*(?:~|≈|about\b|approx|circa\b|ca\.|roughly\b)", text, re.IGNORECASE))
    bare = _PER.sub("", ASIDE.sub(_aside, text)).strip().rstrip("!.").lstrip("~≈ ")
    found: list[tuple[Quantity, bool]] = []
    reason: Unreadable | None = None
    for part in EQUALS.split(bare):
        try:
            found.append(_expression(part.lstrip("~ ")))
        except Unreadable as unreadable:
            reason = reason or (unreadable if part.strip() else None)
            if isinstance(unreadable, Ambiguous):
                raise
    if not found:
        raise reason or Unreadable("Not a number.")
    workings = [quantity for quantity, working in found if working]
    result, is_working = found[-1]
    if not workings:
        return Answer(result, about=about)
    judged = workings[-1]
    agrees = is_working or result.stands_for(judged.value) or judged.covers(result.value)
    if result.unit and not judged.unit:
        judged = judged._replace(unit=result.unit)
    return Answer(judged, None if agrees else result, True, about)


class Ambiguous(Unreadable):
    """A number that may mean two things."""


def _aside(match: re.Match[str]) -> str:
    """Return a remark in brackets as what it says of the number: `(= 3*4)` or nothing."""
    inside = match[0][1:-1].strip()
    return " " if not inside.startswith("=") else f" {inside}"


def _expression(text: str) -> tuple[Quantity, bool]:
    """Return the value of a number or of arithmetic, and whether it was arithmetic."""
    tokens = list(_tokens(text.strip()))
    literals = [token for token in tokens if isinstance(token, Quantity)]
    signs = [token for token in tokens if token not in (*literals, "(", ")")]
    if not literals:
        raise Unreadable("Not a number.")
    if len(literals) == 1 and not signs:
        return literals[0], False
    if len(literals) == 1 and tokens == ["-", literals[0]]:
        number = literals[0]
        return number._replace(value=-number.value, low=-number.high, high=-number.low), False
    # In arithmetic, what is finer than a whole number is no rounding.
    tokens = [
        t._replace(low=t.value, high=t.value, digits=None)
        if isinstance(t, Quantity) and t.high - t.low < 1
        else t
        for t in tokens
    ]
    try:
        low, value, high = (
            arithmetic(
                "".join(t if isinstance(t, str) else _written(getattr(t, end)) for t in tokens)
            )
            for end in ("low", "value", "high")
        )
    except ExpressionError as error:
        raise Unreadable(f"Not arithmetic: {error}.") from None
    used = [token for token in tokens if isinstance(token, Quantity)]
    digits = min((t.digits for t in used if t.digits is not None), default=None)
    unit = next((t.unit for t in used if t.unit), "")
    return Quantity(value, min(low, high), max(low, high), digits, unit=unit), True


def _tokens(text: str) -> Iterator[Quantity | str]:
    """Yield the numbers, signs and brackets of arithmetic; words before it are its label."""
    for sign, function in (("⌊", "floor("), ("⌈", "ceil("), ("⌋", ")"), ("⌉", ")")):
        text = text.replace(sign, function)
    label = _LABEL.match(text)
    position = label.end() if label else 0
    while position < len(text):
        character = text[position]
        if literal := _LITERAL.match(text, position):
            number, position = _literal(text, literal)
            yield number
        elif function_name := _FUNCTION.match(text, position):
            yield function_name[0]
            position = function_name.end()
        elif (sign := _SIGNS.get(character, character))[0] in _OPERATORS:
            yield sign
            position += 1
        elif character.isspace():
            position += 1
        else:
            raise Unreadable(f"Not a number: {text[position : position + 20]!r} is not arithmetic.")


def _written(value: Exact) -> str:
    return str(value) if isinstance(value, int) else f"({value.numerator}/{value.denominator})"


def _literal(text: str, match: re.Match[str]) -> tuple[Quantity, int]:
    """Return a number with its words (`24 M params`), and where it ends."""
    whole = re.sub(r"\D", "", match["whole"])
    decimals = match["decimals"] or ""
    position = match.end()
    factor, unit, words = 1, "", 0
    while word := _WORD.match(
        text, position + len(text[position:]) - len(text[position:].lstrip())
    ):
        if word[0] in "xX" and _LITERAL.match(text[word.end() :].lstrip()):
            break  # a multiplication sign
        scale, bytes_written = _word(word[0])
        factor, unit, words = factor * scale, unit or bytes_written, words + 1
        position = word.end()
    if decimals.startswith(",") and factor == 1:
        raise Ambiguous(f"{match[0]}: is the comma a decimal point? Write it without commas.")
    scaled = factor > 1 or match["exponent"]
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", match[0]) and not scaled and not unit:
        raise Ambiguous(
            f"Is it {match[0].replace('.', ',')}, or {match['whole']} and a fraction? "
            "Write whole numbers without a point."
        )
    if len(whole) + len(decimals) > 40:
        raise Unreadable("A number of more than 40 digits.")
    digits = decimals[1:]
    power = int((match["exponent"] or "e0")[1:])
    if abs(power) > 30:
        raise Unreadable("A number that large is out of bounds.")
    step = Fraction(10) ** (power - len(digits)) * factor
    value = plain(int(whole + digits) * step)
    if not scaled and not digits:
        zeros = len(whole) - len(whole.rstrip("0")) if value else 0
        zeros *= zeros >= FEWEST_ZEROS
        return Quantity(value, value, value, None, zeros, unit), position
    if isinstance(value, int) and step <= 1:
        return Quantity(value, value, value, None, 0, unit), position
    significant = len((whole + digits).lstrip("0")) or 1
    low, high = plain(value - step / 2), plain(value + step / 2)
    return Quantity(value, low, high, significant, 0, unit), position


def plain(value: Exact) -> Exact:
    """Return a number as an int if it is whole."""
    return value if isinstance(value, int) or value.denominator > 1 else value.numerator


def _word(word: str) -> tuple[int, str]:
    """Return the factor that a word after a number stands for, and `byte` if it says bytes."""
    low = word.lower()
    if low in _FACTORS:
        return _FACTORS[low], ""
    if low in _BYTES or _NOUNS.match(low):
        return 1, "byte" if low in _BYTES else ""
    for prefix in ("ki", "mi", "gi", "ti", "k", "m", "g", "t"):
        if low.startswith(prefix):
            noun = low[len(prefix) :]
            if noun == "b" or noun in _BYTES:
                return _FACTORS[prefix], "byte"
            if _NOUNS.match(noun):
                return _FACTORS[prefix], ""
    raise Unreadable(f"Not a number: what is {word[:20]!r}?")
