"""Links that let one home fetch one bundle for a while: what fetches a bundle sends no header of its own.

The signature is HMAC-SHA-256 over home, bundle and end, under the key that all workers of a database share.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from gateway.errors import Refused
from services.hub.registry.kinds import Kind

PERIOD_S = 12 * 3600
"""A link is good for one to two of these; within one the same link comes out again."""

PATH = "/bundles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """`base` is where homes reach the hub's pages, such as "https://hub.example.org"."""

    base: str
    key: bytes = field(repr=False)

    def link(self, gateway: str, sha256: str, kind: Kind, now: datetime) -> str:
        end = (int(now.timestamp()) // PERIOD_S + 2) * PERIOD_S
        told = urlencode({"home": gateway, "end": end, "sign": self._signature(gateway, sha256, end)})
        return f"{self.base.rstrip('/')}{PATH}/{sha256}.{kind.suffix}?{told}"

    def check(self, gateway: str, sha256: str, end: str, sign: str, now: datetime) -> None:
        """Raises `Refused`: "link_invalid", "link_expired"."""
        if not end.isascii() or not end.isdigit() or len(end) > 12 or not sign.isascii():
            raise Refused("link_invalid")
        if not hmac.compare_digest(sign, self._signature(gateway, sha256, int(end))):
            raise Refused("link_invalid")
        if int(end) <= now.timestamp():
            raise Refused("link_expired")

    def _signature(self, gateway: str, sha256: str, end: int) -> str:
        return hmac.new(self.key, f"bundle\n{gateway}\n{sha256}\n{end}".encode(), hashlib.sha256).hexdigest()
