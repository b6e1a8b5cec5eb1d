"""Sheets in HTML, in LaTeX and in notebooks, as grids and lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from cnncalc.errors import Place, Problem, ReadError
from cnncalc.homework.answers.grid import MAX_COLUMNS, Cells, Grid
from cnncalc.homework.answers.text import Line, lines_of, unmarked
from cnncalc.homework.sheet import SheetCell

MOST_CELLS = 500  # of a notebook
MOST_TAGS = 50_000  # of a page: what takes a second
_UNSEEN = {"script", "style", "head", "title", "template", "svg"}
_BREAKS = {"p", "div", "li", "h1", "h2", "h3", "h4", "br", "tr", "ul", "ol", "pre"}


class _Tables(HTMLParser):
    """Collects the tables of a page, and the lines beside them."""

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.grids: list[Grid] = []
        self.lines: list[Line] = []
        self.row: Cells | None = None
        self.text: list[str] | None = None  # of the cell that is open
        self.span = 1
        self.place = Place(file, 1, 1)
        self.unseen = 0
        self.open = 0  # tables
        self.loose: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag == "table":
            self.flush()
            self.open += 1
            self.grids.append(Grid("an HTML table", []))
        elif tag == "tr" and self.open:
            self.close_row()
            self.row = []
        elif tag in ("td", "th") and self.open:
            self.close_cell()
            if self.row is None:
                self.row = []
            span = dict(attrs).get("colspan") or "1"
            self.span = min(int(span), MAX_COLUMNS) if span.isdecimal() and len(span) < 4 else 1
            line, column = self.getpos()
            self.place = Place(self.file, line, column + 1)
            self.text = []
        elif tag == "sup" and self.text is not None:
            self.text.append("^")
        elif tag in _BREAKS:
            self.flush() if self.text is None else self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in ("td", "th"):
            self.close_cell()
        elif tag == "tr":
            self.close_row()
        elif tag == "table":
            self.close_row()
            self.open = max(0, self.open - 1)
        elif tag in _BREAKS and self.text is None:
            self.flush()

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        if self.text is not None:
            self.text.append(data)
        elif not self.open:
            *lines, rest = data.split("\n")
            for line in lines:
                self.loose.append(line)
                self.flush()
            self.loose.append(rest)

    def flush(self) -> None:
        """End a line of text that stands in no table."""
        text = "".join(self.loose).strip()
        self.loose.clear()
        if text:
            self.lines.append(Line(text, self.file, self.getpos()[0]))

    def close_cell(self) -> None:
        """End a cell."""
        if self.text is None or self.row is None:
            return
        text = " ".join("".join(self.text).split())
        if len(self.row) < MAX_COLUMNS:
            self.row.append(SheetCell(unmarked(re.sub(r"\^(?=\D|\Z)", "", text)), self.place))
            self.row += [SheetCell("", self.place)] * (self.span - 1)
        self.text = None

    def close_row(self) -> None:
        """End a row."""
        self.close_cell()
        if self.row and self.grids:
            self.grids[-1].rows.append(self.row)
        self.row = None


def html(text: str, file: str) -> tuple[list[Grid], list[Line]]:
    """Return the tables of a page, and the lines beside them."""
    if text.count("<") > MOST_TAGS:
        message = f"more than {MOST_TAGS:,} tags. Save the sheet as CSV."
        raise ReadError(Problem("size", message, place=Place(file, 1, 1)))
    parser = _Tables(file)
    parser.feed(text)
    parser.close()
    parser.close_row()
    parser.flush()
    return [grid for grid in parser.grids if grid.rows], parser.lines


# --- LaTeX ---------------------------------------------------------------------------------------

_BEGIN = re.compile(r"\\begin\{(tabular[xy*]?|longtable|array|tabulary)\*?\}")
_OPTIONS = re.compile(r"\s*(?:\[[^\]]{0,40}\])?(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}){1,2}")
_SPANNED = re.compile(r"\\multi(?:column|row)\{[^{}]*\}\{[^{}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot"
    r"|cline\{[^{}]*\}|cmidrule(?:\([^)]*\))?\{[^{}]*\}|addlinespace(?:\[[^\]]*\])?)"
)
# Layout alone: nothing of it is text. A control word takes the space behind it.
_LAYOUT = re.compile(
    r"\\(?:allowbreak|raggedright|raggedleft|centering|arraybackslash|tiny|scriptsize|footnotesize"
    r"|small|normalsize|noindent|strut|hfill)(?![A-Za-z])\s*(?:\{\})?"
)
_DIRECTIVE = re.compile(
    r"\s*(?:%|\\(?:documentclass|usepackage|begin|end|caption|label|centering|maketitle|title|author"
    r"|date|section|subsection|newcommand|item\b\s*\Z|vspace|hspace|addtocounter|setlength)\b)"
)


def latex(text: str, file: str) -> tuple[list[Grid], list[Line]]:
    """Return the tables of a LaTeX text, and the lines beside them."""
    grids: list[Grid] = []
    kept = list(text.splitlines())
    position = 0
    while match := _BEGIN.search(text, position):
        end = text.find("\\end{" + match[1], match.end())
        end = len(text) if end < 0 else end
        first, last = text.count("\n", 0, match.start()), text.count("\n", 0, end)
        options = _OPTIONS.match(text, match.end())
        start = options.end() if options and options.end() <= end else match.end()
        grids.append(Grid("a LaTeX tabular", list(_rows(text[start:end], text, start, file))))
        kept[first : last + 1] = [""] * (last + 1 - first)
        position = end + 1
    lines = [
        Line(re.sub(r"^\s*\\item\s*", "", _LAYOUT.sub("", line)), file, number)
        for number, line in enumerate(kept, 1)
        if not _DIRECTIVE.match(line)
    ]
    return [grid for grid in grids if grid.rows], lines


def _rows(body: str, text: str, start: int, file: str) -> Iterator[Cells]:
    number, offset = text.count("\n", 0, start) + 1, 0
    for part in re.split(r"\\\\(?:\[[^\]]{0,20}\])?|\\tabularnewline", body):
        bare = _LAYOUT.sub("", _RULES.sub("", re.sub(r"(?<!\\)%.*", "", part)))
        ahead = part[: len(part) - len(part.lstrip())].count("\n")
        if bare.strip():
            fields = re.split(r"(?<!\\)&", _SPANNED.sub(r"\1", bare), maxsplit=MAX_COLUMNS)
            place = Place(file, number + ahead, 1)
            yield [SheetCell(unmarked(" ".join(field.split())), place) for field in fields]
        number += part.count("\n")
        offset += len(part)


# --- notebooks -----------------------------------------------------------------------------------


def notebook(data: bytes, file: str) -> list[Line]:
    """Return the lines of a notebook's cells; its outputs are left out.

    Raises: ReadError if it is none.
    """
    try:
        cells = json.loads(data)["cells"]
        sources = [(cell["cell_type"], cell["source"]) for cell in cells[:MOST_CELLS]]
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        raise ReadError(Problem("notebook", "no notebook.", place=Place(file, 1, 1))) from None
    lines: list[Line] = []
    for number, (kind, source) in enumerate(sources, 1):
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if kind in ("markdown", "raw", "code"):
            found = lines_of(text, f"{file} cell {number}")
            lines += _comments(found) if kind == "code" else found
            lines.append(Line("", file, 0))
    return lines


def _comments(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a cell of code as they read without the sign of a comment."""
    return [Line(re.sub(r"^\s*#+ ?", "", ln.text), ln.file, ln.number) for ln in lines]
