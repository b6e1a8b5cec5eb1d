"""The JSON Schema of each field of the architecture file's models.

Of most fields the schema says more, or other things, than their type in Python: a number may be
an expression, a list of branches may hold lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from cnncalc.format.bounds import MAX_NAME, MAX_RANK, REFUSED_NAMES
from cnncalc.format.pydantic_messages import Merge


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """The schema of a field, as a mark in its type, which Pydantic passes over."""

    schema: dict[str, Any]


def _definition(name: str, **more: Any) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}", **more}


def _list_of(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": _definition(name), **more}


def _mapping(**more: Any) -> dict[str, Any]:
    return {"type": ["object", "null"], **more}


_TEXT = {"type": "string"}
_PARAMETERS = _mapping(additionalProperties=_definition("value_or_table"))

# Of a file
TITLE = FieldSchema(_TEXT)
INPUT = FieldSchema(
    {
        "description": "The input volume, 224x224x3, or a list of expressions.",
        "anyOf": [
            {**_TEXT, "pattern": r"^\s*\d+(\s*[x×]\s*\d+){0,3}\s*$"},
            {"type": "integer", "minimum": 1},
            _list_of("value", minItems=1, maxItems=4),
        ],
    }
)
LAYERS = FieldSchema(_list_of("element", minItems=1))
SOURCE = FieldSchema({"type": ["string", "null"], "description": "Paper, table, figure."})
DEFAULTS = FieldSchema(
    _mapping(description="Settings of a layer type wherever this file writes it.")
)
BLOCKS = FieldSchema(
    _mapping(
        description="Layer types that this file defines.",
        additionalProperties=_definition("block"),
    )
)
VARIANTS = FieldSchema(_mapping(additionalProperties=_PARAMETERS))
COMPETITIONS = FieldSchema(
    {
        "type": "array",
        "description": "What it won, or was placed in, as a source says.",
        "items": {
            "type": "object",
            "required": ["competition", "year", "result", "source"],
            "properties": {
                "competition": _TEXT,
                "year": {"type": "integer"},
                "task": _TEXT,
                "place": {"type": "integer", "minimum": 1},
                "result": _TEXT,
                "note": _TEXT,
                "source": _TEXT,
                "variants": {"type": "array", "items": _TEXT},
            },
            "additionalProperties": False,
        },
    }
)
EXPECT = FieldSchema(_mapping(description="What it comes to, tested."))

# Of a file and of blocks
PARAMETERS = FieldSchema(
    {
        **_PARAMETERS,
        "description": "Names and their defaults; nothing (null) where a value must be given.",
    }
)

# Of blocks, branches and elements
ELEMENTS = FieldSchema(_list_of("element"))
BLOCK_BRANCHES = FieldSchema(_list_of("branch"))
BRANCHES = FieldSchema(_list_of("branch", minItems=1))
MERGE = FieldSchema({"enum": [*get_args(Merge)]})
VALUE = FieldSchema(_definition("value"))

# Of elements
TYPE = FieldSchema(_definition("word"))
NAME = FieldSchema(
    {**_TEXT, "maxLength": MAX_NAME, "pattern": r"^[^.]+$", "not": {"enum": [*REFUSED_NAMES]}}
)
FROM = FieldSchema(
    {
        "description": "Earlier elements, 'input' or 'previous'; .name: of the file or block.",
        "anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}],
    }
)
WHEN = FieldSchema(_definition("value", description="Present only if true."))
REPEAT = FieldSchema(_definition("value", description="Copies in sequence, index from 0."))
TABLE = FieldSchema(_definition("table"))
SHARES = FieldSchema(
    {**_TEXT, "description": "An earlier element, whose layers and learned values it has."}
)
ALSO = FieldSchema(
    _mapping(
        description="Learned arrays beside the layer's own: names and shapes.",
        additionalProperties=_list_of("value", minItems=1, maxItems=MAX_RANK),
    )
)
THEN = FieldSchema(_list_of("element", description="Elements that follow and belong to it."))
TRAINING = FieldSchema({"type": "boolean", "description": "A side path that only training has."})
