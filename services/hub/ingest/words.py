"""What comes in and what goes back, without a transport."""

from dataclasses import dataclass, field
from typing import Protocol

UNANNOUNCED = "wrong_epoch"
DUPLICATE = "duplicate_id"
REVOKED = "revoked"
KEPT_AT_HOME = frozenset({UNANNOUNCED, DUPLICATE, REVOKED, "unknown_gateway", "wire_unknown", "too_many_epochs"})
"""These say nothing about the message itself: it stays in the gateway's outbox until its hub knows the gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`gateway` is who the connection has proven to be; None where a broker's access list vouches for the topic.
    `retained`: it was there before, so it says nothing about now."""

    topic: str
    payload: bytes = field(repr=False)
    gateway: str | None = None
    retained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    topic: str
    payload: bytes = field(repr=False)


class Publish(Protocol):
    """To one gateway; with `retain` also when it comes later, until an empty payload takes that back. A door keeps what
    is retained in memory only, so whoever publishes it does so again at every start."""

    def __call__(self, answer: Answer, *, retain: bool = False) -> None: ...
