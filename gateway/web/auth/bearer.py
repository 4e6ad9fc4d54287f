"""A fixed token for programs that read and never change anything (RFC 6750)."""

import hmac

from gateway.errors import Refused
from gateway.flow.clock import Clock
from gateway.web.auth.limits import KnockLimit

_SCHEME = "bearer"


class BearerDoor:
    """Opens for one token, compared in constant time. Wrong ones are limited as at the login, by a limit of its own."""

    def __init__(self, token: str | None, clock: Clock) -> None:
        self._token = token
        self._limit = KnockLimit(clock)

    def check(self, header: str | None, *, address: str | None) -> None:
        """`header` is the Authorization header. Raises `Refused`: "login_needed" where there is none or no token was
        set, "token_wrong" (both 401), "too_many_attempts" (429)."""
        scheme, _, given = (header or "").partition(" ")
        if self._token is None or scheme.lower() != _SCHEME:
            raise Refused("login_needed", status=401)
        self._limit.knock(address)
        if not hmac.compare_digest(given.strip().encode(errors="surrogateescape"), self._token.encode()):
            raise Refused("token_wrong", status=401)
        self._limit.forgive(address)
