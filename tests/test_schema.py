"""The JSON Schema: it accepts what the reader accepts, and refuses what it can see is wrong."""

import pytest

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
