"""The text of a sheet: bytes as text, lines with their places, cells without their markup."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from cnncalc import readers
from cnncalc.errors import Place
from cnncalc.format.bounds import MAX_BYTES
from cnncalc.homework.sheet import SheetCell

LONGEST_CELL = 2_000  # characters whose markup is looked at
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text, and where it stands."""

    text: str
    file: str
    number: int

    @property
    def place(self) -> Place:
        """Return the place of the line."""
        return Place(self.file, self.number, 1)

    def cell(self, text: str) -> SheetCell:
        """Return a part of the line as a cell, with its place in it."""
        text = text.strip()
        column = max(self.text.find(text), 0) + 1
        return SheetCell(unmarked(text), Place(self.file, self.number, column, max(1, len(text))))


def lines_of(text: str, file: str) -> list[Line]:
    """Return the lines of a text."""
    return [Line(line, file, number) for number, line in enumerate(text.splitlines(), 1)]


def decoded(data: bytes, file: str) -> str:
    """Return the bytes of a sheet as text: UTF-8, UTF-16 or cp1252, as spreadsheets save them.

    Raises: ReadError if it is too large, or no text in any of these.
    """
    if len(data) <= MAX_BYTES:
        for mark, encoding in _BOMS:
            if data.startswith(mark):
                return readers.source_of(_text(data[len(mark) :], encoding), file).text
        if encoding := _without_mark(data):
            return readers.source_of(_text(data, encoding), file).text
        try:
            data.decode()
        except UnicodeDecodeError:
            if not re.search(rb"[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]", data):
                return readers.source_of(data.decode("cp1252"), file).text
    return readers.source_of(data, file).text


def _text(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace")


def _without_mark(data: bytes) -> str:
    """Return which UTF-16 it is by where the zeros of its first letters are; nothing if neither."""
    start = data[:200]
    if len(start) < 4 or len(data) % 2:
        return ""
    even, odd = start[::2], start[1::2]
    if odd.count(0) * 2 > len(odd) and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) * 2 > len(even) and not odd.count(0) else ""


# --- markup --------------------------------------------------------------------------------------

_COMMANDS = {
    "times": "×", "cdot": "·", "ast": "*", "approx": "≈", "sim": "~", "rightarrow": "→", "to": "→",
    "Rightarrow": "→", "pm": "±", "quad": " ", "qquad": " ", "left": "", "right": "", "bigl": "",
    "bigr": "", "big": "", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "div": "÷",
}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]{2,12})(?![A-Za-z])")
_FRACTION = re.compile(r"\\d?frac\s*\{([^{}]{1,80})\}\s*\{([^{}]{1,80})\}")
_WRAPPED = re.compile(
    r"\\(?:text|textbf|textit|mathrm|mathbf|emph|underline|texttt|boxed|num|mbox)\s*\{([^{}]{0,120})\}"
)
_EMPHASIS = re.compile(
    r"(?<![\w*])\*\*([^*]+)\*\*(?![\w*])|(?<!\w)__([^_]+)__(?!\w)|(?<![\w*])\*(\S[^*]*\S|\S)\*(?![\w*])"
)
_LINK = re.compile(r"\[\^[^\]\s]{1,10}\]|<sup>[^<>]{0,20}</sup>")  # marks of footnotes
_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|code|span|font|p|mark|s|del|small|sub|br)\b[^<>]{0,100}>", re.I
)
_SIGNS = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u200b-\u200f\u2060\u00ad"
    "\u2020\u2021\u00a7\u00b6]"
)
_KEPT = {"✕", "✖", "✗", "➔", "➜", "➝", "➞", "➡", "➤"}
_ARROWS = str.maketrans(
    dict.fromkeys("➔➜➝➞➡➤⟶⟹⇒⇨↦", "→")
    | dict(zip("％，：（）＝＋＊／．　", "%,:()=+*/. ", strict=True))
    | {"✗": ""}
)
_WIDE = str.maketrans({chr(0xFF10 + n): str(n) for n in range(10)})
_SUPERSCRIPT_MARK = re.compile(r"(?<=\d)\s+[¹²³]\Z|(?<=[)\]])[¹²³]\Z|(?<=\d)[*†‡]{1,3}\Z")


def unmarked(text: str) -> str:
    r"""Return a text without emphasis, code and mathematics' marks, emoji, and marks of footnotes.

    >>> unmarked(r" **`320`** "), unmarked(r"$55 \times 55$"), unmarked(r"\(7{,}529\) ✅")
    ('320', '55 × 55', '7,529')
    """
    if len(text) > LONGEST_CELL:
        return text.strip()
    text = text.translate(_ARROWS).translate(_WIDE).replace("\\|", "|")
    if "<" in text:
        text = re.sub(r"<br\s*/?>", " ", _LINK.sub("", text), flags=re.IGNORECASE)
        text = re.sub(r"<sup>([0-9+-]{1,3})</sup>", r"^\1", text)
        text = _TAG.sub("", text)
    if "[^" in text:
        text = _LINK.sub("", text)
    if "\\" in text:
        text = _without_commands(text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(lambda match: match[1] or match[2] or match[3], text)
    text = text.replace("~~", "").replace("`", "").replace("$", "")
    text = _SIGNS.sub(lambda match: match[0] if match[0] in _KEPT else "", text)
    return _SUPERSCRIPT_MARK.sub("", text.strip()).strip()


def _without_commands(text: str) -> str:
    """Return a text without LaTeX's commands: what they show stays."""
    for opened in ("\\(", "\\)", "\\[", "\\]", "\\,", "\\;", "\\!", "\\:"):
        text = text.replace(opened, " " if opened == "\\;" else "")
    text = text.replace("\\_", "_").replace("\\*", "*").replace("\\%", "%").replace("\\#", "#")
    text = text.replace("\\&", "&").replace("{,}", ",").replace("\\ ", " ")
    for _ in range(3):
        text = _WRAPPED.sub(r"\1", _FRACTION.sub(r"(\1)/(\2)", text))
    return _COMMAND.sub(lambda match: _COMMANDS.get(match[1], match[0]), text)
