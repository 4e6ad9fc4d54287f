"""What the hub takes in and gives out, as words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.summary import Summary

NOBODY = ""
"""Stands for a gateway that is not enrolled, in `Refused` counts: a stranger's names are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`gateway` is who sent it, as the door or the broker proved; not what the envelope claims."""

    gateway: str
    envelope: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch, after the commit: every parcel that is its sender's own is in exactly one of the three.

    `refused` is for good, and its sender drops it: "id_reused" (known with other content: a restored or cloned outbox),
    "too_scattered" (more gaps in one epoch than are kept track of). `unsettled` may yet be taken, so that no receipt
    may name it: "unknown_gateway", "revoked", "wrong_epoch" (announced by no accepted `Hello`, or not yet: a `Hello`
    may be under way through another worker). An envelope that names another gateway than the one that sent it is
    counted ("other_home") and in none of the three: a receipt for it would reach the wrong home.
    """

    kept: frozenset[ParcelId] = frozenset()
    refused: Mapping[ParcelId, str] = field(default_factory=dict)
    unsettled: Mapping[ParcelId, str] = field(default_factory=dict)
    fresh: int = 0
    """Of `kept`, how many were not known before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`key` None: welcome, and the epoch is announced. Else nothing of this instance will be taken, for "revoked",
    "unknown_gateway", "duplicate_id", "wire_unknown" or "too_many_epochs"."""

    key: str | None = None

    @property
    def accepted(self) -> bool:
        return self.key is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """How a gateway proves itself: either digest is 64 hex digits. `key_sha256` is of the DER form of the certificate's
    public key (SubjectPublicKeyInfo); `token_sha256` of a token of at least 128 random bits."""

    gateway: str
    key_sha256: str | None = None
    token_sha256: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One enrolled gateway and what is known of it. `seen` lags by up to a minute. `duplicate` is when another
    instance last claimed its id."""

    enrolment: Enrolment
    created: datetime
    revoked: datetime | None = None
    seen: datetime | None = None
    online: bool = False
    version: str | None = None
    wire: int | None = None
    instance: str | None = None
    epoch: int | None = None
    duplicate: datetime | None = None

    @property
    def gateway(self) -> str:
        return self.enrolment.gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A summary as taken; `time` when it was made, `taken` when it came."""

    id: ParcelId
    time: datetime | None
    taken: datetime
    data: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One number of one thing over a day in UTC. `subject` is the room, device, model or kind that it is about,
    "room/fault" and "stream/reason" where it takes both, "" where it is the gateway itself; `number` is the field's
    name, for example "kwh"."""

    day: date
    kind: str
    subject: str
    number: str
    rows: int
    total: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """How often something of `gateway` (`NOBODY`: of strangers) was refused within the hour from `hour`, POSIX s."""

    hour: int
    gateway: str
    key: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkept:
    """What one round of upkeep did."""

    days_rolled_up: int = 0
    rows_dropped: int = 0
    """Counted where they are deleted one by one; what falls with a whole partition is not."""
    partitions_made: tuple[str, ...] = ()
    partitions_dropped: tuple[str, ...] = ()
