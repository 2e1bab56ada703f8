"""The JSON Schema of scenario files."""

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from sim.scenario import STARTER, json_schema


@pytest.fixture(scope="module")
def validator():
    Draft202012Validator.check_schema(json_schema())
    return Draft202012Validator(json.loads(json.dumps(json_schema())))


def as_json(text: str):
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_accepts_the_starter_and_what_is_resolved(validator, scenario):
    validator.validate(as_json(STARTER))
    validator.validate(as_json(scenario.with_changes({"market.needs_shape": "none"}).to_toml()))


def test_accepts_what_ifs(validator):
    validator.validate(as_json('extends = "x.toml"\n[[touchpoints]]\nname = "tv"\nremove = true'))


@pytest.mark.parametrize("text", ["days = 5", 'extends = "x.toml"\ndayz = 5', 'extends = "x.toml"\nmarket.price = -1'])
def test_marks_mistakes(validator, text):
    assert not validator.is_valid(as_json(text))


def test_explains_keys_by_the_comments_beside_them():
    schema = json_schema()
    assert schema["$defs"]["Touchpoint"]["properties"]["cpm_eur"]["description"].startswith("impressions")
    assert schema["properties"]["start_date"]["description"] == "day 0"


def test_speaks_of_none_and_never_of_null():
    text = json.dumps(json_schema())
    assert "null" not in text
    assert '"const": "none"' in text
