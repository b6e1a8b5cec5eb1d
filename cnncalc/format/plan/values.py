"""The values of a file, compiled once for each place: expressions parsed, names checked."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from cnncalc.errors import MOST_PROBLEMS, ArchitectureError, Place, Problem, did_you_mean, received
from cnncalc.format import expressions
from cnncalc.format.architecture import Architecture
from cnncalc.format.bounds import MAX_NAME, MAX_PARAMETERS, MAX_ROWS, REFUSED_NAMES
from cnncalc.format.expressions import Expression, ExpressionError, Word
from cnncalc.format.messages import named, path_text, sentence
from cnncalc.format.plan import (
    BROKEN,
    KnownNames,
    Path,
    PlannedTable,
    PlannedValue,
    RawTable,
    Site,
)
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.layers import TYPES
from cnncalc.layers.setting_types import extents

if TYPE_CHECKING:
    from cnncalc.readers.tree import Tree

COLUMN_SETTINGS = ("name", "from", "when", "repeat")  # columns that every element takes
NEVER_COLUMNS = (
    *("type", "layers", "branches", "merge", "then", "table", "training", "shares", "also"),
)


class ValueCompiler:
    """Compiles values, collecting every problem on the way."""

    def __init__(self, architecture: Architecture, tree: Tree | None) -> None:
        self.architecture, self.tree = architecture, tree
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        names = [*TYPES, *SHIPPED_BLOCKS, *architecture.blocks]
        self.words = {name: Word(name) for name in names}

    def problem(
        self, code: str, message: str, path: Path, subject: str = "", *, key: bool = False
    ) -> None:
        """Note a problem at a path of the file."""
        place = self.tree.place(path, key=key) if self.tree else Place()
        line = self.tree.line(place.line) if self.tree and place.line else None
        found = Problem(code, message, subject or path_text(path), place, source_line=line)
        if found not in self.problems:
            self.problems.append(found)
        if len(self.problems) == MOST_PROBLEMS:
            self.refuse()

    def refuse(self) -> None:
        """Raise the ArchitectureError of all problems so far, if there are any."""
        if self.problems:
            self.problems.sort(key=lambda problem: problem.place.position)
            raise ArchitectureError(self.problems)

    def value(self, raw: Any, site: Site, words: frozenset[str] = frozenset()) -> PlannedValue:
        """Return a value of the file, parsed, its names checked; a constant worked out.

        `words` are those that are constants here, and no names.
        """
        try:
            return self._value(raw, site, words)
        except ExpressionError as error:
            message = named(sentence(str(error)), site.path, site.subject)
            self.problem("expression", message, site.path, site.subject)
            return PlannedValue(path=site.path, constant=BROKEN)

    def _value(self, raw: Any, site: Site, words: frozenset[str]) -> PlannedValue:
        if isinstance(raw, str):
            if raw in words:
                return PlannedValue(path=site.path, constant=raw)
            if raw.lower() in words:
                raise ExpressionError(f"write {raw.lower()}, in small letters. Received {raw!r}")
            if "->" in raw:  # a pattern; no expression has an arrow
                return PlannedValue(path=site.path, constant=raw)
            if numbers := extents(raw):
                return PlannedValue(path=site.path, constant=numbers)
            expression = expressions.parse(raw)
        elif isinstance(raw, (list, tuple)):
            parts = [self._value(part, site.at(i), words) for i, part in enumerate(raw)]
            used = [part.expression.names for part in parts if part.expression]
            expression = Expression(
                names=frozenset().union(*used),
                evaluate=lambda scope: tuple([part.evaluate(scope) for part in parts]),
            )
        elif isinstance(raw, dict):
            raise ExpressionError("a mapping cannot stand here")
        else:
            if isinstance(raw, (int, Fraction)) and not isinstance(raw, bool):
                raw = expressions.bounded(raw)  # 6.0 is 6
            return PlannedValue(path=site.path, constant=raw)
        self._check_names(expression.names, site.names)
        varies = site.names.is_open or expression.names & site.names.known
        if varies or expression.names - self.words.keys():
            return PlannedValue(path=site.path, expression=expression)
        return PlannedValue(path=site.path, constant=expression.evaluate(self.words))

    def _check_names(self, used: frozenset[str], names: KnownNames) -> None:
        """Raise the ExpressionError of the first name that nothing gives."""
        for name in sorted(used):
            if name in names.known or name in self.words or names.is_open:
                continue
            hint = did_you_mean(name, [*names.known, *self.words])
            if name.lower() in ("true", "false", "yes", "no", "on", "off"):
                hint = " Write true or false."
            raise ExpressionError(f"unknown name {name!r}.{hint}".rstrip("."))

    def check_identifier(self, name: object, what: str, path: Path) -> bool:
        """Return whether a parameter or column can have this name; note if it cannot."""
        if not isinstance(name, str) or not expressions.NAME.fullmatch(name):
            message = f"a {what}'s name is letters, digits and _. Received {received(name)}."
        elif (
            name in expressions.SPECIAL
            or name in expressions.RESERVED
            or name in expressions.FUNCTIONS
            or name in self.architecture.blocks
            or name in SHIPPED_BLOCKS
        ):
            message = f"{name!r} cannot be the name of a {what}. Rename it."
        else:
            return True
        self.problem("name", message, path, key=True)
        return False

    def parameters(
        self, raw: Mapping[str, Any], path: Path, names: KnownNames
    ) -> tuple[dict[str, PlannedValue | None], KnownNames]:
        """Return the parameters in order, each default seeing the ones before it."""
        result: dict[str, PlannedValue | None] = {}
        if len(raw) > MAX_PARAMETERS:
            message = f"more than {MAX_PARAMETERS:,} parameters. Use lists or tables."
            self.problem("size", message, path)
        for name, default in islice(raw.items(), MAX_PARAMETERS):
            here = (*path, name)
            if self.check_identifier(name, "parameter", here) and name in TYPES:
                place = self.tree.place(here, key=True) if self.tree else Place()
                message = f"{name!r} is a layer type, too; here the {name!r} of the file is meant."
                self.notes.append(Problem("shadow", message, path_text(here), place))
            site = Site(here, names, path_text(here))
            result[name] = None if default is None else self.value_or_table(default, site)
            names = names.plus([name])
        return result, names

    def value_or_table(self, raw: Any, site: Site) -> PlannedValue:
        """Return a parameter's value, which may be a table (its cells stay as written)."""
        if isinstance(raw, (dict, list)) and _is_table(raw):
            return PlannedValue(path=site.path, constant=RawTable(raw, site.path))
        return self.value(raw, site)

    def check_name(self, name: object, path: Path, subject: str) -> None:
        """Note if an element cannot have this name."""
        if not isinstance(name, str):
            message = f"a name is text. Received {received(name)}. Put it in quotes."
            self.problem("name", message, path, subject)
        elif name in REFUSED_NAMES or "." in name or not name.strip() or len(name) > MAX_NAME:
            message = f"a name has no dots, at most {MAX_NAME} characters, and is not one of "
            message += f"{', '.join(REFUSED_NAMES)}. Received {received(name)}."
            self.problem("name", message, path, subject)

    def table(self, raw: Any, site: Site) -> PlannedTable:
        """Return a table of either spelling. Raises: ExpressionError if its form is wrong."""
        by_column = isinstance(raw, dict)
        columns: dict[str, tuple[PlannedValue, ...] | PlannedValue] = {}
        for j, (column, cells) in enumerate(table_columns(raw).items()):
            where = site.at(column if by_column else 0)
            if column in NEVER_COLUMNS:
                raise ExpressionError(f"a column cannot set {column!r}")
            if column not in COLUMN_SETTINGS:
                self.check_identifier(column, "column", where.path)
            if isinstance(cells, str):
                if column in ("name", "from"):
                    raise ExpressionError(f"the column {column!r} is a list of texts")
                columns[column] = self.value(cells, where)
                continue
            columns[column] = tuple(
                self._cell(column, cell, where.at(i) if by_column else site.at(i + 1, j))
                for i, cell in enumerate(cells)
            )
        return PlannedTable(columns)

    def _cell(self, column: str, cell: Any, site: Site) -> PlannedValue:
        """Return one cell; those under name and from are text."""
        if column == "name":
            self.check_name(cell, site.path, site.subject)
            return PlannedValue(path=site.path, constant=str(cell))
        if column == "from":
            sources = tuple(cell) if isinstance(cell, list) else (cell,)
            if not sources or not all(isinstance(source, str) for source in sources):
                message = f"'from' names elements. Received {received(cell)}."
                self.problem("from", message, site.path, site.subject)
                sources = ("previous",)
            return PlannedValue(path=site.path, constant=sources)
        return self.value(cell, site)

    def raw(self, path: Path) -> Any:
        """Return the value at a path of the file, as read."""
        value: Any = self.tree.data if self.tree else None
        for part in path:
            value = value[part]
        return value


