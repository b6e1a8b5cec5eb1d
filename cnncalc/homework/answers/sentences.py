"""What a line of prose says of a layer, or of the whole network: names, labels, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cnncalc.homework.answers.heads import head_of
from cnncalc.homework.answers.phrases import bare_name, kind_of
from cnncalc.homework.sheet import COLUMNS

Said = tuple[str, str]  # an answer, and the unit that its label gives

_BULLET = re.compile(
    r"\s*(?:[-*•·–—▪◦>+]+\s+|(?:layer\s+)?\(?\d{1,3}\s*[.):]\s+|\(?[a-z]\s?[.)]\s+)*", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s*(?::=|:|=>|->|→|⇒|=|\s[-–—]\s|\s*\|\s*)\s*")
_VERB = re.compile(
    r"\s+(?:has|have|gives|give|is|are|outputs?|produces?|returns?|yields?|contains?|needs|uses|"
    r"with|hat|ergibt|ist|a|tiene|tem|ha|est)\s+(?=[\w\[(]*\d)",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\s+(?=[\[(]\s*(?:None|-1|\d)|\d+\s*[x×@]|\d+ \d[\d,]*\Z)")  # conv1 18x18x12
_TOTAL = re.compile(
    r"(?i)\b(?:(?:in |grand |overall )?total|altogether|sum|overall|insgesamt|gesamt|summe|in all"
    r"|au total|en total|total general|in totale|no total|peak)\b|合计|总计|合計|합계"
)
_NUMBER = (
    r"(?:\d[\d.,'_ \u00a0\u202f]*\d|\d)(?:[eE][+-]?\d+)?\s*"
    r"(?:[KMGBkmg]i?B?\b|million|thousand|billion)?"
)
_LAST_NUMBER = re.compile(rf"(?:[~≈]\s*)?{_NUMBER}")
_VOLUME = re.compile(
    r"\d+\s*@\s*\d+(?:\s*[x×X*]\s*\d+)?|[\[(]\s*(?:None|-1|\?|\d+)\s*(?:,\s*\d+\s*){1,4},?\s*[\])]"
    r"|\d+\s*[x×X*⨯]\s*\d+(?:\s*[x×X*⨯]\s*\d+){0,3}"
)
_ARITHMETIC = re.compile(r"[\d\s.,()\[\]+*/x×X·⋅÷^=;~≈KMG'−-]+")
_IN_BRACKETS = re.compile(rf"\A(.+?)\s*[\[(]\s*({_NUMBER})(?:\s+([A-Za-z# ]+))?\s*[\])]\Z")
_AND_NUMBER = re.compile(
    r"(\d+[x×]\d+[x×]\d+|\d{1,5}(?!\s\d{3}\Z))\s+(\d[\d,.']{0,15})\Z"  # 28x28x6 156
)
_PHRASE = re.compile(r"(?i)filter|kernel|stride|padding|\bpad\b|neurons? per|units\b")
_TAIL = re.compile(r"([\s.,')]*(?:[KMGkmg]i?B?\b)?)\s*([^\W\d_][^=]*)\Z")


def _words_last(text: str) -> tuple[str, str] | None:
    """Return a text up to its last number, and the words after that; None if there are none.

    >>> _words_last("1.2K parameters")
    ('1.2K', 'parameters')
    """
    last = max(map(text.rfind, "0123456789")) + 1
    match = _TAIL.match(text, last) if last else None
    return (text[:last] + match[1], match[2]) if match else None


def normal(name: str) -> str:
    """Return a name in lower case, without anything but letters, digits and points."""
    return re.sub(r"[^\w.]|_", "", name.lower())


def without_bullet(text: str) -> str:
    """Return a line without its bullet or number.

    >>> without_bullet("  - conv1: 5x5x6"), without_bullet("1. C1 → 6@28x28")
    ('conv1: 5x5x6', 'C1 → 6@28x28')
    """
    match = _BULLET.match(text)
    return text[match.end() if match else 0 :].strip()


def is_working(text: str) -> bool:
    """Return whether a line is arithmetic and nothing else."""
    return bool(_ARITHMETIC.fullmatch(text)) and bool(re.search(r"\d\s*[-+*/x×·⋅=]", text))


def total(text: str) -> tuple[str, str, str] | None:
    """Return the column, the number and its unit that a line says of the whole network.

    >>> total("Total params: 62M"), total("in total 33,120")
    (('parameters', '62M', ''), ('parameters', '33,120', ''))
    """
    match = _TOTAL.search(text)
    if match is None or len(text) > 200:
        return None
    peak = match[0].lower() == "peak"
    rest = f"{text[: match.start()]} {text[match.end() :]}".strip(" :*")
    label, mark, value = rest.rpartition(":") if ":" in rest else rest.partition("=")
    if not mark:
        numbers = list(_LAST_NUMBER.finditer(rest))
        if not numbers:
            return None
        value = numbers[-1][0]
        label = f"{rest[: numbers[-1].start()]} {rest[numbers[-1].end() :]}"
    if not re.search(r"\d", value):
        return None
    column, unit = "parameters", ""
    value = value.strip()
    if (words := _words_last(value)) and head_of(words[1].strip(" .")):
        value, label = words
    label = re.sub(
        r"(?i)\b(?:the|network|model|net|has|have|is|are|we|get|this|makes?|gives?|that)\b",
        " ",
        label,
    )
    if re.search(r"[^\W\d_]", label):
        head = head_of(label.strip(" .,;:-–")) or head_of(label.split("(")[0].strip())
        if head is None:
            return None
        column, unit = head.column, head.unit
    if peak:
        return "peak", value, unit
    return (column, value.strip(), unit) if column in COLUMNS else None


def labelled(text: str) -> tuple[str, str, str] | None:
    """Return the column, the answer and its unit of a line that only a label begins.

    >>> labelled("Output volume [55x55x96]"), labelled("=> Parameters: (5*5)*3 = 75")
    (('output', '[55x55x96]', ''), ('parameters', '(5*5)*3 = 75', ''))
    """
    text = re.sub(r"\A\s*(?:=>|->|→|⇒)\s*", "", text)
    match = re.match(r"([^\W\d_][^:=\[\d]{1,50}?)\s*(?:[:=]|(?=[\[(]?\s*\d|\[))\s*(.+)\Z", text)
    if match is None or not re.search(r"\d", match[2]):
        return None
    head = head_of(match[1])
    if head is None or head.column not in COLUMNS:
        return None
    return head.column, match[2].strip(), head.unit


@dataclass(frozen=True, slots=True)
class AboutLayer:
    """What a line says of a layer: each answer by its column."""

    name: str
    said: dict[str, Said]


def about_layer(text: str, names: frozenset[str], *, headed: bool = False) -> AboutLayer | None:
    """Return what a line says of the layer that it names, or None if it names none.

    `headed`: whether it stands as a heading or a point, so that a name alone is one.

    >>> about_layer("conv1: 28x28x6, 156 parameters", frozenset()).said
    {'output': ('28x28x6', ''), 'parameters': ('156', '')}
    >>> about_layer("C1 → 6@28x28 (156)", frozenset()).said
    {'output': ('6@28x28', ''), 'parameters': ('156', '')}
    """
    for pattern in (_SEPARATOR, _VERB, _NEXT):
        for match in list(pattern.finditer(text))[:3]:
            named = _named(text[: match.start()], names)
            if named is not None:
                name, column, unit = named
                rest = text[match.end() :].strip().rstrip(".")
                if column:
                    said = {column: (rest, unit)} if re.search(r"\d", rest) else {}
                else:
                    said = dict(_items(rest))
                if said or (not rest and is_layer(name, names)):
                    return AboutLayer(name if normal(name) in names else bare_name(name), said)
    if is_layer(text.strip(), names) and (headed or not re.search(r"\s", text.strip())):
        return AboutLayer(text.strip(), {})
    return None


def is_layer(name: str, names: frozenset[str]) -> bool:
    """Return whether a name may be a layer's: one of a key's, one of a known kind, or a paper's."""
    bare = bare_name(name)
    return normal(bare) in names or kind_of(bare) is not None or normal(name) in names


