"""The bases of results: they print as text, and are written in the formats of their command.

`writers` is imported when a result is first printed or written.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing import Unpack


class Printable:
    """A result that prints as text and is written in the formats of its command."""

    __slots__ = ()

    def to(self, format: str, **options: Any) -> Any:
        """Return the result in a format of its command: text, or the bytes of a spreadsheet.

        Options are those of the command that say what is shown, such as `depth`.
        Raises: UnknownNameError for another format.

        >>> import cnncalc
        >>> cnncalc.analyze("lenet").to("csv", columns="name,macs").splitlines()[2]
        'CONV1,117600'
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

    if not TYPE_CHECKING:  # type checkers know the conversions above

        def __getattr__(self, name: str) -> Any:
            from cnncalc.writers import printing

            format = name.removeprefix("to_")
            if format != name and format in printing.conversions(self):
                return partial(self.to, format)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def __dir__(self) -> list[str]:
            from cnncalc.writers import printing

            return sorted(
                {*super().__dir__(), *(f"to_{name}" for name in printing.conversions(self))}
            )

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
        """Return the document: all that is known, with whole numbers, and fractions as text.

        >>> import cnncalc
        >>> cnncalc.analyze("lenet").to_dict()["layers"][1]["output"]
        [28, 28, 6]
        """
        from cnncalc.writers import printing

        return printing.document(self)

    def to_json(self) -> str:
        """Return the document as JSON, a line for each layer.

        >>> import cnncalc
        >>> print(cnncalc.analyze("lenet").to_json().splitlines()[2])
          "name": "LeNet",
        """
        return str(self.to("json"))


class Shown(TypedDict, total=False):
    """Options of a printed table. Differences know `depth` and `all_layers` alone.

    Attributes:
        columns: names, as in `volume,name,step`; `+step` adds to the usual ones.
        sort: the name of a column: the largest first.
        layout: how volumes are written: hwc or chw.
        depth: levels of blocks to open; None opens all.
        all_layers: whether activation functions, dropout and the like have rows.
    """

    columns: str | None
    sort: str | None
    layout: Literal["hwc", "chw"]
    depth: int | None
    all_layers: bool


class Tabular(Documented):
    """A result that is a table, written in every format of tables."""

    __slots__ = ()

    def to_markdown(self, **options: Unpack[Shown]) -> str:
        """Return the table as Markdown.

        >>> import cnncalc
        >>> text = cnncalc.analyze("lenet").to_markdown(columns="name,parameters")
        >>> print(text.splitlines()[5])
        | CONV1     |        156 |
        """
        return str(self.to("markdown", **options))

    def to_csv(self, **options: Unpack[Shown]) -> str:
        """Return every row as comma-separated values: exact numbers without commas.

        >>> import cnncalc
        >>> cnncalc.networks("alexnet", sort="name").to_csv().splitlines()[1].partition(',"')[0]
        'alexnet,alexnet.yaml,,227x227x3,62378344,1135256096,8,2012,AlexNet'
        """
        return str(self.to("csv", **options))

    def to_latex(self, **options: Unpack[Shown]) -> str:
        r"""Return the table as LaTeX; its first line names the package that it needs.

        >>> import cnncalc
        >>> text = cnncalc.analyze("alexnet").to_latex(columns="name,flops")
        >>> print(text.splitlines()[10].strip())
        CONV1 & 105{,}415{,}200 \\
        """
        return str(self.to("latex", **options))

    def to_html(self, **options: Unpack[Shown]) -> str:
        """Return the table as a page of its own, with its style and its script in it.

        >>> import cnncalc
        >>> cnncalc.diff("vgg16", "vgg19").to_html().splitlines()[0]
        '<!DOCTYPE html>'
        """
        return str(self.to("html", **options))

    def to_asciidoc(self, **options: Unpack[Shown]) -> str:
        """Return the table as AsciiDoc.

        >>> import cnncalc
        >>> cnncalc.analyze("alexnet").to_asciidoc(columns="name,weights").splitlines()[5]
        '|CONV1     |    34,848'
        """
        return str(self.to("asciidoc", **options))
