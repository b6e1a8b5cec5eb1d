"""The JSON Schema of the architecture file, made from the models and the layer types.

An editor completes and checks a file by it. It knows the structure, the layer types and
their settings; names, expressions and volumes are checked by cnncalc alone.
"""

from __future__ import annotations

from typing import Any

from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.format.plan.values import LONGEST_NAME, REFUSED_NAMES
from cnncalc.layers import TYPES, layer_type

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_ANY = {"$ref": "#/$defs/value"}
_ELEMENTS = {"type": "array", "items": {"$ref": "#/$defs/element"}}
_MERGE = {"enum": ["add", "concat", "multiply"]}
_PARAMETERS = {
    "type": ["object", "null"],
    "additionalProperties": {"$ref": "#/$defs/value_or_table"},
    "description": "Names and their defaults; nothing (null) where a value must be given.",
}


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of an architecture file.

    >>> json_schema()["required"]
    ['name', 'input', 'layers']
    """
    return {
        "$schema": DIALECT,
        "title": "cnncalc architecture",
        "description": "A convolutional network: cnncalc counts every volume and parameter.",
        "type": "object",
        "required": ["name", "input", "layers"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string"},
            "source": {"type": ["string", "null"], "description": "Paper, table, figure."},
            "year": _ANY,
            "input": {
                "description": "The input volume, 224x224x3, or a list of expressions.",
                "anyOf": [
                    {"type": "string", "pattern": r"^\s*\d+(\s*[x×]\s*\d+){0,3}\s*$"},
                    {"type": "integer", "minimum": 1},
                    {"type": "array", "minItems": 1, "maxItems": 4, "items": _ANY},
                ],
            },
            "parameters": _PARAMETERS,
            "defaults": {
                "type": ["object", "null"],
                "description": "Settings of a layer type wherever this file writes it.",
                "additionalProperties": False,
                "properties": {tag: _default(tag) for tag in TYPES},
            },
            "blocks": {
                "type": ["object", "null"],
                "description": "Layer types that this file defines.",
                "additionalProperties": {"$ref": "#/$defs/block"},
            },
            "variants": {
                "type": ["object", "null"],
                "additionalProperties": {
                    "type": ["object", "null"],
                    "additionalProperties": {"$ref": "#/$defs/value_or_table"},
                },
            },
            "expect": {"type": ["object", "null"], "description": "What it comes to, tested."},
            "layers": {**_ELEMENTS, "minItems": 1},
        },
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Schema]:
    return {
        "expression": {
            "type": "string",
            "maxLength": 200,
            "description": "An expression over parameters, columns, index and channels.",
        },
        "value": {
            "anyOf": [
                {"type": ["number", "boolean", "null"]},
                {"$ref": "#/$defs/expression"},
                {"type": "array", "items": {"$ref": "#/$defs/value"}},
            ]
        },
        "table": {
            "description": "Rows, the first their head; or a list under each column; or a name.",
            "anyOf": [
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 1001,
                    "items": {"type": "array", "items": _ANY},
                },
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {
                        "anyOf": [
                            {"type": "array", "items": _ANY},
                            {"$ref": "#/$defs/expression"},
                        ]
                    },
                },
                {"$ref": "#/$defs/expression"},
            ],
        },
        "value_or_table": {"anyOf": [_ANY, {"$ref": "#/$defs/table"}]},
        "branch": {
            "anyOf": [
                _ELEMENTS,
                {
                    "type": "object",
                    "required": ["layers"],
                    "additionalProperties": False,
                    "properties": {"when": _ANY, "layers": _ELEMENTS},
                },
            ]
        },
        "block": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "parameters": _PARAMETERS,
                "layers": _ELEMENTS,
                "branches": {"type": "array", "items": {"$ref": "#/$defs/branch"}},
                "merge": _MERGE,
            },
            "oneOf": [{"required": ["layers"]}, {"required": ["branches", "merge"]}],
        },
        "element": {
            "anyOf": [
                {"type": "string", "anyOf": [{"enum": _words()}, {"type": "string"}]},
                {
                    "type": "object",
                    "properties": _element_settings(),
                    "oneOf": [
                        {"required": ["type"]},
                        {"required": ["layers"]},
                        {"required": ["branches", "merge"]},
                    ],
                    "allOf": [_of_type(tag) for tag in TYPES],
                },
            ]
        },
    }


def _words() -> list[str]:
    return [*TYPES, *SHIPPED_BLOCKS]


def _element_settings() -> Schema:
    return {
        "type": {"anyOf": [{"enum": _words()}, {"type": "string"}]},
        "layers": _ELEMENTS,
        "branches": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/branch"}},
        "merge": _MERGE,
        "name": {
            "type": "string",
            "maxLength": LONGEST_NAME,
            "pattern": r"^[^.]+$",
            "not": {"enum": list(REFUSED_NAMES)},
        },
        "from": {
            "description": "Earlier elements, 'input' or 'previous', in place of the one before.",
            "anyOf": [
                {"type": "string"},
                {"type": "array", "minItems": 1, "items": {"type": "string"}},
            ],
        },
        "when": {"description": "Present only if true.", "$ref": "#/$defs/value"},
        "repeat": {"description": "Copies in sequence, index from 0.", "$ref": "#/$defs/value"},
        "table": {"$ref": "#/$defs/table"},
        "then": {**_ELEMENTS, "description": "Elements that follow and belong to it."},
        "training": {"type": "boolean", "description": "A side path that only training has."},
    }


def _settings(tag: str) -> Schema:
    """Return the settings of a layer type; each also takes an expression."""
    properties = layer_type(tag).model_json_schema()["properties"] if _fields(tag) else {}
    result = {}
    for name, schema in properties.items():
        plain = {key: value for key, value in schema.items() if key not in ("title", "default")}
        default = {key: value for key, value in schema.items() if key == "default"}
        result[name] = {
            "anyOf": [plain, {"$ref": "#/$defs/expression"}, {"type": "array"}]
        } | default
    return result


def _fields(tag: str) -> list[str]:
    return list(layer_type(tag).model_fields)


def _of_type(tag: str) -> Schema:
    known: Schema = dict.fromkeys(_element_settings(), True)
    summary = (layer_type(tag).__doc__ or "").strip().splitlines()[0]
    return {
        "if": {"properties": {"type": {"const": tag}}, "required": ["type"]},
        "then": {
            "description": summary,
            "properties": known | _settings(tag),
            "additionalProperties": False,
        },
    }


def _default(tag: str) -> Schema:
    return {
        "type": "object",
        "properties": {**_settings(tag), "then": _ELEMENTS},
        "additionalProperties": False,
    }
