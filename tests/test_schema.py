"""The JSON Schema: it accepts what the reader accepts, and refuses what it can see is wrong."""

from typing import Any

import pytest
from pydantic import BaseModel

from cnncalc.format.architecture import Architecture, Block, Branch, Element
from cnncalc.format.schema import json_schema
from cnncalc.layers import TYPES, layer_type

SCHEMA = json_schema()


def test_every_layer_type_has_its_settings() -> None:
    """Each type's settings, and nothing else, are allowed beside what every element takes."""
    rules = SCHEMA["$defs"]["element"]["anyOf"][1]["allOf"]
    by_tag = {rule["if"]["properties"]["type"]["const"]: rule["then"] for rule in rules}
    assert by_tag.keys() == TYPES.keys()
    for tag, rule in by_tag.items():
        assert set(layer_type(tag).model_fields) <= rule["properties"].keys()
        assert rule["additionalProperties"] is False


def test_every_field_of_the_models_has_its_schema() -> None:
    """What a model takes is what the schema lists, under the word of the file."""
    element = SCHEMA["$defs"]["element"]["anyOf"][1]
    shown: dict[type[BaseModel], Any] = {
        Architecture: SCHEMA,
        Block: SCHEMA["$defs"]["block"],
        Branch: SCHEMA["$defs"]["branch"]["anyOf"][1],
        Element: element,
    }
    for model, schema in shown.items():
        fields = [field.alias or name for name, field in model.model_fields.items()]
        assert [*schema["properties"]] == fields


def test_a_validator_agrees() -> None:
    """Where a JSON Schema validator is installed, it takes a good file and refuses a bad one."""
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(SCHEMA)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    good = {
        "name": "one",
        "input": "8x8x3",
        "layers": ["relu", {"type": "conv", "filters": "2 * channels", "kernel": [3, 5]}],
    }
    assert not list(validator.iter_errors(good))
    for wrong in ({"type": "conv", "kernal": 3}, {"type": "relu", "layers": []}, {"name": "x"}, 3):
        assert list(validator.iter_errors({**good, "layers": [wrong]})), wrong
