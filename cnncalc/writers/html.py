"""The table as a page of its own, or as a fragment for a notebook, with its figures around it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.writers.figure import Look, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from cnncalc.figures.scene import Scene
    from cnncalc.writers.content import Tabulated
    from cnncalc.writers.table_model import Cell, Head, Pictures, Table, TableRow

# Colours come from the page around it, so that it reads on light and on dark.
STYLE = """\
.cnncalc { font: 14px/1.5 system-ui, sans-serif; max-width: max-content; }
.cnncalc h1 { font-size: 1.3em; margin: 0; }
.cnncalc h2 { font-size: 1em; margin: 2em 0 0; }
.cnncalc p { margin: .3em 0; max-width: 46em; }
.cnncalc .about, .cnncalc .caption { opacity: .75; }
.cnncalc .scroll { overflow-x: auto; margin: 1em 0; }
.cnncalc table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.cnncalc th, .cnncalc td {
  padding: .15em .6em; text-align: left; white-space: nowrap; border: 0; background: none;
}
.cnncalc th { font-weight: 600; }
.cnncalc thead th { border-bottom: 1px solid; vertical-align: bottom; }
.cnncalc tfoot td { border-top: 1px solid; font-weight: 600; }
.cnncalc .n { text-align: right; }
.cnncalc .zero { opacity: .5; }
.cnncalc .share { min-width: 8em; }
.cnncalc .share span { display: inline-block; width: 2.6em; text-align: right; }
.cnncalc .share i { display: inline-block; height: .7em; background: #1f9aa8; margin-left: .4em; }
.cnncalc .lost { border-left: 3px solid #c98a00; }
.cnncalc .warning { border-left: 3px solid #c98a00; padding-left: .6em; }
.cnncalc tbody tr:hover { background: #8882; }
.cnncalc tbody tr:target { background: #8884; }
.cnncalc td a { color: inherit; text-decoration: none; }
.cnncalc td a:hover { text-decoration: underline; }
.cnncalc svg { display: block; }
.cnncalc svg a:hover, .cnncalc svg a:target { opacity: .75; }
.cnncalc svg a:focus-visible, .cnncalc svg a:target { outline: 2px solid; outline-offset: 2px; }
.cnncalc button { font: inherit; color: inherit; background: none; border: 0; padding: 0;
  cursor: pointer; }
.cnncalc [aria-sort=ascending] button::after { content: " ▲"; }
.cnncalc [aria-sort=descending] button::after { content: " ▼"; }
@media (max-width: 40em) {
  .cnncalc { font-size: 13px; }
  .cnncalc td.phrase { white-space: normal; min-width: 8em; }
}
"""

PAGE = """\
:root { color-scheme: light dark; }
body { margin: 1em; }
@media (min-width: 60em) { body { margin: 2em; } }
@media (max-width: 40em) {
  .cnncalc .name { position: sticky; left: 0; background: Canvas; }
  .cnncalc .share, .cnncalc .minor { display: none; }
}
"""

# A head sorts its column: numbers largest first, words by the alphabet; then the other way
# round; then as it was.
SCRIPT = """\
for (const table of document.querySelectorAll(".cnncalc table")) {
  const body = table.tBodies[0], original = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    const numbers = original.some(row => row.cells[column].dataset.value);
    const first = numbers ? "descending" : "ascending";
    const second = first === "descending" ? "ascending" : "descending";
    const key = row => {
      const cell = row.cells[column], value = cell.dataset.value;
      return value === undefined ? cell.textContent : BigInt(value);
    };
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (typeof x === typeof y && typeof x === "bigint") return x < y ? -1 : Number(x > y);
      return String(x).localeCompare(String(y), undefined, {numeric: true});
    };
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const next = now === first ? second : now === second ? null : first;
      heads.forEach(other => other.removeAttribute("aria-sort"));
      const rows = [...original];
      if (next) {
        head.setAttribute("aria-sort", next);
        rows.sort(next === "ascending" ? compare : (a, b) => compare(b, a));
      }
      body.append(...rows);
    });
  });
}
"""


def write(content: Tabulated) -> str:
    """Return a page that needs nothing else: its style and its script are in it."""
    table = content.table(shares=True)
    body = _fragment(table, content.pictures(), theme="auto")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(table.title)}</title>\n<style>\n{PAGE}</style>\n</head>\n<body>\n"
        f"{body}<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )


def fragment(content: Tabulated) -> str:
    """Return the table for a page that is there already, such as a notebook's; without script.

    Its figures are light: a notebook may be dark where the system is not, and the reverse.
    """
    return _fragment(content.table(shares=True), content.pictures(), theme="light")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """Figures as elements of a page, with what links their boxes and the rows of the table."""

    above: str = ""
    below: str = ""
    rows: str = ""  # what the ids of rows begin with; "": they need none
    boxes: Mapping[int, str]  # the id of a box, by the index of its first layer


def _figures(table: Table, pictures: Pictures, theme: str) -> _Figures:
    scenes = [*pictures.above, *pictures.below]
    if not scenes:
        return _Figures(boxes={})
    prefix = _prefix(table, scenes)
    rows = {layer: f"{prefix}r{i}" for i, row in enumerate(table.rows) for layer in row.layers}
    elements = []
    for i, scene in enumerate(scenes):
        look = Look(theme=theme, prefix="cnncalc-")
        drawn = svg.element(scene, look, f"{prefix}f{i}-", rows)
        title = escape(scene.subtitle[:1].upper() + scene.subtitle[1:])
        head = f"<h2>{title}</h2>\n" * (i >= len(pictures.above))
        elements.append(f"{head}<div class=scroll>{drawn}</div>\n")
    return _Figures(
        above="".join(elements[: len(pictures.above)]),
        below="".join(elements[len(pictures.above) :]),
        rows=f"{prefix}r",
        boxes=svg.boxes(scenes[0], f"{prefix}f0-"),
    )


def _prefix(table: Table, scenes: Sequence[Scene]) -> str:
    """Return the prefix of a part's ids: two tables may stand on one page."""
    text = "".join([table.title, *(scene.description for scene in scenes)])
    return f"c{zlib.crc32(text.encode('utf-8', 'backslashreplace')):08x}"


