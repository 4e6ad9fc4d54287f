"""pydantic's errors as problems with a line and a hint. The value itself is never repeated: it may be a secret."""

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.base import SLUG
from gateway.config.document import Document, Where

_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "tuple_type": "must be a list",
    "model_type": "must be a mapping of keys to values",
    "path_type": "must be a path",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "is not of the allowed form",
    "time_type": "must be a time such as 18:30",
    "time_parsing": "must be a time such as 18:30",
}
_HINTS = {
    "string_type": "put numbers and true/false in quotes where text is meant",
    "tuple_type": "begin each item with '- '",
}


def explain(error: ValidationError, model: type[BaseModel], document: Document, base: Where = ()) -> None:
    """Adds one problem per error to `document`; `base` is where the validated value stands in it."""
    for detail in error.errors(include_url=False, include_input=False):
        where = _in_document(base + tuple(detail["loc"]), document)
        document.add(where, _message(detail), _hint(detail, model))


def _in_document(where: Where, document: Document) -> Where:
    """A missing key is not in the document, and still belongs into the path."""
    parent = where[:-1]
    while parent and parent not in document.lines:
        parent, where = parent[:-1], parent
    return where


def _message(detail: ErrorDetails) -> str:
    if detail["type"] == "wrong":
        return str(detail["ctx"]["message"])
    return _MESSAGES.get(detail["type"]) or detail["msg"].replace("Input should be", "must be").replace(
        "String should", "must"
    )


def _hint(detail: ErrorDetails, model: type[BaseModel]) -> str:
    if detail["type"] == "wrong":
        return str(detail["ctx"]["hint"])
    if detail["type"] == "extra_forbidden":
        return _did_you_mean(str(detail["loc"][-1]), _keys_at(model, tuple(detail["loc"][:-1])))
    if detail["type"] == "string_pattern_mismatch":
        return _allowed(detail["ctx"]["pattern"])
    return _HINTS.get(detail["type"], "")


def _allowed(pattern: str) -> str:
    if pattern == SLUG:
        return "lower case letters, digits, '_' and '-', at most 48 of them"
    return f"allowed: {pattern}"


def _did_you_mean(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"


def _keys_at(model: type[BaseModel], where: Where) -> list[str]:
    for part in where:
        if isinstance(part, int):
            continue
        found = next((info for name, info in model.model_fields.items() if part in {name, info.alias}), None)
        inner = None if found is None else _model_in(found.annotation)
        if inner is None:
            return []
        model = inner
    return [info.alias or name for name, info in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for arg in get_args(annotation) if (model := _model_in(arg)) is not None), None)
