"""The colours of figures, for paper and for dark pages, and which style has which.

Lines stand out from the page by at least 3.4:1 (5.8:1 on dark), text from the boxes by 5.2:1.
Seen with protanopia, deuteranopia or tritanopia (Machado et al. 2009), two kinds' lines are
still at least 13.5 apart (CIE76). Colour is never alone: every box is labelled.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour on light and on dark pages, as six hexadecimal digits."""

    light: str
    dark: str


INK, MUTED, ACCENT = Ink("1b1f24", "e8eaed"), Ink("5c6570", "b6bdc7"), Ink("cc3355", "f2566f")
DETAIL = Ink("3b434c", "c6ccd5")  # small text on a box
WIRE, PAGE = Ink("868d96", "8f97a3"), Ink("ffffff", "16181c")

# Kind: its line, front, top and side.
_KINDS = {
    "input": (
        Ink("868d96", "8f97a3"),
        Ink("e9ebee", "3a4049"),
        Ink("f5f6f7", "4a515c"),
        Ink("d5d9de", "2c3138"),
    ),
    "convolution": (
        Ink("1f5fae", "4d94f0"),
        Ink("cfe0f5", "1c4272"),
        Ink("e7f0fb", "2a5a97"),
        Ink("a8c6ea", "143258"),
    ),
    "pooling": (
        Ink("b87300", "eda82f"),
        Ink("fbe2b6", "664509"),
        Ink("fdf1da", "86601c"),
        Ink("f2c984", "4f370c"),
    ),
    "dense": (
        Ink("5b1a4a", "f0d3f7"),
        Ink("e8d5e2", "553456"),
        Ink("f5ecf2", "70496f"),
        Ink("cfb0c5", "3f2440"),
    ),
    "other": (
        Ink("2b8f6f", "74e0b8"),
        Ink("d0ebe1", "17543f"),
        Ink("e8f5f0", "1f6f54"),
        Ink("a9dbc8", "0f3d2e"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a style is drawn: what is None is not."""

    fill: Ink | None = None
    stroke: Ink | None = None
    width: float = 1.0
    opacity: float = 1.0  # of the fill
    dashed: bool = False


STYLES: dict[str, Style] = {
    "window": Style(fill=ACCENT, stroke=ACCENT, opacity=0.45),
    "strip": Style(fill=ACCENT, stroke=ACCENT, opacity=0.3),
    "beam": Style(fill=ACCENT, opacity=0.12),
    "ray": Style(stroke=ACCENT, width=0.7),
    "dot": Style(fill=ACCENT),
    "dense": Style(fill=MUTED, opacity=0.13),
    "ghost": Style(stroke=WIRE, width=0.8, dashed=True),
    "detail": Style(fill=DETAIL),
    "changed": Style(stroke=Ink("b87300", "eda82f"), width=2),
    "removed": Style(stroke=ACCENT, width=2, dashed=True),
    "added": Style(stroke=Ink("2b8f6f", "74e0b8"), width=2),
    "wire": Style(stroke=WIRE, width=1.2),
    "arrow": Style(fill=WIRE),
    "sign": Style(stroke=INK, width=1.6),
    "training-box": Style(stroke=WIRE, dashed=True),
    "page": Style(fill=PAGE),
    **{name: Style(fill=INK) for name in ("title", "heading", "name", "label", "mark")},
    **{name: Style(fill=MUTED) for name in ("subtitle", "note")},
}
for _kind, (_line, *_faces) in _KINDS.items():
    STYLES[f"{_kind}-box"] = Style(fill=_faces[0], stroke=_line)
    STYLES[f"{_kind}-bar"] = Style(fill=_line)
    STYLES[f"{_kind}-pale"] = Style(fill=_faces[2])
    STYLES[f"{_kind}-square"] = Style(fill=_faces[0], stroke=_line, opacity=0.35)
    for _name, _fill in zip(("front", "top", "side"), _faces, strict=True):
        STYLES[f"{_kind}-{_name}"] = Style(fill=_fill, stroke=_line)
STYLES["merge"] = Style(fill=_KINDS["input"][1], stroke=_KINDS["input"][0])
