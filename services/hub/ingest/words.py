"""What comes in and what goes back, without a transport."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`gateway` is who the connection has proven to be; None where a broker's access list vouches for the topic."""

    topic: str
    payload: bytes = field(repr=False)
    gateway: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    topic: str
    payload: bytes = field(repr=False)
