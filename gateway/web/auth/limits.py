"""Token buckets on the Clock: how often a stranger may knock."""

import ipaddress
import math
from collections import OrderedDict

from gateway.errors import Refused
from gateway.flow.clock import Clock


class TokenBucket:
    """Holds up to `burst` tokens and regains `per_s` of them every second."""

    def __init__(self, clock: Clock, *, burst: int, per_s: float) -> None:
        self._clock, self._burst, self._per_s = clock, burst, per_s
        self._tokens = float(burst)
        self._at = clock.now()

    def take(self) -> float:
        """0.0 when a token was taken, otherwise the seconds until there is one."""
        now = self._clock.now()
        self._tokens = min(self._burst, self._tokens + now.seconds_since(self._at) * self._per_s)
        self._at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_s
        self._tokens -= 1
        return 0.0

    def give_back(self) -> None:
        """The attempt that took a token was a good one."""
        self._tokens = min(self._burst, self._tokens + 1)


class KnockLimit:
    """A bucket an address and one for all of them together. An IPv6 address counts as its /64, because one
    machine owns all of it. At most `addresses` are remembered; the one unheard of for longest goes first."""

    def __init__(self, clock: Clock, *, addresses: int = 1024) -> None:
        self._clock, self._most = clock, addresses
        self._all = TokenBucket(clock, burst=60, per_s=0.5)
        self._each: OrderedDict[str, TokenBucket] = OrderedDict()

    def knock(self, address: str | None) -> None:
        """Raises `Refused("too_many_attempts", retry_after_s=...)`, status 429."""
        wait_s = self._bucket(_network(address)).take() or self._all.take()
        if wait_s:
            raise Refused("too_many_attempts", status=429, retry_after_s=math.ceil(wait_s))

    def forgive(self, address: str | None) -> None:
        """What this address just knocked for was right: it does not count."""
        self._bucket(_network(address)).give_back()
        self._all.give_back()

    def _bucket(self, address: str) -> TokenBucket:
        bucket = self._each.pop(address, None) or TokenBucket(self._clock, burst=5, per_s=1 / 30)
        self._each[address] = bucket
        if len(self._each) > self._most:
            self._each.popitem(last=False)
        return bucket


def _network(address: str | None) -> str:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