def _is_table(raw: Any) -> bool:
    if isinstance(raw, dict):
        return True
    return (
        len(raw) > 1
        and all(isinstance(row, list) for row in raw)
        and all(isinstance(head, str) for head in raw[0])
        and bool(raw[0])
    )


def table_columns(raw: Any) -> dict[str, Any]:
    """Return the columns of a table of either spelling: a list of cells each, or an expression.

    Raises: ExpressionError if it is neither spelling, or its rows or columns differ in length.
    """
    columns: dict[str, Any]
    if isinstance(raw, dict) and raw:
        columns = raw
        if not all(isinstance(values, (list, str)) for values in raw.values()):
            raise ExpressionError("a table by columns has a list under each column")
        lengths = {c: len(v) for c, v in raw.items() if isinstance(v, list)}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{column} {length}" for column, length in lengths.items())
            raise ExpressionError(f"the columns must be equally long. Received {found}")
    elif isinstance(raw, list) and raw and all(isinstance(row, list) for row in raw):
        head, *rows = raw
        for number, row in enumerate(rows, 1):
            if len(row) != len(head):
                raise ExpressionError(f"row {number} has {len(row)} cells for {len(head)} columns")
        if not all(isinstance(column, str) for column in head) or len(set(head)) < len(head):
            raise ExpressionError("each column has a name of its own, in the first row")
        columns = {column: [row[i] for row in rows] for i, column in enumerate(head)}
    else:
        raise ExpressionError("a table is a list of rows, the first its head, or lists by column")
    most = max((len(cells) for cells in columns.values() if isinstance(cells, list)), default=0)
    if most > MAX_ROWS:
        raise ExpressionError(f"a table has at most {MAX_ROWS:,} rows. Received {most:,}")
    return columns
