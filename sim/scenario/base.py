"""What all parts of a scenario share: strictness, "none", defaults of partly written tables, types of numbers."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

#: TOML has no null: this word switches an optional setting off.
NONE = "none"


def is_optional(field: FieldInfo) -> bool:
    """Whether a setting may be switched off with "none"."""
    return type(None) in get_args(field.annotation)


def falls_back(field: FieldInfo) -> bool:
    """Whether leaving a setting out is the same as switching it off (or lets it be computed)."""
    return field.default is None or field.default_factory is not None


class Part(BaseModel):
    """A table of a scenario. Unknown keys, NaN and infinities are refused; once checked it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, data: Any) -> Any:
        """Read "none" as unset, and fill a partly written table from this field's own default, not its type's.

        ``[service.desks.branch] staff = 3`` keeps the branch's share of resolved cases.
        """
        if not isinstance(data, dict):
            return data
        filled: dict[Any, Any] = {}
        for key, value in data.items():
            field = cls.model_fields.get(key)
            if field is not None and is_optional(field) and (value is None or value == NONE):
                if not falls_back(field):
                    filled[key] = None
            elif field is not None and isinstance(field.default, Part) and isinstance(value, dict):
                filled[key] = {**field.default.model_dump(exclude_unset=True), **value}
            else:
                filled[key] = value
        return filled


def _day(value: Any) -> Any:
    """A date from a date, an ISO string or a timestamp at midnight; anything else is left to be refused."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date()
    return value


Share = Annotated[float, Field(ge=0, le=1)]  # a fraction of a whole, 0..1
Signed = Annotated[float, Field(ge=-1, le=1)]  # a belief, feeling or satisfaction, -1..1
Positive = Annotated[float, Field(gt=0, le=1e12)]
NonNegative = Annotated[float, Field(ge=0, le=1e12)]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
Day = Annotated[date, BeforeValidator(_day)]  # TOML date or ISO text
