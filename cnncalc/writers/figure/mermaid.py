"""A network's graph as a Mermaid flowchart, which Markdown pages draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.figures import operations
from cnncalc.writers.figure.palette import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures.nodes import Node


def write(nodes: Sequence[Node], title: str, layout: str) -> str:
    """Return a flowchart; the size of a volume stands on the first edge that it takes."""
    lines = ["flowchart TB"]
    if title:
        lines.insert(0, f'---\ntitle: "{quoted(title)}"\n---')
    kinds: dict[str, None] = {}
    for i, node in enumerate(nodes):
        kind = "training" if node.training else node.kind
        kinds[kind] = None
        label = "<br>".join(quoted(text) for text in (node.title, node.name) if text)
        left, right = ("([", "])") if node.merge else ("[", "]")
        lines.append(f'  n{i}{left}"{label}"{right}:::{kind}')
    shown: set[int] = set()
    for i, node in enumerate(nodes):
        for source in node.sources:
            size = operations.volume(nodes[source].output, layout)
            label = "" if source in shown else f'|"{size}"|'
            shown.add(source)
            lines.append(f"  n{source} -->{label} n{i}")
    for kind in kinds:
        style = STYLES[f"{kind}-box"]
        fill = f"#{style.fill.light}" if style.fill else "none"
        line = f",stroke:#{style.stroke.light}" if style.stroke else ""
        dashed = ",stroke-dasharray:4 3" if style.dashed else ""
        lines.append(f"  classDef {kind} fill:{fill}{line},color:#1b1f24{dashed}")
    return "\n".join([*lines, ""])


def quoted(text: str) -> str:
    """Return text as it stands between quotation marks: with Mermaid's codes for its own signs.

    >>> quoted('<b> "x" #1')
    '#lt;b#gt; #quot;x#quot; #35;1'
    """
    codes = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
    return "".join(codes.get(character, character) for character in text)
