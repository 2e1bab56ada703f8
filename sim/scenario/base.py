"""What all parts of a scenario share: strictness, and the types numbers come in."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A table of a scenario. Unknown keys, NaN and infinities are refused; once checked it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True, str_strip_whitespace=True)


Share = Annotated[float, Field(ge=0, le=1)]  # a fraction of a whole, 0..1
Signed = Annotated[float, Field(ge=-1, le=1)]  # a belief, feeling or satisfaction, -1..1
Positive = Annotated[float, Field(gt=0, le=1e12)]
NonNegative = Annotated[float, Field(ge=0, le=1e12)]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
