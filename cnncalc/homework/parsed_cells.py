"""Cells as parsed: the number, the volume or the word that an answer says in its column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cnncalc.homework.answers.number_text import WrittenNumber, read_number
from cnncalc.homework.answers.quantity import Unreadable
from cnncalc.homework.answers.volume_text import WrittenVolume, read_volume
from cnncalc.homework.answers.written_with import with_point
from cnncalc.homework.layer_truth import EXTENTS, VOLUMES, Value
from cnncalc.homework.sheet import SheetCell
from cnncalc.volume import Volume

# What people write where a window does not tile, and where a unit sees the whole image.
_IMPOSSIBLE = (
    "invalid", "not an integer", "not possible", "impossible", "not fit", "not tile",
    "n't fit", "n't tile", "not valid", "error", "undefined",
)  # fmt: skip
_NO_VALUES = re.compile(
    r"(?i)(?:(?:has|have|there are|it has|does not have|doesn't have|keine?|aucune?|ning[uú]n|sin"
    r"|nenhum|nessun|no|not|without|zero)\b[\w\s'-]{0,30}?\s)"
    r"(?:parameters?|params?|weights?|biases|gewichte|param[eè]tres?|par[aá]metros?|parametri|parametro)"
    r"[\s.!]*|zero[\s!.]*|nothing[\s.!]*|0\s*!+|无|なし|없음|нет|keine|aucun|ninguno|nenhum|nessuno|null"
)
_EVERYTHING = ("whole", "entire", "all of", "everything", "global")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCell:
    """What a cell says: a number, a volume (or extents) or a word; or why it cannot be read."""

    number: WrittenNumber | None = None
    volume: WrittenVolume | None = None
    word: Literal["", "impossible", "everything"] = ""
    problem: str = ""  # one sentence: why it cannot be read

    def __str__(self) -> str:
        """Return what was read: a number, a volume or a word; nothing where nothing could be."""
        if self.volume is not None:
            return str(self.volume)
        if self.number is None:
            return self.word
        value = self.number.quantity.value
        return f"{value:,}" if isinstance(value, int) else f"{float(value):g}"

    @property
    def exact(self) -> Value | None:
        """Return the exact value that was written; None for a rounded number and for a word."""
        if self.volume is not None:
            return self.volume.numbers
        if self.number is None or self.number.quantity.digits is not None:
            return None
        return self.number.quantity.value


def parse_cell(cell: SheetCell, column: str, *, decimal_comma: bool = False) -> ParsedCell:
    """Return what a cell says in a column; `decimal_comma`: how its sheet writes fractions."""
    if cell.problem:
        return ParsedCell(problem=cell.problem)
    try:
        if column in VOLUMES or column in EXTENTS:
            return _parse_volume(cell.text, column)
        if _NO_VALUES.fullmatch(cell.text.strip()):
            return ParsedCell(number=read_number("0"))
        text = with_point(cell.text) if decimal_comma else cell.text
        if cell.unit and text[-1:].isdigit():
            text += f" {cell.unit}"
        return ParsedCell(number=read_number(text))
    except Unreadable as reason:
        return ParsedCell(problem=str(reason))


def _parse_volume(text: str, column: str) -> ParsedCell:
    if column == "input":  # of several volumes the first
        text = text.split(" + ", 1)[0]
    elif column in EXTENTS:  # of several fields the widest
        text = text.rsplit(" to ", 1)[-1]
    try:
        return ParsedCell(volume=read_volume(text))
    except Unreadable:
        low = text.lower()
        if any(word in low for word in _IMPOSSIBLE):
            return ParsedCell(word="impossible")
        if any(word in low for word in _EVERYTHING):
            return ParsedCell(word="everything")
        if column in EXTENTS:  # one number for all axes, perhaps with working
            return ParsedCell(volume=WrittenVolume((read_number(text).quantity.value,)))
        raise


def missing_numbers(parsed: ParsedCell, truth: Value) -> str:
    """Return in a sentence what a volume with too few numbers lacks, or nothing.

    Extents of 1 may be left out.
    """
    if parsed.volume is None or not isinstance(truth, tuple):
        return ""
    have, need = len(parsed.volume.numbers), sum(n != 1 for n in truth)
    if have >= need or need < 2:
        return ""
    if have == len(truth) - 1 and have > 1:
        return "Not a volume: the depth is missing."
    return f"Not a volume: it has {have} of {len(truth)} numbers. Write it like 28x28x6."


def as_volume(written: WrittenVolume, like: Volume, layout: str) -> Volume | None:
    """Return a written volume as a Volume with as many extents as `like`; None if it is none."""
    if not all(isinstance(n, int) and n > 0 for n in written.numbers):
        return None
    numbers = [int(n) for n in written.numbers]
    wanted = len(like.shape)
    if len(numbers) == wanted + 1:  # the batch size in front
        numbers = numbers[1:]
    if len(numbers) > wanted:
        numbers = [n for n in numbers if n != 1] or [1]
    if len(numbers) != wanted:
        return None
    if layout == "chw" or written.channels_first:
        numbers = [*numbers[1:], numbers[0]]
    return Volume(tuple(numbers[:-1]), numbers[-1])
