"""Row-level security in PostgreSQL, with real roles."""

from datetime import timedelta

import pytest

from gateway.errors import Refused
from services.hub.store.database import Role
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.postgresql import Cluster
from tests.services.hub.store.fleet import NOON, delivery, kept_seqs, settle

pytestmark = pytest.mark.integration

TABLES = ("gateways", "summaries", "daily", "refusals")


async def fill(store: HubStore) -> None:
    """The same of home A and of home B in every table."""
    await settle(store, "home-a", "home-b")
    await store.take([delivery(1, gateway=gateway) for gateway in ("home-a", "home-b")], NOON)
    await store.refuse({("home-a", "summary_invalid"): 1, ("home-b", "summary_invalid"): 1}, NOON)
    await store.upkeep(NOON + timedelta(days=1))


async def test_a_session_of_a_home_sees_its_own_rows_alone(dsn: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        await fill(store)
        for table in TABLES:
            async with store.database.transaction(Role.WORKER) as session:
                everybody = await session.fetch(f"SELECT gateway FROM {table}")
            async with store.database.transaction(Role.HOME, gateway="home-a") as session:
                own = await session.fetch(f"SELECT gateway FROM {table}")
                others = await session.fetch(f"SELECT gateway FROM {table} WHERE gateway = 'home-b'")
            assert {gateway for (gateway,) in everybody} == {"home-a", "home-b"}, table
            assert {gateway for (gateway,) in own} == {"home-a"}, table
            assert others == [], table


async def test_a_session_of_nobody_sees_nothing(dsn: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        await fill(store)
        for table in TABLES:
            async with store.database.transaction(Role.HOME) as session:
                assert await session.fetch(f"SELECT gateway FROM {table}") == [], table


@pytest.mark.parametrize("gateway", ["home-a", "home-b"])
@pytest.mark.parametrize(
    "write",
    [
        "INSERT INTO summaries VALUES ('{0}', 'energy', 0, 0, 99, 'energy', 'boiler', NULL, 0, '{{}}')",
        "UPDATE summaries SET seq = 99 WHERE gateway = '{0}'",
        "DELETE FROM summaries WHERE gateway = '{0}'",
        "UPDATE gateways SET revoked_ms = 1 WHERE gateway = '{0}'",
        "INSERT INTO gateways (gateway, labels, created_ms) VALUES ('{0}x', '{{}}', 0)",
        "UPDATE ledger SET kept = '1-999' WHERE gateway = '{0}'",
        "DELETE FROM daily WHERE gateway = '{0}'",
        "TRUNCATE summaries",
    ],
)
async def test_a_session_of_a_home_writes_nothing_of_anybody(dsn: str, gateway: str, write: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        await fill(store)
        with pytest.raises(Refused, match="store_denied"):
            async with store.database.transaction(Role.HOME, gateway="home-a") as session:
                await session.execute(write.format(gateway))
        assert await kept_seqs(store, gateway) == [1]


@pytest.mark.parametrize(
    "read",
    [
        "SELECT * FROM summaries_odd",
        "SELECT * FROM summaries_2026_03",
        "SELECT * FROM ledger",
        "SELECT token_sha256 FROM gateways",
        "SELECT key_sha256 FROM gateways",
    ],
)
async def test_there_is_no_way_around_the_policies(dsn: str, read: str) -> None:
    """By the partitions themselves, or to what proves a gateway."""
    async with HubStore(database_at(dsn)) as store:
        await fill(store)
        with pytest.raises(Refused, match="store_denied"):
            async with store.database.transaction(Role.HOME, gateway="home-a") as session:
                await session.fetch(read)


@pytest.mark.parametrize(
    "write",
    [
        "DELETE FROM summaries",
        "UPDATE summaries SET seq = 9",
        "DELETE FROM ledger",
        "DROP TABLE daily",
        "DELETE FROM gateways",
    ],
)
async def test_a_worker_takes_nothing_away(dsn: str, write: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        await fill(store)
        with pytest.raises(Refused, match="store_denied"):
            async with store.database.transaction(Role.WORKER) as session:
                await session.execute(write)


@pytest.mark.parametrize("said", ["", "SET app.gateway = 'home-a'; ", "SET search_path = pg_temp, public; "])
async def test_a_login_of_a_homes_own_is_held_by_the_policies_too(postgresql: Cluster, dsn: str, said: str) -> None:
    """As somebody who was given a login by a person, and says who they are: it is the login's name that counts."""
    schema = dsn.rpartition("=")[2]
    async with HubStore(database_at(dsn)) as store:
        await fill(store)
    for login in ("home-b", "tenant"):
        postgresql.psql(f'DROP ROLE IF EXISTS "{login}"; CREATE ROLE "{login}" LOGIN IN ROLE hearthgate_home')
    for table in TABLES:
        read = f"{said}SELECT DISTINCT gateway FROM {schema}.{table}"
        assert postgresql.psql(read, user="home-b") == "home-b", table
        assert postgresql.psql(read, user="tenant") == "", table


async def test_the_hub_needs_no_superuser(postgresql: Cluster) -> None:
    """As on a managed server, whose greatest login may make roles and no more."""
    postgresql.psql("CREATE ROLE manager LOGIN CREATEROLE; CREATE SCHEMA managed AUTHORIZATION manager")
    dsn = f"{postgresql.dsn(user='manager')}&search_path=managed"
    async with HubStore(database_at(dsn)) as store:
        await fill(store)
        async with store.database.transaction(Role.HOME, gateway="home-a") as session:
            own = await session.fetch("SELECT gateway FROM summaries")
        assert await kept_seqs(store, "home-b") == [1]
    assert [gateway for (gateway,) in own] == ["home-a"]
