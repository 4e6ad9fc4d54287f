"""What the pages stand on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.hub.auth.auth import Auth
from services.hub.auth.limits import Lockout
from services.hub.fleet.authority import Authority
from services.hub.registry.registry import Registry
from services.hub.registry.serve import Downloads
from services.hub.store.hub import HubStore


@dataclass(frozen=True, slots=True, kw_only=True)
class HubParts:
    """`keys` is what is not well around the hub, by part."""

    store: HubStore
    auth: Auth
    authority: Authority
    now: Callable[[], datetime]
    keys: Callable[[], Mapping[str, str]]
    enrolling: Lockout
    """Of addresses that try enrolment tokens."""
    registry: Registry
    downloads: Downloads | None = None
    """What homes fetch bundles from."""
