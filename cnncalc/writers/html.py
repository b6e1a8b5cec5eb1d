"""The table as a page of its own, or as a fragment for a notebook."""

from __future__ import annotations

from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.writers import columns
from cnncalc.writers.columns import COLUMNS
from cnncalc.writers.table_model import Sheet, head

if TYPE_CHECKING:
    from cnncalc.model.report import Report
    from cnncalc.writers import Options
    from cnncalc.writers.table_lines import Line

# Colours come from what is around it, so that it reads on light and on dark.
STYLE = """\
.cnncalc { font: 14px/1.5 system-ui, sans-serif; max-width: max-content; }
.cnncalc h1 { font-size: 1.3em; margin: 0; }
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
    const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const compare = (a, b) =>
      value(a).localeCompare(value(b), undefined, {numeric: true}) || a.order - b.order;
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


def write(report: Report, options: Options) -> str:
    """Return a page that needs nothing else: its style and its script are in it."""
    sheet = Sheet(report, options)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(sheet.title[0])}</title>\n<style>\n{PAGE}</style>\n</head>\n<body>\n"
        f"{_fragment(sheet)}<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )


def fragment(report: Report, options: Options | None = None) -> str:
    """Return the table for a page that is there already, such as a notebook's; without script."""
    from cnncalc.writers import USUAL

    return _fragment(Sheet(report, options or USUAL))


def _fragment(sheet: Sheet) -> str:
    if not sheet.asked.issuperset(sheet.names):
        sheet.names = _with_bars(sheet.names)
    names = sheet.names
    heads = "".join(_head(name) for name in names)
    body = "".join(
        f"<tr{' class=lost' * line.lost}>{''.join(_cell(sheet, line, n) for n in names)}</tr>\n"
        for line in sheet.lines
        if line.rows
    )
    totals = "".join(
        f'<td class="{_class(name)}">{"Total" if name == "name" else _total(sheet, name)}</td>'
        for name in names
    )
    foot = f"<tfoot>\n<tr>{totals}</tr>\n</tfoot>\n" if sheet.sums else ""
    name, about = map(escape, sheet.title)
    caption = "".join(f"<p class=caption>{escape(text)}</p>\n" for text in sheet.caption())
    warnings = "".join(
        f"<p class=warning><b>!</b> {'<br>'.join(map(escape, text))}</p>\n"
        for text in sheet.warnings()
    )
    return (
        f"<div class=cnncalc>\n<style>\n{STYLE}</style>\n<h1>{name}</h1>\n"
        f"<p class=about>{about}</p>\n<div class=scroll>\n<table>\n"
        f"<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n{foot}</table>\n</div>\n"
        f"{caption}{warnings}</div>\n"
    )


def _with_bars(names: list[str]) -> list[str]:
    found = []
    for name in names:
        found.append(name)
        share = f"{name}_percent"
        if share in COLUMNS and share not in names:
            found.append(share)
    return found


def _class(name: str) -> str:
    column = COLUMNS[name]
    if column.share_of:
        return "share"
    if column.counts or name in columns.FIELD:
        return "n minor" if name in ("weights", "biases") else "n"
    return {"description": "phrase", "name": "name"}.get(name, "")


def _head(name: str) -> str:
    meaning = escape(COLUMNS[name].meaning)
    return f'<th scope=col class="{_class(name)}" title="{meaning}">{escape(head(name))}</th>'


def _total(sheet: Sheet, name: str) -> str:
    return escape(sheet.total(name))


def _cell(sheet: Sheet, line: Line, name: str) -> str:
    column, text = COLUMNS[name], sheet.text(line, name)
    value = ""
    if counted := column.share_of or name * column.counts:
        value = f" data-value={line.count(counted)}"
    elif name == "output":
        value = f" data-value={line.leaves.output.size}"
    shown = "<b>!</b> " * (line.lost and name == "name") + escape(text)
    if column.share_of:
        whole = columns.total(sheet.report, column.share_of)
        share = units.rounded(Fraction(5 * line.count(column.share_of), whole or 1), 2)
        shown = f'<span>{text}</span><i style="width:{share}em"></i>' if text else ""
    zero = " zero" * (text == "0")
    return f'<td class="{_class(name)}{zero}"{value}>{shown}</td>'
