"""Mosquitto's access list and passwords: each home reaches its own topics only, the hub all of them.

A block per home and no `pattern` lines, so that a home that was revoked has no rights left, whatever it can still
prove. Reading and writing differ: a home cannot write itself a receipt, nor read what it reported.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Iterator

from gateway.wire.uplink import ROOT
from services.hub.broker.topics import ENDS
from services.hub.door.rights import reads, writes

_HUB_WRITES = ("receipt", "notice", "twin/desired", "campaign/offer")
_ITERATIONS = 101
"""As mosquitto_passwd; the token is random throughout, so guessing fails for its length."""


def access_list(gateways: Iterable[str], *, hub: str) -> Iterator[str]:
    """The lines of an `acl_file` (mosquitto.conf(5)); `hub` is the workers' user name."""
    yield f"user {hub}"
    yield from (f"topic read {ROOT}/+/{end}" for end in ENDS)
    yield from (f"topic write {ROOT}/+/{end}" for end in _HUB_WRITES)
    for gateway in gateways:
        yield f"user {gateway}"
        yield from (f"topic write {topic}" for topic in sorted(writes(gateway)))
        yield from (f"topic read {topic}" for topic in sorted(reads(gateway)))


def password_line(user: str, password: str) -> str:
    """A line of a `password_file`, as mosquitto_passwd writes it: PBKDF2 with HMAC-SHA-512 ("$7$")."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, 64)
    return f"{user}:$7${_ITERATIONS}${_base64(salt)}${_base64(digest)}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
