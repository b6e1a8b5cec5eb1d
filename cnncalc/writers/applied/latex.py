"""A layer on given values in LaTeX: planes as matrices, the working as aligned equations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import latex

if TYPE_CHECKING:
    from cnncalc.writers.applied import Content, Line, Plane


def write(content: Content) -> str:
    r"""Return a paragraph, the matrices, and the equations; it needs `\usepackage{amsmath}`."""
    content = content.in_latex()
    applied = content.applied
    fields = (*applied.inputs, *applied.arrays.values())
    planes = [plane for field in fields for plane in content.planes(field)]
    parts = [
        r"% \usepackage{amsmath}",
        rf"\paragraph{{{latex.phrase(content.title)}}} {latex.phrase(content.flow)}",
        *map(_matrix, planes),
        *map(_matrix, content.output_planes()),
    ]
    rows = [_row(line, letter=True) for line in content.common]
    rows += [_row(line) for line in content.lines]
    if rows:
        parts += [r"{\allowdisplaybreaks", r"\begin{align*}", " \\\\\n".join(rows)]
        parts += [r"\end{align*}}"]
    parts += [latex.phrase(note) for note in content.notes]
    return "\n".join(parts) + "\n"


def _matrix(plane: Plane) -> str:
    cells = " \\\\\n".join("  " + " & ".join(row) for row in plane.rows)
    sides = "r" * len(plane.rows[0])
    return (
        f"\\[\\text{{{latex.phrase(plane.name)}}}\\quad\\left(\\begin{{array}}{{{sides}}}\n"
        f"{cells}\n\\end{{array}}\\right)\\]"
    )


def _row(line: Line, *, letter: bool = False) -> str:
    """Return `y_{1, 2} &= …`, or the letter of what is shared."""
    name = f"{line.place[0]}_{{{line.place[1:]}}}" if letter else f"y_{{{line.place}}}"
    return f"  {name} &= {line.working}"
