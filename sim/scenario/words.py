"""Values and expectations in plain words, for messages to people who write scenarios."""

from __future__ import annotations

import difflib
import json
import types
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from sim.scenario.base import NONE, Part

_LONGEST = 60  # characters of a value shown
_NO_LIMIT = 1e12  # upper bounds from here on only guard against slips and are not worth mentioning


def shown(value: object) -> str:
    """A value as it would stand in the file, shortened."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list) and (len(value) > 3 or any(isinstance(item, dict | list) for item in value)):
        return f"a list of {len(value)}"
    if isinstance(value, list):
        return f"[{', '.join(shown(item) for item in value)}]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, date):
        text = value.isoformat()
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, int) and abs(value) >= 10**_LONGEST:
        text = "a number of more than 60 digits"
    else:
        text = "nothing" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def counted(many: int, thing: str, several: str = "") -> str:
    """A count with its noun: 1 run, 1,200 runs; 1 person, 3 people."""
    return f"{many:,} {thing}" if many == 1 else f"{many:,} {several or f'{thing}s'}"


def people(number: str) -> str:
    """A number as it is written, of people: 1 person, 12.5 people."""
    return f"{number} person" if number == "1" else f"{number} people"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    found = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.5)
    return found[0] if found else None


def one_of(known: Sequence[str], instead_of: object = None) -> str:
    """ "one of a, b, c", with the nearest to what was written."""
    close = nearest(instead_of, known) if isinstance(instead_of, str) else None
    listed = ", ".join(known)
    return f"one of {listed}" + (f' (did you mean "{close}"?)' if close else "")


def expectation(model: type[Part], path: Sequence[str | int], value: object = None) -> str:
    """What stands at `path` of a model, in words, e.g. "a number from 0 to 1".

    Parameters
    ----------
    model : the table that `path` starts from
    path : keys and list positions
    value : what was found there; a suggestion or a limit it breaks is only mentioned if it helps
    """
    annotation, limits = _at(model, path)
    return _words(annotation, limits, value, ".".join(step for step in path if isinstance(step, str)))


def is_known(model: type[Part], path: Sequence[str | int]) -> bool:
    """Whether a model has a setting at `path`; entries of lists and tables of names are taken to be there."""
    return _at(model, path)[0] is not None


def takes_any_name(model: type[Part], path: Sequence[str | int]) -> bool:
    """Whether a table stands at `path` whose keys are names the user chooses, such as platforms."""
    return get_origin(_present(_at(model, path)[0])) is dict


def number_kind(model: type[Part], path: Sequence[str | int]) -> type[int] | type[float] | None:
    """Whether the setting at `path` is a whole number, a number, or none."""
    annotation = _at(model, path)[0]
    kinds = {_bare(kind, [])[0] for kind in (annotation, *get_args(annotation))}
    return int if int in kinds else float if float in kinds else None


def upper_limit(model: type[Part], path: Sequence[str | int]) -> float | None:
    """The most the number at `path` may be; None without a limit."""
    annotation, limits = _at(model, path)
    for kind in get_args(annotation):  # of an optional one
        limits = limits + _bare(kind, [])[1]
    found = _limit(limits, "le")
    return None if found is None else float(found)


def part_at(model: type[Part], path: Sequence[str | int]) -> type[Part] | None:
    """The kind of table at `path`; None if there is no table of fixed keys."""
    annotation = _present(_at(model, path)[0])
    return annotation if isinstance(annotation, type) and issubclass(annotation, Part) else None


def _at(model: type[Part], path: Sequence[str | int]) -> tuple[Any, list[Any]]:
    """Type and limits at a path; a type of None where the model knows nothing of it."""
    annotation: Any = model
    limits: list[Any] = []
    for step in path:
        annotation = _present(annotation)
        if isinstance(annotation, type) and issubclass(annotation, Part):
            field = annotation.model_fields.get(str(step))
            if field is None:
                return None, []
            annotation, limits = _bare(field.annotation, list(field.metadata))
        elif get_origin(annotation) in (list, dict):
            annotation, limits = _bare(get_args(annotation)[-1], [])
        else:
            return None, []
    return annotation, limits


def _present(annotation: Any) -> Any:
    """The type of an optional setting where it is not switched off."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    return _bare(next(kind for kind in get_args(annotation) if kind is not type(None)), [])[0]


def _bare(annotation: Any, limits: list[Any]) -> tuple[Any, list[Any]]:
    """Take a type out of Annotated, collecting its limits."""
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        for item in more:
            limits = limits + (list(item.metadata) if isinstance(item, FieldInfo) else [item])
    return annotation, limits


def _limit(limits: list[Any], name: str) -> Any:
    return next((getattr(item, name) for item in limits if getattr(item, name, None) is not None), None)


def _words(annotation: Any, limits: list[Any], value: object, key: str) -> str:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        inner = next(kind for kind in get_args(annotation) if kind is not type(None))
        return f'{_words(*_bare(inner, limits), value, key)}, or "{NONE}"'
    if origin is Literal:
        return one_of(get_args(annotation), value)
    if origin is list:
        return _list_words(annotation, limits, key)
    if origin is dict:
        return f"a table of names, each with {_words(*_bare(get_args(annotation)[1], []), None, '')}"
    if annotation in (int, float):
        return ("a whole number" if annotation is int else "a number") + _range(limits, value)
    if annotation is str and _limit(limits, "pattern"):
        return "a name of at most 60 lower-case letters, digits and _, beginning with a letter"
    plain = {str: "text in quotes", bool: "true or false", date: "a date such as 2026-01-05"}
    return plain.get(annotation, f"a table [{key}]" if key else "a table")


def _list_words(annotation: Any, limits: list[Any], key: str) -> str:
    item, item_limits = _bare(get_args(annotation)[0], [])
    least, most = _limit(limits, "min_length"), _limit(limits, "max_length")
    if least is not None and least == most:
        count = f" of exactly {least}"
    elif least and most:
        count = f" of {least} to {most}"
    elif most:
        count = f" of at most {most}"
    else:
        count = ""
    if isinstance(item, type) and issubclass(item, Part):
        return f"a list{count} tables, each headed [[{key}]]" if count else f"a list of tables, each headed [[{key}]]"
    return f"a list{count}, each {_words(item, item_limits, None, '')}"


def _range(limits: list[Any], value: object) -> str:
    at_least, above = _limit(limits, "ge"), _limit(limits, "gt")
    at_most, below = _limit(limits, "le"), _limit(limits, "lt")
    broken = isinstance(value, int | float) and at_most is not None and value > at_most
    if at_most is not None and at_most >= _NO_LIMIT and not broken:
        at_most = None
    if at_least is not None and at_most is not None:
        return f" from {at_least:,} to {at_most:,}"
    low = f"of at least {at_least:,}" if at_least is not None else f"above {above:,}" if above is not None else ""
    high = f"at most {at_most:,}" if at_most is not None else f"below {below:,}" if below is not None else ""
    both = " and ".join(part for part in (low, high) if part)
    return f" {both}" if both else ""
