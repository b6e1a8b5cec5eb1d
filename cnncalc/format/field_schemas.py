"""The JSON Schema of each field of the architecture file's models.

Of most fields the schema says more, or other things, than their type in Python: a number may be
an expression, a list of branches may hold lists.
"""

from __future__ import annotations

from typing import Any, get_args

from cnncalc.format.bounds import MAX_NAME, MAX_RANK, REFUSED_NAMES
from cnncalc.format.pydantic_messages import Merge

Schemas = dict[str, dict[str, Any]]


def _definition(name: str, **more: Any) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}", **more}


def _list_of(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": _definition(name), **more}


def _mapping(**more: Any) -> dict[str, Any]:
    return {"type": ["object", "null"], **more}


_TEXT = {"type": "string"}
_ELEMENTS = _list_of("element")
_MERGE = {"enum": [*get_args(Merge)]}
_VALUE = _definition("value")
_PARAMETERS = _mapping(additionalProperties=_definition("value_or_table"))
_DESCRIBED_PARAMETERS = {
    **_PARAMETERS,
    "description": "Names and their defaults; nothing (null) where a value must be given.",
}

ARCHITECTURE: Schemas = {
    "name": _TEXT,
    "input": {
        "description": "The input volume, 224x224x3, or a list of expressions.",
        "anyOf": [
            {**_TEXT, "pattern": r"^\s*\d+(\s*[x×]\s*\d+){0,3}\s*$"},
            {"type": "integer", "minimum": 1},
            _list_of("value", minItems=1, maxItems=4),
        ],
    },
    "layers": _list_of("element", minItems=1),
    "source": {"type": ["string", "null"], "description": "Paper, table, figure."},
    "year": _VALUE,
    "parameters": _DESCRIBED_PARAMETERS,
    "defaults": _mapping(description="Settings of a layer type wherever this file writes it."),
    "blocks": _mapping(
        description="Layer types that this file defines.",
        additionalProperties=_definition("block"),
    ),
    "variants": _mapping(additionalProperties=_PARAMETERS),
    "competitions": {
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
    },
    "expect": _mapping(description="What it comes to, tested."),
}

BLOCK: Schemas = {
    "parameters": _DESCRIBED_PARAMETERS,
    "layers": _ELEMENTS,
    "branches": _list_of("branch"),
    "merge": _MERGE,
}

BRANCH: Schemas = {"layers": _ELEMENTS, "when": _VALUE}

ELEMENT: Schemas = {
    "type": _definition("word"),
    "layers": _ELEMENTS,
    "branches": _list_of("branch", minItems=1),
    "merge": _MERGE,
    "name": {
        **_TEXT,
        "maxLength": MAX_NAME,
        "pattern": r"^[^.]+$",
        "not": {"enum": [*REFUSED_NAMES]},
    },
    "from_": {
        "description": "Earlier elements, 'input' or 'previous'; .name: of the file or block.",
        "anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}],
    },
    "when": _definition("value", description="Present only if true."),
    "repeat": _definition("value", description="Copies in sequence, index from 0."),
    "table": _definition("table"),
    "then": _list_of("element", description="Elements that follow and belong to it."),
    "shares": {
        **_TEXT,
        "description": "An earlier element, whose layers and learned values it has.",
    },
    "also": _mapping(
        description="Learned arrays beside the layer's own: names and shapes.",
        additionalProperties=_list_of("value", minItems=1, maxItems=MAX_RANK),
    ),
    "training": {"type": "boolean", "description": "A side path that only training has."},
}
