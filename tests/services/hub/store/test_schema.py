"""Every database a release ever wrote opens today with its rows intact; one of tomorrow is left alone."""

import asyncio
import sqlite3
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.wire.summary import Stream
from services.hub.registry import shelf_rows
from services.hub.registry.kinds import Kind, Release
from services.hub.store.database import Dialect
from services.hub.store.hub import HubStore, database_at
from services.hub.store.migrations import scripts
from services.hub.store.words import Refusals
from tests.services.hub.postgresql import Cluster
from tests.services.hub.store.dump import DUMPS
from tests.services.hub.store.fleet import HOUR, NOON, delivery, energy, greeting, settle

VERSIONS = list(scripts("sqlite"))
DAY = timedelta(days=1)


async def check(where: str) -> None:
    """As `dump.fill` left it."""
    async with HubStore(database_at(where)) as store:
        home = await store.home_of_key("a" * 64)
        (row,) = await store.rows("home-a", Stream.ENERGY, since=NOON, until=NOON + DAY)
        (day,) = await store.days("home-a", "energy", since=NOON.date(), until=NOON.date() + DAY)
        refusals = await store.refusals(since=NOON, until=NOON + DAY)
        again = await store.take([delivery(1, energy(1.5)), delivery(2)], NOON + DAY)
    assert home is not None
    assert (home.gateway, home.enrolment.labels, home.version) == ("home-a", {"ring": "canary"}, "0.5.0")
    assert (row.id.seq, row.data, day.total) == (1, energy(1.5), 1.5)
    assert refusals == (Refusals(hour=HOUR, gateway="home-a", key="summary_invalid", count=2),)
    assert (again.fresh, len(again.kept)) == (1, 2)


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_old_file_opens_with_its_rows(version: int, tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    connection = sqlite3.connect(path)
    connection.executescript((DUMPS / f"sqlite_v{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    await check(str(path))


@pytest.mark.integration
@pytest.mark.parametrize("version", VERSIONS)
async def test_an_old_database_opens_with_its_rows(version: int, postgresql: Cluster, dsn: str) -> None:
    async with HubStore(database_at(dsn)):
        pass  # roles belong to the cluster, and no dump brings them along
    where = postgresql.fresh_database(f"old_{version}")
    postgresql.psql((DUMPS / f"postgresql_v{version}.sql").read_text(encoding="utf-8"), f"old_{version}")
    await check(where)


@pytest.mark.integration
async def test_models_of_an_old_database_keep_their_channels(tmp_path: Path, postgresql: Cluster, dsn: str) -> None:
    """Until version 3 there was nothing but models, each under its bare id."""
    rows = (
        "INSERT INTO bundles (sha256, model, version, serial, bytes, added_ms) VALUES ('ab', 'tiny', '1.2', 2, 9, 0);"
        "INSERT INTO channels (model, channel, sha256, promoted_ms) VALUES ('tiny', 'beta', 'ab', 0);"
    )
    connection = sqlite3.connect(tmp_path / "hub.db")
    connection.executescript((DUMPS / "sqlite_v3.sql").read_text(encoding="utf-8") + rows)
    connection.close()
    async with HubStore(database_at(dsn)):
        pass  # roles belong to the cluster, and no dump brings them along
    where = postgresql.fresh_database("with_models")
    postgresql.psql((DUMPS / "postgresql_v3.sql").read_text(encoding="utf-8"), "with_models")
    postgresql.psql(f"SET search_path = public; {rows}", "with_models")
    for old in (str(tmp_path / "hub.db"), where):
        async with HubStore(database_at(old)) as store, store.database.transaction() as session:
            found = await shelf_rows.in_channel(session, "model/tiny", "beta")
        assert found is not None
        assert found.release == Release(kind=Kind.MODEL, name="tiny", version="1.2", serial=2)


def test_both_dialects_have_the_same_versions_without_a_gap() -> None:
    assert list(scripts("postgresql")) == VERSIONS == list(range(1, max(VERSIONS) + 1))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_no_number_is_given_twice(dialect: Dialect) -> None:
    steps = list(files("services.hub.store").joinpath("schema", dialect).iterdir())
    assert len(steps) == len(scripts(dialect)), sorted(step.name for step in steps)


async def test_a_file_of_tomorrow_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    async with HubStore(database_at(path)) as store:
        await settle(store, "home-a")
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {max(VERSIONS) + 1}")
    with pytest.raises(Refused, match="store_schema_newer"):
        await HubStore(database_at(path)).__aenter__()
    assert connection.execute("SELECT gateway FROM gateways").fetchall() == [("home-a",)]
    connection.close()


@pytest.mark.integration
async def test_a_database_of_tomorrow_is_refused_and_left_alone(postgresql: Cluster, dsn: str) -> None:
    schema = dsn.rpartition("=")[2]
    async with HubStore(database_at(dsn)) as store:
        await settle(store, "home-a")
    postgresql.psql(f"UPDATE {schema}.schema_version SET version = {max(VERSIONS) + 1}")
    with pytest.raises(Refused, match="store_schema_newer"):
        await HubStore(database_at(dsn)).__aenter__()
    assert postgresql.psql(f"SELECT gateway FROM {schema}.gateways") == "home-a"


@pytest.mark.integration
async def test_workers_that_start_at_once_migrate_once(dsn: str) -> None:
    stores = [HubStore(database_at(dsn)) for _ in range(5)]
    await asyncio.gather(*(store.__aenter__() for store in stores))
    await settle(stores[0], "home-a")
    verdicts = await asyncio.gather(*(store.hello("home-a", greeting(), NOON) for store in stores))
    await asyncio.gather(*(store.__aexit__(None, None, None) for store in stores))
    assert all(verdict.accepted for verdict in verdicts)
