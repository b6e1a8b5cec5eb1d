"""A network's graph in the language of Graphviz: `dot -Tpdf`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.figures import operations
from cnncalc.writers.figure.palette import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures.nodes import Node

SIGNS = {"add": "+", "multiply": "×", "concat": "≡"}


def write(nodes: Sequence[Node], title: str, layout: str) -> str:
    """Return a digraph; the size of a volume stands on the first edge that it takes."""
    lines = ["digraph {"]
    if title:
        lines.append(f"  label={quoted(title)}; labelloc=t;")
    lines += [
        '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11];',
        f'  edge [color="{_color("wire", "stroke")}", fontname="Helvetica", fontsize=9];',
    ]
    for i, node in enumerate(nodes):
        label = "\n".join(filter(None, [node.title, node.name]))
        style = "training-box" if node.training else f"{node.kind}-box"
        shape = f'color="{_color(style, "stroke")}"'
        if STYLES[style].fill:
            shape += f', fillcolor="{_color(style, "fill")}"'
        else:
            shape += ', style="rounded,dashed"'
        if node.merge:
            beside = " · ".join(filter(None, [node.merge, node.name]))
            label = SIGNS[node.merge]
            shape += f", shape=circle, width=0.3, fixedsize=true, xlabel={quoted(beside)}"
        lines.append(f"  n{i} [label={quoted(label)}, {shape}];")
    shown: set[int] = set()
    for i, node in enumerate(nodes):
        for source in node.sources:
            size = operations.volume(nodes[source].output, layout)
            label = "" if source in shown else f" [label={quoted(size)}]"
            shown.add(source)
            lines.append(f"  n{source} -> n{i}{label};")
    return "\n".join([*lines, "}", ""])


def _color(style: str, part: str) -> str:
    return f"#{getattr(STYLES[style], part).light}"


def quoted(text: str) -> str:
    r"""Return text as a quoted string, its line ends as escapes.

    >>> print(quoted('a "b" \\N'))
    "a \"b\" \\N"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
