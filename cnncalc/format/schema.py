"""The JSON Schema of the architecture file, made from the models and the layer types.

An editor completes and checks a file by it. It knows the structure, the layer types and
their settings; names, expressions and volumes are checked by cnncalc alone.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from cnncalc.format import field_schemas
from cnncalc.format.architecture import Architecture, Block, Branch, Element
from cnncalc.format.bounds import MAX_EXPRESSION, MAX_ROWS
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.layers import TYPES, layer_type

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_VALUE = {"$ref": "#/$defs/value"}
_EXPRESSION = {"$ref": "#/$defs/expression"}
_WORD = {"anyOf": [{"enum": [*TYPES, *SHIPPED_BLOCKS]}, {"type": "string"}]}


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of an architecture file.

    >>> json_schema()["required"]
    ['name', 'input', 'layers']
    """
    schema = _object(Architecture, field_schemas.ARCHITECTURE)
    defaults = {"properties": {tag: _default(tag) for tag in TYPES}, "additionalProperties": False}
    schema["properties"]["defaults"] = schema["properties"]["defaults"] | defaults
    return {
        "$schema": DIALECT,
        "title": "cnncalc architecture",
        "description": "A convolutional network: cnncalc counts every volume and parameter.",
        **schema,
        "$defs": _definitions(),
    }


def _object(model: type[BaseModel], schemas: dict[str, Schema]) -> Schema:
    """Return the schema of a mapping with the fields of a model, of each of which one is given."""
    model.model_rebuild()  # some fields name models that stand below them
    fields = model.model_fields
    required = [name for name, field in fields.items() if field.is_required()]
    properties = {field.alias or name: schemas[name] for name, field in fields.items()}
    return {
        "type": "object",
        **({"required": required} if required else {}),
        "properties": properties,
        "additionalProperties": False,
    }


def _definitions() -> dict[str, Schema]:
    element = _object(Element, field_schemas.ELEMENT)
    fields = element["properties"] | {"type": _WORD}
    table_rows = {"type": "array", "items": {"type": "array", "items": _VALUE}}
    column = {"anyOf": [{"type": "array", "items": _VALUE}, _EXPRESSION]}
    return {
        "expression": {
            "type": "string",
            "maxLength": MAX_EXPRESSION,
            "description": "An expression over parameters, columns, index and channels.",
        },
        "value": {
            "anyOf": [
                {"type": ["number", "boolean", "null"]},
                _EXPRESSION,
                {"type": "array", "items": _VALUE},
            ]
        },
        "table": {
            "description": "Rows, the first their head; or a list under each column; or a name.",
            "anyOf": [
                {**table_rows, "minItems": 1, "maxItems": MAX_ROWS + 1},
                {"type": "object", "minProperties": 1, "additionalProperties": column},
                _EXPRESSION,
            ],
        },
        "value_or_table": {"anyOf": [_VALUE, {"$ref": "#/$defs/table"}]},
        "branch": {"anyOf": [fields["layers"], _object(Branch, field_schemas.BRANCH)]},
        "block": {
            **_object(Block, field_schemas.BLOCK),
            "oneOf": [{"required": ["layers"]}, {"required": ["branches", "merge"]}],
        },
        "element": {
            "anyOf": [
                {"type": "string", **_WORD},
                {
                    "type": "object",
                    "properties": fields,
                    "oneOf": [
                        {"required": ["type"]},
                        {"required": ["layers"]},
                        {"required": ["branches", "merge"]},
                    ],
                    "allOf": [_of_type(tag, [*fields]) for tag in TYPES],
                },
            ]
        },
    }


def _settings(tag: str) -> Schema:
    """Return the settings of a layer type; each also takes an expression."""
    properties = layer_type(tag).model_json_schema().get("properties", {})
    result = {}
    for name, schema in properties.items():
        plain = {key: value for key, value in schema.items() if key not in ("title", "default")}
        default = {key: value for key, value in schema.items() if key == "default"}
        result[name] = {"anyOf": [plain, _EXPRESSION, {"type": "array"}]} | default
    return result


def _of_type(tag: str, fields: list[str]) -> Schema:
    """Return the schema of a layer type's element: its settings, and all elements' fields."""
    summary = (layer_type(tag).__doc__ or "").strip().splitlines()[0]
    return {
        "if": {"properties": {"type": {"const": tag}}, "required": ["type"]},
        "then": {
            "description": summary,
            "properties": dict.fromkeys(fields, True) | _settings(tag),
            "additionalProperties": False,
        },
    }


def _default(tag: str) -> Schema:
    return {
        "type": "object",
        "properties": {
            **_settings(tag),
            "then": {"type": "array", "items": {"$ref": "#/$defs/element"}},
        },
        "additionalProperties": False,
    }
