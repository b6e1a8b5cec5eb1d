"""A scene as PNG, by resvg from its SVG: the extra `png`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc.errors import CnncalcError, Problem
from cnncalc.writers.figure import svg

if TYPE_CHECKING:
    from cnncalc.figures.scene import Scene
    from cnncalc.writers.figure import Look

ZOOM = 2  # pixels of the image for one of the figure


def write(scene: Scene, look: Look) -> bytes:
    """Return an image, on white unless the theme is dark. Raises: CnncalcError without resvg."""
    try:
        import resvg_py
    except ImportError:
        raise CnncalcError(
            Problem(
                "extra",
                "cnncalc draw writes .svg and .tex by itself; for .png: pip install cnncalc[png]",
            )
        ) from None
    theme = "dark" if look.theme == "dark" else "light"
    text = svg.write(scene, replace(look, theme=theme))
    return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=ZOOM))
