"""Volumes as people write them: `55x55x96`, `(55, 55, 96)`, `[1, 96, 55, 55]`, `96@55x55`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from cnncalc.homework.answers.number_text import ASIDE, EQUALS, LONGEST
from cnncalc.homework.answers.quantity import Exact, Unreadable, reduced


@dataclass(frozen=True, slots=True)
class WrittenVolume:
    """A volume as it is written in a cell."""

    numbers: tuple[Exact, ...]  # in their order, without a batch size that is left open
    channels_first: bool = False  # whether the way of writing says so, as `96@55x55` does

    def __str__(self) -> str:
        """Return the numbers joined by x."""
        return "x".join(str(n) if isinstance(n, int) else f"{float(n):g}" for n in self.numbers)


_OPEN = {"none", "?", "n", "b", "-1", "batch", "batch_size", "m"}
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
_SEPARATOR = re.compile(r"\s*(?:[x×X⨯✕✖хХ*·⋅,;]|\bby\b)\s*")
_VOLUME_LABEL = re.compile(r"[A-Za-z][A-Za-z ]*[:\s]\s*(?=[\[(\d])")
_CALL = re.compile(r"\A\s*[A-Za-z][A-Za-z.]*(?=[\[(])")  # torch.Size(…)
_VOLUME_NOUN = re.compile(
    r"\s*(?:neurons?|units?|outputs?|class(?:es| scores)?|px|pixels?|images?|spatially)\Z"
)
_LETTER = re.compile(r"\b([HWCD])\d?\s*[=:]\s*(?=\d)", re.IGNORECASE)
_MAPS = r"(?:(?:feature|activation) )?(?:maps?|channels?|filters?|planes?)"
_MAPS_FIRST = re.compile(
    rf"(\d{{1,9}}) {_MAPS}(?:,? of| at|,| @)?(?: size)? (?=[\[(]?\d)", re.IGNORECASE
)
_MAPS_LAST = re.compile(rf"(?<=[\d)\]])(?:, ?| with | and | )(\d{{1,9}}) {_MAPS}\Z", re.IGNORECASE)
_SQUARE = re.compile(r"\b(\d{1,9})(?:²|\^2|\*\*2)")
_VECTOR = re.compile(r"\d{1,3},\d{3}|\d{1,3}(?:,0\d\d)+|\d{1,3}(?:[ '_\u00a0\u202f\u2009]\d{3})+")


def read_volume(text: str) -> WrittenVolume:
    """Return the volume that a cell says. Raises: Unreadable if it says none.

    >>> [str(read_volume(t)) for t in ("55 × 55 × 96", "[1, 96, 55, 55]", "96@55x55", "4,096")]
    ['55x55x96', '1x96x55x55', '96x55x55', '4096']
    """
    if len(text) > LONGEST:
        raise Unreadable(f"It has {len(text):,} characters; at most {LONGEST} are read.")
    text = _SQUARE.sub(r"\1x\1", _CALL.sub("", text))
    letters = [letter.upper() for letter in _LETTER.findall(text)]
    if len(letters) > 1:  # C=96, H=55, W=55
        volume = _volume(re.sub(r"(?<=\d)\s+(?=\d)", "x", _LETTER.sub("", text)))
        if volume is None or len(volume.numbers) != len(letters):
            raise Unreadable("Not a volume. Write it like 28x28x6.")
        return replace(volume, channels_first=letters[0] in "CD")
    order = _ORDER.search(text)
    if order and (written := _in_words(text[: order.start()])) is not None:  # 96x55x55 (CxHxW)
        return replace(written, channels_first=order[1].upper() in "CD")
    text = _MAPS_LAST.sub(r"x\1", _MAPS_FIRST.sub(r"\1@", text.strip()))
    bare = text if text.lstrip().startswith("(") else ASIDE.sub(" ", text)
    found = [volume for part in EQUALS.split(bare) if (volume := _volume(part)) is not None]
    # The last volume of several numbers: `55x55x96 = 290,400` is the volume, not its size.
    whole = max(reversed(found), key=lambda volume: len(volume.numbers) > 1) if found else None
    if whole is None or (len(whole.numbers) < 3 and _CHANNELS.search(text)):
        whole = _in_words(text) or whole
    within = _THREE.findall(text)
    if within and (whole is None or len(whole.numbers) == 1):  # a sentence
        whole = _volume(within[-1])
    if whole is None:
        raise Unreadable("Not a volume. Write it like 28x28x6.")
    return whole


_ORDER = re.compile(r"[(\[]\s*([NBCDHW])(?:\s*[x×*,]?\s*[CDHW]){2,3}\s*[)\]]\s*\Z", re.IGNORECASE)
_CHANNELS = re.compile(
    r"(?i)(?:channels?|maps?|filters?|planes?|kernels?|features?|depth|deep|ch)\b"
)
_THREE = re.compile(
    r"(?<![\dx×*.])(?<![x×*] )\d{1,6}\s*[x×*]\s*\d{1,6}\s*[x×*]\s*\d{1,6}(?!\s*[x×*+/\d])"
)
# What may stand between the numbers of a volume that is said in words.
_BETWEEN = re.compile(
    r"(?i)[\s,;:/x×*·<>{}()\[\]@=-]+|(?:height|width|spatial(?:ly)?|size|shape|volume|output|of|with"
    r"|and|each|a|an|the|is|at|by|px|pixels?|images?|resolution|rows?|cols?|columns?|tall|wide|high"
    r"|(?:feature |activation )?(?:channels?|maps?|filters?|planes?|kernels?)|features?|depth|deep"
    r"|ch|[hwcd])"
    r"(?![A-Za-z])"
)


def _in_words(text: str) -> WrittenVolume | None:
    """Return a volume whose numbers stand between words, or None.

    A number beside a word for channels is the depth.

    >>> str(_in_words("55x55, depth 96")), str(_in_words("96 filters, each 55x55"))
    ('55x55x96', '55x55x96')
    """
    numbers: list[int] = []
    depth: int | None = None
    position, said = 0, ""
    while position < len(text):
        if match := re.compile(r"\d{1,9}(?![\d.]*\d)").match(text, position):
            numbers.append(int(match[0]))
            if said in ("depth", "ch", "channels", "maps", "filters"):
                depth = len(numbers) - 1
            said = ""
        elif match := _BETWEEN.match(text, position):
            word = match[0].strip().lower()
            if _CHANNELS.search(word) and numbers and depth is None:
                before = text[:position].rstrip()
                depth = len(numbers) - 1 if before[-1:].isdigit() else None
            said = word if word.isalpha() else said
        else:
            return None
        position = match.end()
    if not 2 <= len(numbers) <= 4:
        return None
    if depth is not None:
        numbers.append(numbers.pop(depth))
    return WrittenVolume(tuple(numbers))


def _volume(text: str) -> WrittenVolume | None:
    text = text.strip().rstrip(".!")
    if label := _VOLUME_LABEL.match(text):
        text = text[label.end() :]
    text = _VOLUME_NOUN.sub("", text).strip()
    if _VECTOR.fullmatch(text.strip("()[]")):
        return WrittenVolume((int(re.sub(r"\D", "", text)),))
    first = "@" in text
    if first:
        maps, _, extents = text.partition("@")
        text = f"{maps.strip()}x{extents.strip()}"
    text = text.strip("()[]{}").rstrip(", ")
    numbers: list[Exact] = []
    for position, part in enumerate(_SEPARATOR.split(text)):
        part = part.strip("()[]{} ")
        if position == 0 and part.lower() in _OPEN:
            continue
        if not _NUMBER.fullmatch(part) or len(numbers) == 5:
            return None
        numbers.append(reduced(Fraction(part)))
    return WrittenVolume(tuple(numbers), first) if numbers else None
