"""What results have in common: they print as text, and every format of their command writes them.

How each is written stands in `writers`, which is imported when a result is printed or saved.
"""

from __future__ import annotations

import os
from typing import Any


class Printable:
    """A result that prints as text and is written in the formats of its command."""

    __slots__ = ()

    def to(self, format: str, **options: Any) -> Any:
        """Return the result in a format of its command: text, or the bytes of a spreadsheet.

        Options are those of the command that say what is shown, such as `depth`.
        Raises: UnknownNameError for another format.
        """
        from cnncalc.writers import printing

        return printing.written(self, format, **options)

    def save(self, path: str | os.PathLike[str], format: str | None = None, **options: Any) -> None:
        """Write the result to a file, in the format that its ending means if none is given.

        Options are those of `to`. The file is written whole or not at all.
        Raises: UnknownNameError if no format has the ending; ReadError if it cannot be written.
        """
        from cnncalc.writers import printing

        printing.save(self, path, format, **options)

    def __str__(self) -> str:
        """Return the result as text, for a terminal's width, or 100 columns where there is none."""
        from cnncalc.writers import printing

        return printing.printed(self)

    def _repr_markdown_(self) -> str | None:
        from cnncalc.writers import printing

        return printing.notebook(self, "markdown")

    def _repr_html_(self) -> str | None:
        from cnncalc.writers import printing

        return printing.notebook(self, "html")


class Documented(Printable):
    """A result that is also a document: dicts, lists, numbers and text."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the document: all that is known, with whole numbers, and fractions as text."""
        from cnncalc.writers import printing

        return printing.document(self)

    def to_json(self) -> str:
        """Return the document as JSON."""
        return str(self.to("json"))


class Tabular(Documented):
    """A result that is a table, in every format of tables.

    Options are those of the command: what is shown, such as `depth`.
    """

    __slots__ = ()

    def to_markdown(self, **options: Any) -> str:
        """Return the table as Markdown."""
        return str(self.to("markdown", **options))

    def to_csv(self, **options: Any) -> str:
        """Return the table as comma-separated values: exact numbers without commas."""
        return str(self.to("csv", **options))

    def to_latex(self, **options: Any) -> str:
        """Return the table as LaTeX; its first lines name the packages that it needs."""
        return str(self.to("latex", **options))

    def to_html(self, **options: Any) -> str:
        """Return the table as a page of its own."""
        return str(self.to("html", **options))

    def to_asciidoc(self, **options: Any) -> str:
        """Return the table as AsciiDoc."""
        return str(self.to("asciidoc", **options))
