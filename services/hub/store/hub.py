"""The store over either database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Self

from gateway.errors import Refused
from gateway.wire.summary import Stream
from gateway.wire.uplink import Hello
from services.hub.store import arrivals, counting, gateways, taking, telemetry
from services.hub.store import upkeep as keeping
from services.hub.store.database import Database, Role
from services.hub.store.sqlite import SqliteDatabase
from services.hub.store.times import seconds
from services.hub.store.upkeep import Retention
from services.hub.store.words import Day, Delivery, Enrolment, Home, Refusals, Row, Taken, Upkept, Verdict


def database_at(where: str | Path) -> Database:
    """`where` is a path of an SQLite file or a "postgresql://" address. Raises `Refused` ("extra_missing")."""
    if not str(where).startswith(("postgresql://", "postgres://")):
        return SqliteDatabase(Path(where))
    try:
        from services.hub.store.postgresql import PostgresqlDatabase
    except ModuleNotFoundError as error:
        raise Refused("extra_missing", extra="hub") from error
    return PostgresqlDatabase(str(where))


class HubStore:
    """Implements `Store`. `database` is for the tables that others keep beside these."""

    def __init__(self, database: Database, retention: Retention | None = None) -> None:
        self.database = database
        self._retention = retention or Retention()

    async def __aenter__(self) -> Self:
        await self.database.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.database.__aexit__(*exc)

    async def take(self, deliveries: Sequence[Delivery], at: datetime) -> Taken:
        horizon_s = seconds(self._retention.horizon(at))
        async with self.database.transaction() as session:
            return await taking.take(session, deliveries, at, horizon_s)

    async def hello(self, gateway: str, hello: Hello, at: datetime) -> Verdict:
        return (await self.hellos({gateway: hello}, at))[gateway]

    async def hellos(
        self, said: Mapping[str, Hello], at: datetime, *, retained: Collection[str] = ()
    ) -> Mapping[str, Verdict]:
        async with self.database.transaction() as session:
            verdicts = await arrivals.hellos(session, said, at, retained)
            refused = {(gateway, one.key): 1 for gateway, one in verdicts.items() if one.key is not None}
            enrolled = {gateway for gateway, one in verdicts.items() if one.key != "unknown_gateway"}
            await counting.count_refusals(session, refused, enrolled, at)
        return verdicts

    async def refuse(self, refused: Mapping[tuple[str, str], int], at: datetime) -> None:
        async with self.database.transaction() as session:
            enrolled = await taking.standing(session, {gateway for gateway, _ in refused})
            await counting.count_refusals(session, refused, enrolled, at)

    async def enrol(self, enrolment: Enrolment, at: datetime) -> None:
        async with self.database.transaction() as session:
            await gateways.enrol(session, enrolment, at)

    async def revoke(self, gateway: str, at: datetime) -> None:
        async with self.database.transaction() as session:
            await gateways.revoke(session, gateway, at)

    async def label(self, gateway: str, labels: Mapping[str, str]) -> None:
        async with self.database.transaction() as session:
            await gateways.label(session, gateway, labels)

    async def release(self, gateway: str) -> None:
        async with self.database.transaction() as session:
            await gateways.release(session, gateway)

    async def home(self, gateway: str) -> Home | None:
        async with self.database.transaction() as session:
            return await gateways.home(session, gateway)

    async def home_of_key(self, key_sha256: str) -> Home | None:
        async with self.database.transaction() as session:
            return await gateways.home_of_key(session, key_sha256)

    async def homes(self, *, after: str = "", limit: int = 100) -> tuple[Home, ...]:
        async with self.database.transaction() as session:
            return await gateways.homes(session, after, limit)

    async def rows(
        self, gateway: str, stream: Stream, *, since: datetime, until: datetime, limit: int = 1000
    ) -> tuple[Row, ...]:
        async with self.database.transaction(Role.HOME, gateway=gateway) as session:
            return await telemetry.rows(session, gateway, stream, since=since, until=until, limit=limit)

    async def days(self, gateway: str, kind: str, *, since: date, until: date) -> tuple[Day, ...]:
        async with self.database.transaction(Role.HOME, gateway=gateway) as session:
            return await telemetry.days(session, gateway, kind, since=since, until=until)

    async def refusals(self, *, since: datetime, until: datetime) -> tuple[Refusals, ...]:
        async with self.database.transaction() as session:
            return await counting.refusals(session, since, until)

    async def upkeep(self, at: datetime) -> Upkept:
        return await keeping.upkeep(self.database, self._retention, at)
