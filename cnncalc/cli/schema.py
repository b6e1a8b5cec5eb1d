"""`cnncalc schema`: the JSON Schema of the file format."""

from __future__ import annotations

from cnncalc.cli import options, streams
from cnncalc.cli.file_types import WRITTEN


@options.command("cnncalc schema", "cnncalc schema -o cnncalc.format.schema.json")
@options.option("-o", "--output", metavar="FILE", type=WRITTEN, help="Write to FILE.")
def schema(output: str | None) -> None:
    """Print the JSON Schema of the file format, with which editors complete and check."""
    import json

    from cnncalc.format.schema import json_schema

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    streams.put(text, output)
