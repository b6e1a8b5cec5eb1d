"""A page of demonstrations: one file that asks for nothing, with its style and its script in it."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from cnncalc.errors import printable
from cnncalc.writers import Format
from cnncalc.writers.figure.palette import ACCENT, INK, MUTED, PAGE, STYLES, Ink

if TYPE_CHECKING:
    from cnncalc.demos.records import Demo, Setting

FORMATS = {"html": Format("demo", (".html", ".htm"))}
TITLE = "Convolution and pooling, step by step"


def _colour(style: str, *, line: bool = False) -> Ink:
    """Return the colour of a figure's style: its line or its fill."""
    found = STYLES[style].stroke if line else STYLES[style].fill
    assert found is not None
    return found


# What the style sheet calls colours, which are those of figures.
COLOURS = {
    "page": PAGE,
    "ink": INK,
    "muted": MUTED,
    "accent": ACCENT,
    "panel": Ink("f3f4f6", "24282e"),
    "line": Ink("868d96", "7a828d"),
    "padding": Ink("5f6873", "9aa3af"),
    "focus": _colour("convolution-box", line=True),
    "window": _colour("convolution-box"),
    "window-line": _colour("convolution-box", line=True),
    "weight": Ink("fbe7ec", "4a1c29"),
    "weight-line": ACCENT,
    "result": _colour("other-box"),
    "result-line": _colour("other-box", line=True),
    "result-text": Ink("1d6b52", "74e0b8"),
    "signal": Ink("c02c4d", "ff8496"),  # text in the colour of what is pointed at
    "factor": Ink("b01f40", "ffb9c4"),
    "grey": Ink("868d96", "8f97a3"),
}


def write(demo: Demo) -> str:
    """Return the page; its policy lets run the script and the style in it, and nothing else."""
    style = _asset("page.css")
    for name in ("light", "dark"):
        colours = "; ".join(f"--{key}: #{getattr(ink, name)}" for key, ink in COLOURS.items())
        style = style.replace(f"@{name.upper()}@", colours)
    script = _asset("windows.js") + _asset("page.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    sentences = [printable(text) for text in (demo.about, *demo.notes) if text]
    parts = {
        "POLICY": policy,
        "TITLE": escape(TITLE),
        "STYLE": style,
        "NOTES": "".join(f"<p>{escape(text)}</p>\n" for text in sentences),
        "START": json.dumps(_start(demo)).replace("<", "\\u003c"),
        "SCRIPT": script,
    }
    before, *rest = _asset("page.html").split("@")
    # The parts between two @ are names of parts; what stands in for one is not looked at again.
    return before + "".join(parts.get(text, text) for text in rest)


def _asset(name: str) -> str:
    return (files("cnncalc.demos") / "assets" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the source expression of an inline script or style, for the security policy."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _start(demo: Demo) -> dict[str, Any]:
    """Return the start of the page as its script reads it."""
    return {
        "starts": demo.starts,
        "conv": _setting(demo.conv),
        "pool": _setting(demo.pool),
        "output": demo.output,
    }


def _setting(setting: Setting) -> dict[str, Any]:
    """Return a setting along two axes: one axis alone is the second."""
    first = [(1, 1, 1, (0, 0), 1)] * (2 - len(setting.extents))
    along = [
        (n, w.kernel, w.stride, (w.before, w.after), w.dilation)
        for n, w in zip(setting.extents, setting.windows, strict=True)
    ]
    names = ("extents", "kernel", "stride", "padding", "dilation")
    return {
        "kind": setting.kind,
        "dims": len(setting.extents),
        **dict(zip(names, zip(*first, *along, strict=True), strict=True)),
        "channels": setting.channels,
        "filters": setting.filters,
        "groups": setting.groups,
        "ceil": setting.ceil,
        "countsPadding": setting.counts_padding,
        "bias": setting.bias,
        "seed": setting.seed,
    }
