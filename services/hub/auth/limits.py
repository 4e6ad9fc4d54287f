"""How often somebody may try: a token bucket for each address, and for each name that is tried."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`burst` tries at once, and one more every `every_s`."""

    burst: int
    every_s: float


ADDRESS = Pace(burst=10, every_s=30.0)
NAME = Pace(burst=10, every_s=60.0)
"""Whoever tries one name from many addresses locks it: for a minute a try, not for good."""


class Lockout:
    """At most `most` keys are remembered; the one unheard of for longest goes first. `monotonic` in s."""

    def __init__(self, pace: Pace, monotonic: Callable[[], float], *, most: int = 4096) -> None:
        self._pace, self._monotonic, self._most = pace, monotonic, most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def knock(self, key: str) -> None:
        """Raises `Refused` ("too_many_attempts", retry_after_s, status 429)."""
        tokens = self._tokens(key)
        if tokens < 1:
            wait_s = math.ceil((1 - tokens) * self._pace.every_s)
            raise Refused("too_many_attempts", status=429, retry_after_s=wait_s)
        self._keep(key, tokens - 1)

    def forgive(self, key: str) -> None:
        """What this one just tried was right: it does not count."""
        self._keep(key, min(self._pace.burst, self._tokens(key) + 1))

    def _tokens(self, key: str) -> float:
        tokens, at = self._left.get(key, (self._pace.burst, self._monotonic()))
        return min(self._pace.burst, tokens + (self._monotonic() - at) / self._pace.every_s)

    def _keep(self, key: str, tokens: float) -> None:
        self._left[key] = (tokens, self._monotonic())
        self._left.move_to_end(key)
        if len(self._left) > self._most:
            self._left.popitem(last=False)


def network(address: str | None) -> str:
    """What counts as one address: of IPv6 a /64, because one machine owns all of it."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
