"""A JSON Schema of scenario files, so that editors complete keys, explain them and mark mistakes."""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from typing import Any, cast

from sim.scenario.base import NONE, Part
from sim.scenario.merging import REMOVE
from sim.scenario.story import Story

_NAMED = ("Persona", "Touchpoint", "Ties", "Rival")  # entries that are known by name


def json_schema() -> dict[str, Any]:
    """The format of scenario files as JSON Schema (draft 2020-12).

    A key's description is the comment beside its field. What a file may leave to the one it extends is not required.
    """
    schema = cast(dict[str, Any], _without_null(Story.model_json_schema()))
    parts = schema["$defs"] | {"Story": schema}
    for kind in _kinds(Story):
        for key, text in _comments(kind).items():
            parts[kind.__name__]["properties"][key].setdefault("description", text)
    for name in _NAMED:
        entry = parts[name]
        entry["required"] = ["name"]
        entry["properties"][REMOVE] = {"const": True, "description": "take this entry out of the extended scenario"}
    schema.pop("required")
    schema["anyOf"] = [{"required": ["personas"]}, {"required": ["extends"]}]
    extends = {"type": "string", "description": "scenario this one changes: a path from here, or a shipped scenario"}
    schema["properties"] = {"extends": extends, **schema["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Customer journey scenario",
        "description": "What a run simulates: market, personas, touchpoints, talk and service.",
    }


def _without_null(node: Any) -> Any:
    """The schema as TOML can satisfy it, "none" for null; without titles, which repeat keys, and defaults of tables."""
    if isinstance(node, list):
        return [_without_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node == {"type": "null"}:
        return {"const": NONE}
    return {
        key: _without_null(item)
        for key, item in node.items()
        if not (key == "default" and (item is None or isinstance(item, dict)))
        and not (key == "title" and isinstance(item, str))
    }


def _kinds(part: type[Part]) -> list[type[Part]]:
    """All kinds of tables inside one, itself included."""
    found = [part]
    for kind in found:
        for field in kind.model_fields.values():
            found += [inner for inner in _tables(field.annotation) if inner not in found]
    return found


def _tables(annotation: Any) -> list[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return [annotation]
    return [table for inner in getattr(annotation, "__args__", ()) for table in _tables(inner)]


def _comments(kind: type[Part]) -> dict[str, str]:
    """The comment at the end of each field's line, from the source."""
    source = inspect.getsource(kind)
    comments = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    body = cast(ast.ClassDef, ast.parse(source).body[0]).body
    return {
        cast(ast.Name, node.target).id: comments[node.end_lineno or 0]
        for node in body
        if isinstance(node, ast.AnnAssign) and node.end_lineno in comments
    }