def _named(left: str, names: frozenset[str]) -> tuple[str, str, str] | None:
    """Return the layer that is named before a separator, and the column with its unit, if any."""
    left = left.strip(" *_`")
    if not left or len(left) > 60 or len(left.split()) > 7:
        return None
    words = left.split()
    of = re.match(
        r"(.+?)\s+(?:of|after|for|in|nach|von|de|in der)\s+(?:the\s+|layer\s+)?(.+)\Z", left
    )
    call = re.match(r"(\w[\w ]*?)\s*\(\s*([\w.]+)\s*\)\Z", left)
    for pair in (of, call):
        if (
            pair
            and (head := head_of(pair[1]))
            and head.column in COLUMNS
            and is_layer(pair[2], names)
        ):
            return pair[2], head.column, head.unit
    for split in range(len(words) - 1, 0, -1):
        name = " ".join(words[:split])
        head = head_of(" ".join(words[split:]).strip("'s "))
        if head and head.column in COLUMNS and is_layer(name, names) and head.how != "near":
            return name.removesuffix("'s"), head.column, head.unit
    if is_layer(left, names) and (len(words) <= 3 or normal(bare_name(left)) in names):
        return left, "", ""
    return None


def _items(rest: str) -> Iterator[tuple[str, Said]]:
    """Yield the answers in a text by column: labelled, named after them, or by how they look."""
    pair = _IN_BRACKETS.match(rest)
    whole = pair[1] if pair else rest  # 6@28x28 (156)
    chunks = _chunks(rest)
    if not chunks:
        return
    single = len(chunks) == 1 or "=" in chunks[0]
    two = _AND_NUMBER.match(rest)
    if single and is_working(rest) and not two and not _VOLUME.fullmatch(whole.strip()):
        yield "parameters", (rest, "")
        return
    taken: set[str] = set()
    if len(chunks) > 1 and re.fullmatch(r"\d[\d,]*", chunks[0]):  # 5, 4905
        taken.add("output")
        yield "output", (chunks.pop(0), "")
    for chunk in chunks:
        for column, said in _item(chunk, taken):
            if column not in taken:
                taken.add(column)
                yield column, said


