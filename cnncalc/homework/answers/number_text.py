"""Numbers as people write them: `34,944`, `96*364`, `(11*11*3+1)*96 = 34,944`, `34,944 (35K)`.

Arithmetic is evaluated by the bounded parser of the architecture files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from cnncalc.format.expressions import ExpressionError, arithmetic
from cnncalc.homework.answers import quantity
from cnncalc.homework.answers.head_words import WORDS
from cnncalc.homework.answers.quantity import Ambiguous, Exact, Quantity, Unreadable

LONGEST = 200  # characters of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenNumber:
    """A number as it is written in a cell, with or without working.

    Where working is shown, its value is the number, as it is exact.
    """

    quantity: Quantity
    stated: Quantity | None = None  # the result written after working, if it is another number
    about: bool = False  # whether it is called an estimate
    plain: Quantity | None = None  # the number before a bracket, if the bracket is a remark
    remark: Quantity | None = None  # what the arithmetic in that bracket comes to


_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SHORT = re.compile(r"(?<![\d.,])\.(?=\d)")  # .5M
_SIGNS = {
    **dict.fromkeys("×⨯✕✖хxX·⋅∙•∗", "*"),
    "−": "-", "–": "-", "÷": "/", "^": "**", "[": "(", "]": ")", "{": "(", "}": ")",
}  # fmt: skip
_OPERATORS = "+-*/()"
EQUALS = re.compile(r"=>|->|→|⇒|≈|≃|≅|~=|==?|;")
ASIDE = re.compile(r"\([^()]*[A-Za-z]{2}[^()]*\)")
_ABOUT = re.compile(
    r"\A\s*(?:[~≈]|(?:about|approx(?:imately)?|circa|ca|roughly)\b\.?)", re.IGNORECASE
)
_PER = re.compile(
    r"(?:/|\bper\b|\ba\b|\bfor each\b)\s*(?:image|sample|layer|example)\b.*", re.IGNORECASE
)
_LABEL = re.compile(r"[A-Za-z#][A-Za-z #]*?(?:\s*:\s*|\s+)(?=[\d(\[{~.+-]|floor\(|ceil\()")
_FUNCTIONS = ("floor", "ceil", "round")
_FUNCTION = re.compile(rf"(?:{'|'.join(_FUNCTIONS)})(?=\()")
_REMARK = re.compile(r"\s+\(([~≈ ]*\d[\d.,\s]*[KkMGTB]?)\)\Z")  # 3,211,264 (3.2M)


def read_number(text: str) -> WrittenNumber:
    """Return the number that a cell says. Raises: Unreadable if there is none in it.

    >>> read_number("(11*11*3)*96 = 35K").quantity.value
    34848
    >>> read_number("(3*3*1+1)*32 = 330").stated.value
    330
    """
    if len(text) > LONGEST:
        raise Unreadable(f"It has {len(text):,} characters; at most {LONGEST} are read.")
    bare = _ABOUT.sub("", text)
    about = bare != text
    if total := _TOTAL.search(bare):
        bare = bare[total.end() :]
    if _TWO.fullmatch(bare):
        raise Ambiguous("Two numbers, or one over the other? Write one.")
    if (remarked := _with_remark(bare)) is not None:
        return replace(remarked, about=about)
    bare = _PER.sub("", ASIDE.sub(_aside, _normalized(bare))).strip().rstrip("!.,").lstrip("~≈+ ")
    bare, remarks = _REMARK.subn(r" = \1", bare)
    found: list[tuple[Quantity, bool]] = []
    reasons: list[Unreadable] = []
    for part in EQUALS.split(bare):
        try:
            found.append(_expression(part.lstrip("~ ")))
        except Unreadable as unreadable:
            if part.strip():
                reasons.append(unreadable)
    workings = [quantity for quantity, working in found if working]
    # Working settles which number is meant: `96*364 = 34.944`.
    doubts = [reason for reason in reasons if isinstance(reason, Ambiguous) and not workings]
    if doubts or not found:
        raise [*doubts, *reasons, Unreadable("Not a number.")][0]
    result, is_working = found[-1]
    if not workings:  # `34,944 = 35K`: the number that the other one is rounded from
        exact = [one for one, _ in found if one.digits is None and result.stands_for(one.value)]
        first = found[0][0]
        if remarks and not (first.stands_for(result.value) or result.stands_for(first.value)):
            raise Unreadable("Two numbers that are not the same.")
        return WrittenNumber(quantity=exact[0] if exact else result, about=about)
    judged = workings[-1]
    agrees = is_working or result.stands_for(judged.value) or judged.covers(result.value)
    if result.unit and not judged.unit:
        judged = replace(judged, unit=result.unit)
    return WrittenNumber(quantity=judged, stated=None if agrees else result, about=about)


_TOTAL = re.compile(r"(?i)\b(?:in )?(?:total|sum|altogether|insgesamt)\s*(?:[:=]|is)?\s*(?=[\d(])")
_TWO = re.compile(r"\s*[\d.,'_]*\d[KMGkmg]?\s+/\s+[\d.,'_]*\d[KMGkmg]?\s*")
_BEFORE_REMARK = re.compile(
    r"\s*([\d.,'_ \u00a0\u202f]*\d)\s+"
    r"[(\[]([^()\[\]]*(?:[(\[][^()\[\]]*[)\]][^()\[\]]*)*)[)\]]\s*\Z"
)


def _with_remark(text: str) -> WrittenNumber | None:
    """Return a number with a bracket of arithmetic after it, or None if a text is none.

    The bracket is a remark if it comes to the number. Else it may be one that was worked out
    wrong, or a factor, `96 (11·11·3 + 1)`: the truth decides.

    >>> read_number("444 (432 + 12)").quantity.value, read_number("96 (3·3 + 1)").quantity.value
    (444, 960)
    """
    match = _BEFORE_REMARK.match(text)
    if match is None:
        return None
    try:
        number, _ = _expression(match[1])
        inside = read_number(match[2].lstrip("= "))
    except Unreadable:
        return None
    value = inside.quantity.value
    if number.digits is not None or not re.search(r"[-+*/x×X·⋅∙^]", match[2]):
        return None
    if match[2].lstrip().startswith("+"):  # 432 (+ 12 biases)
        return read_number(f"{match[1]} + ({inside.quantity.value})")
    if number.value == value:
        return WrittenNumber(quantity=number)
    try:
        product, _ = _expression(f"{match[1]} * ({match[2]})")
    except Unreadable:
        product = number
    return WrittenNumber(quantity=product, plain=number, remark=inside.quantity)


def _normalized(text: str) -> str:
    """Return a text with superscript digits as powers, a digit before every point, and semicolons
    between the steps of a calculation.
    """
    if re.fullmatch(r"\s*\d{1,3}(?:\.\d{3})+,\d+\s*", text):  # 34.944,0
        text = text.replace(".", "").replace(",", ".")
    if text.count("=") > 1:  # 11*11*3=363, 363+1=364
        text = re.sub(r",\s+(?=[\d(])", "; ", text)
    text = _RAISED.sub(lambda match: "^" + match[0].translate(_PLAIN_DIGITS), text)
    return _SHORT.sub("0.", text.replace("{,}", ","))


def _aside(match: re.Match[str]) -> str:
    """Return the arithmetic of a remark in brackets, `(= 3*4)`; other remarks are left out."""
    inside = match[0][1:-1].strip()
    return " " if not inside.startswith("=") else f" {inside}"


def _expression(text: str) -> tuple[Quantity, bool]:
    """Return the value of a number or of arithmetic, and whether it was arithmetic."""
    tokens = list(_tokens(_alone(text.strip())))
    literals = [token for token in tokens if isinstance(token, Quantity)]
    signs = [token for token in tokens if token not in (*literals, "(", ")")]
    if not literals:
        raise Unreadable("Not a number.")
    if len(literals) == 1 and not signs:
        return literals[0], False
    if len(literals) == 1 and tokens == ["-", literals[0]]:
        number = literals[0]
        negative = replace(number, value=-number.value, low=-number.high, high=-number.low)
        return negative, False
    if any(isinstance(a, Quantity) and isinstance(b, Quantity) for a, b in pairwise(tokens)):
        raise Unreadable("Two numbers with nothing between them.")
    # In arithmetic a decimal fraction is exact: 0.5 is a half, not a rounded number.
    tokens = [
        replace(t, low=t.value, high=t.value, digits=None)
        if isinstance(t, Quantity) and t.high - t.low < 1
        else t
        for t in tokens
    ]
    product = tokens[:1]
    for before, token in pairwise(tokens):  # 96(11·11·3 + 1) is a product
        factors = _ends(before, ")"), _ends(token, "(", *_FUNCTIONS)
        product += ["*", token] if all(factors) else [token]
    try:
        low, value, high = (
            arithmetic(
                "".join(t if isinstance(t, str) else _written(getattr(t, end)) for t in product)
            )
            for end in ("low", "value", "high")
        )
    except ExpressionError as error:
        raise Unreadable(f"Not arithmetic: {error}.") from None
    used = [token for token in tokens if isinstance(token, Quantity)]
    digits = min((t.digits for t in used if t.digits is not None), default=None)
    unit = next((t.unit for t in used if t.unit), "")
    low, high = min(low, high), max(low, high)
    return Quantity(value=value, low=low, high=high, digits=digits, unit=unit), True


_NUMBER_FIRST = re.compile(r"([\d.,'_ \u00a0\u202f]*\d)\s+([^\W\d_][^\d=*×·⋅/()\[\]]*)\Z")
_NUMBER_LAST = re.compile(r"[^\W\d_][^\d=*×·⋅/()\[\]^-]*\s([\d.,'_ \u00a0\u202f]*\d)\Z")


def _alone(text: str) -> str:
    """Return the number of a text that has words after it, or before it, and no arithmetic.

    Only the words of heads are passed over, and words that scale it stay.

    >>> _alone("444 weights + biases"), _alone("we get 444"), _alone("35 thousand")
    ('444', '444', '35 thousand')
    """
    if match := _NUMBER_FIRST.match(text):
        if not all(word in WORDS for word in re.findall(r"[^\W\d_]+", match[2].casefold())):
            return text
        first = re.match(r"[A-Za-zµ][A-Za-z/-]*", match[2])
        try:
            scaled = bool(first) and quantity.scan(f"1 {first[0] if first else ''}") is not None
        except Unreadable:
            scaled = False
        return text if scaled and len(match[2].split()) < 3 and "+" not in match[2] else match[1]
    if match := _NUMBER_LAST.match(text):
        return match[1]
    return text


def _ends(token: Quantity | str, *brackets: str) -> bool:
    """Return whether a factor may end, or begin, with a token: a number or one of `brackets`."""
    return isinstance(token, Quantity) or token in brackets


def _tokens(text: str) -> Iterator[Quantity | str]:
    """Yield the numbers, signs and brackets of arithmetic; a label before it is passed over."""
    for sign, function in (("⌊", "floor("), ("⌈", "ceil("), ("⌋", ")"), ("⌉", ")")):
        text = text.replace(sign, function)
    label = _LABEL.match(text)
    position = label.end() if label else 0
    while position < len(text):
        character = text[position]
        if found := quantity.scan(text, position):
            number, position = found
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