def _fragment(table: Table, pictures: Pictures, theme: str) -> str:
    figures = _figures(table, pictures, theme)
    heads = "".join(map(_head, table.heads))
    body = "".join(
        f"<tr{f' id={figures.rows}{i}' * bool(figures.rows)}{' class=lost' * row.marked}>"
        f"{_cells(table.heads, row, figures.boxes)}</tr>\n"
        for i, row in enumerate(table.rows)
    )
    totals = "".join(
        f'<td class="{_class(head)}">{"Total" if head.role == "name" else escape(total)}</td>'
        for head, total in zip(table.heads, table.totals, strict=bool(table.totals))
    )
    foot = f"<tfoot>\n<tr>{totals}</tr>\n</tfoot>\n" * bool(table.totals)
    caption = "".join(f"<p class=caption>{escape(text)}</p>\n" for text in table.caption)
    summary = f"<p class=summary>{escape(table.summary)}</p>\n" * bool(table.summary)
    about = f"<p class=about>{escape(table.about)}</p>\n" * bool(table.about)
    warnings = "".join(
        f"<p class=warning><b>!</b> {'<br>'.join(map(escape, text))}</p>\n"
        for text in table.warnings
    )
    return (
        f"<div class=cnncalc>\n<style>\n{STYLE}</style>\n<h1>{escape(table.title)}</h1>\n"
        f"{about}{figures.above}<div class=scroll>\n<table>\n"
        f"<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n{foot}</table>\n</div>\n"
        f"{summary}{caption}{warnings}{figures.below}</div>\n"
    )


def _class(head: Head) -> str:
    if head.role:
        return head.role
    return " ".join(["n"] * head.right + ["minor"] * head.minor)


def _head(head: Head) -> str:
    title = f' title="{escape(head.meaning)}"' * bool(head.meaning)
    return f'<th scope=col class="{_class(head)}"{title}>{escape(head.text)}</th>'


def _cells(heads: Sequence[Head], row: TableRow, boxes: Mapping[int, str]) -> str:
    box = next((boxes[layer] for layer in row.layers if layer in boxes), "")
    return "".join(
        _cell(head, cell, row.marked, box) for head, cell in zip(heads, row.cells, strict=True)
    )


def _cell(head: Head, cell: Cell, marked: bool, box: str) -> str:
    """Return a cell; a name leads to its box in the picture, where it has one."""
    value = "" if cell.value is None else f" data-value={_sortable(cell.value)}"
    shown = escape(cell.text)
    if head.role == "name":
        link = f'<a href="#{box}">{shown}</a>' if box else shown
        shown = "<b>!</b> " * marked + link
    if cell.share is not None:
        width = units.rounded(5 * cell.share, 2)
        shown = f'<span>{cell.text}</span><i style="width:{width}em"></i>' if cell.text else ""
    zero = " zero" * (cell.text == "0")
    return f'<td class="{_class(head)}{zero}"{value}>{shown}</td>'


def _sortable(value: int | Fraction) -> int:
    """Return a whole number in the order of values: the page compares whole numbers exactly."""
    return value if isinstance(value, int) else round(value * 10**6)
