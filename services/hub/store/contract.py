"""What the hub keeps, and what it promises about it: one contract for SQLite and for PostgreSQL.

Exactly once means: a parcel is known by (gateway, stream, epoch, seq) for ever, also after its row has been dropped by
age. All times are aware UTC; every method may raise `Transient` ("store_unreachable", "store_busy", "disk_full",
"disk_io"): nothing was decided then, or nobody knows, and the call is made again with the same arguments.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, Self

from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.summary import Stream, Summary
from gateway.wire.uplink import Hello

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


class Store(Protocol):
    """Opened by `async with`; safe to call from many tasks at once, and from many processes on PostgreSQL."""

    async def __aenter__(self) -> Self:
        """Bring the schema to the newest. Raises `Refused` ("store_schema_newer", "store_denied",
        "store_unwritable"), `Corrupt` ("store_corrupt")."""
        ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def take(self, deliveries: Sequence[Delivery], at: datetime) -> Taken:
        """One commit for the whole batch, of any gateways; what it names as kept is on disk, synced. Refusals are
        counted in the same commit."""
        ...

    async def hello(self, gateway: str, hello: Hello, at: datetime) -> Verdict:
        """`gateway` as proven. Announces the epoch; an offline `Hello` (a last will) of the current instance marks it
        offline. Another instance while the current one lives is "duplicate_id" and is remembered for the alert."""
        ...

    async def hellos(
        self, said: Mapping[str, Hello], at: datetime, *, retained: Collection[str] = ()
    ) -> Mapping[str, Verdict]:
        """As `hello`, one of each of many gateways, in one commit. Those of `retained` were there before: what is known
        already says nothing about now, and changes nothing."""
        ...

    async def refuse(self, refused: Mapping[tuple[str, str], int], at: datetime) -> None:
        """Count what never became a `Delivery`: (proven gateway or topic's, key of the error) to how many. Gateways
        that are not enrolled are counted together as `NOBODY`."""
        ...

    async def enrol(self, enrolment: Enrolment, at: datetime) -> None:
        """Raises `Refused` ("gateway_known", "key_known", status 409)."""
        ...

    async def revoke(self, gateway: str, at: datetime) -> None:
        """From now on nothing of it is taken; its rows stay. Raises `Refused` ("unknown_gateway", status 404)."""
        ...

    async def label(self, gateway: str, labels: Mapping[str, str]) -> None:
        """Replace all labels. Raises `Refused` ("unknown_gateway", status 404)."""
        ...

    async def release(self, gateway: str) -> None:
        """Forget the instance, so that a gateway with a new disk may come at once. Raises `Refused`
        ("unknown_gateway", status 404)."""
        ...

    async def home(self, gateway: str) -> Home | None: ...

    async def home_of_key(self, key_sha256: str) -> Home | None: ...

    async def homes(self, *, after: str = "", limit: int = 100) -> tuple[Home, ...]:
        """By id; the next page begins `after` the last one."""
        ...

    async def rows(
        self, gateway: str, stream: Stream, *, since: datetime, until: datetime, limit: int = 1000
    ) -> tuple[Row, ...]:
        """Hours from `since` up to but not including `until`, oldest hour first, then by epoch and seq."""
        ...

    async def days(self, gateway: str, kind: str, *, since: date, until: date) -> tuple[Day, ...]:
        """Roll-ups from `since` up to but not including `until`. A day appears an hour after it ended; rows that come
        later are added by the next upkeep."""
        ...

    async def refusals(self, *, since: datetime, until: datetime) -> tuple[Refusals, ...]: ...

    async def upkeep(self, at: datetime) -> Upkept:
        """Partitions ahead, retention, roll-ups. To be called every few minutes by every worker: one at a time does
        the work, the others return at once. May be cut off anywhere and begun again."""
        ...
