"""Free-form JSON of strangers within a message: what every database, parser and page takes, and nothing else."""

from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator

MOST_DEPTH = 32


def _sound(value: Any, depth: int = 0) -> Any:
    """NaN and infinities are no JSON, half a surrogate pair is no text, and PostgreSQL keeps no U+0000."""
    if depth > MOST_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("not finite")
    if isinstance(value, str) and b"\0" in value.encode():  # UnicodeEncodeError is a ValueError
        raise ValueError("holds U+0000")
    if isinstance(value, dict):
        for key, inner in value.items():
            _sound(key, depth)
            _sound(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _sound(inner, depth + 1)
    return value


Document = Annotated[dict[str, Any], AfterValidator(_sound)]
