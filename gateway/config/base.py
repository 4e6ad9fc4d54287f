"""What all parts of the configuration share."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """Frozen, and a key nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, data: Any) -> Any:
        """`cameras:` with nothing behind it means the same as leaving it out."""
        if not isinstance(data, dict):
            return data
        known = {info.alias or name for name, info in cls.model_fields.items()}
        return {key: value for key, value in data.items() if value is not None or key not in known}


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    """A problem with its hint. Neither may hold the value: it could be a secret."""
    return PydanticCustomError("wrong", "{message}", {"message": message, "hint": hint})


def _resolve(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base")
    return path if base is None else base / path.expanduser()


def _topic(text: str) -> str:
    if set("+#\0") & set(text):
        raise wrong("a topic to name one thing must not hold '+' or '#'", "give the full topic")
    return text


def _number(value: Any) -> Any:
    return {"on": 1.0, "off": 0.0, "true": 1.0, "false": 0.0}.get(value, value) if isinstance(value, str) else value


FilePath = Annotated[Path, AfterValidator(_resolve)]
"""Relative paths count from the directory of the configuration file."""

SLUG = r"^[a-z0-9][a-z0-9_-]{0,47}$"

Slug = Annotated[str, Field(pattern=SLUG)]
"""A name that also travels in topics and file names: lower case, digits, '_' and '-'."""

Title = Annotated[str, Field(min_length=1, max_length=80)]
Topic = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(_topic)]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(ge=0)]
Credential = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""The name of a credential, never its content; see `gateway.config.secrets`."""

Number = Annotated[float, BeforeValidator(_number)]
"""A number, or on/off for quantities that are true or false."""
