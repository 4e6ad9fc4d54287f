"""PostgreSQL: nothing is acknowledged, and no receipt leaves, before its commit, and every commit is a synced one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest

from services.hub.ingest.batcher import Batcher
from services.hub.ingest.ingest import Ingest
from services.hub.ingest.words import Answer
from services.hub.store.database import Role
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Enrolment
from tests.services.hub.ingest.made import NOW, hello, kept, sent, summary
from tests.services.hub.postgresql import Cluster

pytestmark = pytest.mark.integration

WAIT_S = 30.0
HOLD = 4711
HELD_COMMITS = f"""
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared({HOLD}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER hold AFTER UPDATE ON ledger DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hold();
"""
"""A commit that has summaries in it waits for as long as somebody else holds the lock."""

WAITING = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {HOLD} AND NOT granted"


@asynccontextmanager
async def writing(store: HubStore, told: list[Answer]) -> AsyncGenerator[Batcher]:
    batcher = Batcher(Ingest(store, now=lambda: NOW), told.append)
    run = asyncio.create_task(batcher.run())
    yield batcher
    await batcher.close()
    await run


async def waiting(connection: "asyncpg.Connection[asyncpg.Record]", *, but: int = 0) -> int:
    """The server's process that is at its commit and waits."""
    while (pid := await connection.fetchval(WAITING)) in {None, but}:  # noqa: ASYNC110 - locks tell nobody of their changes
        await asyncio.sleep(0.01)
    return int(pid)


async def test_nothing_is_said_before_the_commit(dsn: str) -> None:
    told: list[Answer] = []
    other = await asyncpg.connect(dsn)
    async with HubStore(database_at(dsn)) as store, writing(store, told) as batcher, asyncio.timeout(WAIT_S):
        await store.enrol(Enrolment(gateway="home1", token_sha256="0" * 64), datetime.now(UTC))
        await (await batcher.put(hello()))
        await other.execute(HELD_COMMITS)
        await other.execute(f"SELECT pg_advisory_lock({HOLD})")
        done = await batcher.put(sent(summary(1)))
        first = await waiting(other)
        assert (done.done(), told) == (False, [])
        await other.execute(f"SELECT pg_terminate_backend({first})")  # and nobody knows whether it was committed
        await waiting(other, but=first)
        assert (done.done(), told) == (False, [])
        assert await other.fetchval("SELECT count(*) FROM summaries") == 0
        await other.execute(f"SELECT pg_advisory_unlock({HOLD})")
        assert await done is None
        assert kept(tuple(told)) == [(1, 1)]
        assert await other.fetchval("SELECT count(*) FROM summaries") == 1
    await other.close()


@pytest.mark.parametrize("role", list(Role))
async def test_commits_are_synced_whatever_is_usual_there(postgresql: Cluster, role: Role) -> None:
    dsn = postgresql.fresh_database("careless")
    postgresql.psql("ALTER DATABASE careless SET synchronous_commit = off")
    async with (
        HubStore(database_at(f"{dsn}&synchronous_commit=off")) as store,
        store.database.transaction(role) as session,
    ):
        assert [tuple(row) for row in await session.fetch("SHOW synchronous_commit")] == [("on",)]
