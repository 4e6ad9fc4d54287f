"""What the door needs of the rest of the hub."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from services.hub.ingest.words import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who somebody says to be. `certificate` is DER, and its chain has been verified by TLS."""

    user: str | None
    password: str | None = field(repr=False)
    certificate: bytes | None = None


class Gatekeeper(Protocol):
    async def admit(self, claim: Claim) -> str:
        """The id of the gateway that this proves. Raises `Refused`, and `Transient` where it cannot be told now."""
        ...


class Intake(Protocol):
    async def put(self, arrival: Arrival) -> "asyncio.Future[str | None]":
        """Waits while too much is under way. The future is done once `arrival` is on the disk (None) or refused for
        good (the key why); it is cancelled where the hub stops before."""
        ...
