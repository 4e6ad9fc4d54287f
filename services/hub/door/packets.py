"""The packets a client may send (§3), as words; `decode` makes them from bytes."""

from dataclasses import dataclass, field

V311, V5 = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    topic: str
    payload: bytes = field(repr=False)
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """`level` is V311 or V5; `keepalive_s` 0 asks for none."""

    level: int
    client_id: str
    clean: bool
    keepalive_s: int
    user: str | None
    password: str | None = field(repr=False)
    will: Message | None
    most_bytes: int | None
    """Of a packet it is ready to receive; None where it did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """`mid` is 0 with QoS 0."""

    message: Message
    mid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    mid: int
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    mid: int
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """`with_will`: the last will is to be sent all the same (§3.14.2.1)."""

    with_will: bool = False


Packet = Connect | Publish | Subscribe | Unsubscribe | Ping | Disconnect
