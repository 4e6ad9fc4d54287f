"""How homes are sorted: by labels that people give, and by shares that a hash gives."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.errors import Invalid

_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_MOST = 16


def check_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Raises `Invalid` ("labels_invalid"). Letters, digits and "_.-" alone, so that they fit into any address."""
    sound = all(_KEY.fullmatch(key) and _VALUE.fullmatch(value) for key, value in labels.items())
    if len(labels) > _MOST or not sound:
        raise Invalid("labels_invalid", most=_MOST)
    return dict(labels)


def bucket(gateway: str, salt: str) -> float:
    """[0, 1): the first 53 bits of SHA-256 of "salt/gateway". The same wherever and whenever it is asked; another salt
    deals anew."""
    first = hashlib.sha256(f"{salt}/{gateway}".encode()).digest()[:8]
    return (int.from_bytes(first, "big") >> 11) / 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Homes that have all of `labels` and fall into the first `share` [0, 1] by `salt`: those whom a campaign with the
    same three means. A larger share holds whoever a smaller one held."""

    labels: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    salt: str = ""

    def holds(self, gateway: str, labels: Mapping[str, str]) -> bool:
        matching = all(labels.get(key) == value for key, value in self.labels.items())
        return matching and bucket(gateway, self.salt) < self.share
