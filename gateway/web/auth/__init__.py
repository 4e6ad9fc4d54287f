"""Who may see the house: first-run claim, login, sessions, rate limits."""

from gateway.web.auth.auth import Auth
from gateway.web.auth.keyvalue import KeyValue
from gateway.web.auth.sessions import Session

__all__ = ["Auth", "KeyValue", "Session"]
