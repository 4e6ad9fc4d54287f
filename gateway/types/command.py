"""What we want a device to do, and how that went."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.types.stamp import Stamp


class Origin(StrEnum):
    RULE = "rule"
    CLIMATE = "climate"
    USER = "user"
    HUB = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Turn on or off."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLevel:
    """Brightness, opening, speed: 0..100 %."""

    level_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTemperature:
    """A set-point in degrees Celsius."""

    temp_c: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Tell a person."""

    title: str
    body: str = ""


Action = Switch | SetLevel | SetTemperature | Notify


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A wish: `id` is the idempotency key; past `ttl_s` after `issued` it must not be carried out.

    `trigger` is the stamp of the frame or reading behind it (latency is counted from there); `why` is one
    plain sentence for people; `cause` is the id of the event, reading or request that led here. With `lease_s` the
    device is to fall back by itself so long after it, where it can; without, it keeps the state.
    """

    id: str
    target: str
    action: Action
    issued: Stamp
    ttl_s: float
    origin: Origin
    cause: str
    trigger: Stamp
    why: str = ""
    lease_s: float | None = None


class Result(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The device's answer. `detail` is an error key or a short fact, never a secret; `published` is when the
    broker had the command (None where it never did)."""

    command: str
    result: Result
    took_s: float
    detail: str = ""
    published: Stamp | None = None
