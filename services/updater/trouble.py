"""What an error knows, in one line for people."""

from gateway.errors import GatewayError
from services.updater.memory import MOST_DETAIL

_SELF_EVIDENT = frozenset({"cause", "detail", "tool"})
_MB = 1 << 20


def told(error: GatewayError) -> str:
    """Empty where it knows no more than its key. Bytes are told in MB."""
    return "; ".join(_fact(name, value) for name, value in error.facts.items() if value != "")[:MOST_DETAIL]


def _fact(name: str, value: object) -> str:
    if name in _SELF_EVIDENT:
        return str(value)
    words = name.replace("_", " ")
    if isinstance(value, int) and words.endswith("bytes"):
        return f"{words.removesuffix('bytes')}{-(-value // _MB)} MB"
    return f"{words} {value}"
