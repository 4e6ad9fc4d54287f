"""What the hub keeps, and what it promises about it: one contract for SQLite and for PostgreSQL.

Exactly once means: a parcel is known by (gateway, stream, epoch, seq) for ever, also after its row has been dropped by
age. All times are aware UTC; every method may raise `Transient` ("store_unreachable", "store_busy", "disk_full",
"disk_io"): nothing was decided then, or nobody knows, and the call is made again with the same arguments.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, Self

from gateway.wire.summary import Stream
from gateway.wire.uplink import Hello
from services.hub.store.words import Day, Delivery, Enrolment, Home, Refusals, Row, Taken, Upkept, Verdict


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