def _chunks(text: str) -> list[str]:
    """Return the parts of a text between commas, semicolons and the word and, outside brackets."""
    found, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth = max(0, depth + (character in "([") - (character in ")]"))
        ends = character in ";|→" or (character == "," and text[position + 1 : position + 2] == " ")
        if ends and depth == 0:
            found.append(text[start:position])
            start = position + 1
    found.append(text[start:])
    between = r"\s+(?:and|und|y|et|e)\s+"
    if re.search(r"[^\W\d_xX]{2}", text):  # a dash between words is no minus
        between += r"|\s+[-–—]\s+"
    parts = [part for piece in found for part in re.split(between, piece)]
    return [part.strip() for part in parts if part.strip()]


def _item(chunk: str, taken: set[str]) -> Iterator[tuple[str, Said]]:
    label = re.match(r"([^\W\d_#][^:=\d]{0,40}?|#\s*[^\W\d_][^:=\d]{0,40}?)\s*[:=]\s*(.+)\Z", chunk)
    head = head_of(label[1]) if label else None
    if label and head and head.column in COLUMNS:
        yield head.column, (label[2], head.unit)
        return
    words = re.match(r"([^\W\d_][^\d\[(]{1,40}?)\s+([\[(]?\s*\d.*)\Z", chunk)
    head = head_of(words[1]) if words else None
    if words and head and head.column in COLUMNS:
        yield head.column, (words[2], head.unit)
        return
    if two := _AND_NUMBER.match(chunk):
        yield "output", (two[1], "")
        yield "parameters", (two[2], "")
        return
    if (pair := _IN_BRACKETS.match(chunk)) and _VOLUME.fullmatch(pair[1].strip()):
        head = head_of(pair[3]) if pair[3] else None
        yield "output", (pair[1].strip(), "")
        yield (head.column if head else "parameters"), (pair[2], "")
        return
    if _PHRASE.search(chunk):
        yield "settings", (chunk, "")
        return
    if _VOLUME.fullmatch(chunk) and "output" not in taken:
        yield "output", (chunk, "")
        return
    after = _words_last(chunk)
    head = head_of(after[1].strip(" .)(")) if after else None
    if after and head and (head.column in COLUMNS or head.column == "settings"):
        yield head.column, (after[0].strip(), head.unit)
        return
    if is_working(chunk) or _LAST_NUMBER.fullmatch(chunk):
        yield "parameters", (chunk, "")
