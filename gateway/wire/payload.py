"""What a foreign device's MQTT payload says. Bytes from a stranger: everything is checked, nothing is guessed."""

import json
import math
import re
from typing import Any

from gateway.errors import Invalid

MOST_BYTES = 65_536
"""No sensor or switch needs more; what is longer is not even decoded."""

_MOST_BRACKETS = 500  # well under the depth at which the parser would hit the recursion limit

_TRUE = frozenset({"on", "true", "1", "1.0", "open", "opened", "yes", "detected", "occupied", "motion"})
_FALSE = frozenset({"off", "false", "0", "0.0", "closed", "close", "no", "clear", "none", "unoccupied"})
_NOT_FINITE = frozenset({"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
_MEASURE = re.compile(
    r"(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*(?P<unit>[a-zA-Z%°].{0,15})?"
)


def text_of(payload: bytes) -> str:
    """The payload as stripped text. Raises `Invalid` ("payload_too_large", "payload_not_utf8", "payload_empty")."""
    if len(payload) > MOST_BYTES:
        raise Invalid("payload_too_large", bytes=len(payload))
    try:
        text = payload.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise Invalid("payload_not_utf8") from error
    if not text:
        raise Invalid("payload_empty")
    return text


def field_of(text: str, path: str) -> Any:
    """The scalar at the dotted `path` of a JSON object. Raises `Invalid` ("payload_too_deep", "payload_not_json",
    "path_missing", "wrong_type")."""
    if text.count("[") + text.count("{") > _MOST_BRACKETS:
        raise Invalid("payload_too_deep")
    try:
        node: Any = json.loads(text)
    except ValueError as error:
        raise Invalid("payload_not_json") from error
    for step in path.split("."):
        if not isinstance(node, dict) or step not in node:
            raise Invalid("path_missing", path=path)
        node = node[step]
    if node is None or isinstance(node, dict | list):
        raise Invalid("wrong_type", path=path)
    return node


def measure_of(value: object) -> tuple[float, str]:
    """A finite number and the unit written behind it ("" where none is), from a JSON scalar or from text.

    Raises `Invalid` ("wrong_type", "not_a_number", "not_finite"); a JSON boolean is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Invalid("wrong_type")
    number, unit = _split(value) if isinstance(value, str) else (value, "")
    try:
        measured = float(number)
    except OverflowError as error:
        raise Invalid("not_finite") from error
    if not math.isfinite(measured):
        raise Invalid("not_finite")
    return measured, unit


def _split(text: str) -> tuple[float, str]:
    if text.strip().lower() in _NOT_FINITE:
        raise Invalid("not_finite")
    match = _MEASURE.fullmatch(text.strip())
    if match is None:
        raise Invalid("not_a_number")
    return float(match["number"]), match["unit"] or ""


def boolean_of(value: object, on: str | None = None, off: str | None = None) -> bool:
    """Yes or no, whatever the case. With `on` and `off` only these words count; without them the usual ones do.
    Raises `Invalid` ("not_a_boolean")."""
    word = str(value).strip().lower()
    yes, no = (_TRUE, _FALSE) if on is None or off is None else ({on.lower()}, {off.lower()})
    if word in yes:
        return True
    if word in no:
        return False
    raise Invalid("not_a_boolean")
