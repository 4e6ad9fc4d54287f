"""Databases that are gone, full, damaged or say no."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from gateway.errors import Corrupt, Refused, Transient
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.postgresql import Cluster
from tests.services.hub.store.fleet import NOON, delivery, kept_seqs, settle


async def test_a_damaged_file_is_left_for_a_person(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(b"This is not a database. " * 500)
    with pytest.raises(Corrupt, match="store_corrupt"):
        await HubStore(database_at(path)).__aenter__()
    assert path.read_bytes().startswith(b"This is not")


async def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="store_unwritable"):
        await HubStore(database_at(tmp_path / "file" / "hub.db")).__aenter__()


async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "hub.db"
    async with HubStore(database_at(path)) as store:
        await settle(store, "home-a")
        modes = {(file.name, file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    assert modes == {("hub.db", 0o600), ("hub.db-wal", 0o600), ("hub.db-shm", 0o600)}


async def test_a_commit_of_sqlite_is_synced(tmp_path: Path) -> None:
    async with HubStore(database_at(tmp_path / "hub.db")) as store, store.database.transaction() as session:
        assert [tuple(row) for row in await session.fetch("PRAGMA synchronous")] == [(2,)]  # FULL


@pytest.mark.integration
async def test_a_commit_of_postgresql_is_synced_whatever_is_usual_there(postgresql: Cluster, dsn: str) -> None:
    postgresql.psql("CREATE ROLE hasty LOGIN SUPERUSER; ALTER ROLE hasty SET synchronous_commit = off")
    hasty = dsn.replace("hub@", "hasty@")
    async with HubStore(database_at(hasty)) as store, store.database.transaction() as session:
        assert [tuple(row) for row in await session.fetch("SHOW synchronous_commit")] == [("on",)]


async def test_a_full_disk_takes_nothing_and_everything_later(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    async with HubStore(database_at(path)) as store:
        await settle(store, "home-a")
        async with store.database.transaction() as session:
            ((pages,),) = await session.fetch("PRAGMA page_count")
            await session.fetch(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Transient, match="disk_full"):
            await store.take([delivery(seq) for seq in range(1, 1001)], NOON)
        assert await kept_seqs(store) == []
        async with store.database.transaction() as session:
            await session.fetch("PRAGMA max_page_count = 1000000")
        taken = await store.take([delivery(seq) for seq in range(1, 1001)], NOON)
        assert taken.fresh == 1000


async def test_a_file_that_another_process_holds_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hub.db"
    monkeypatch.setattr("services.hub.store.sqlite.BUSY_S", 0.01)
    async with HubStore(database_at(path)) as store:
        await settle(store, "home-a")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Transient, match="store_busy"):
            await store.take([delivery(1)], NOON)
        other.close()
        assert (await store.take([delivery(1)], NOON)).fresh == 1


async def test_a_batch_that_nobody_waits_for_any_more_is_whole_or_not_there(store: HubStore) -> None:
    await settle(store, "home-a")
    for seq in range(1, 200, 10):
        task = asyncio.create_task(store.take([delivery(one) for one in range(seq, seq + 10)], NOON))
        for _ in range(seq // 10):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    there = await kept_seqs(store)
    assert [there.count(seq) for seq in there] == [1] * len(there)
    assert all({seq, seq + 9} & set(there) in ({seq, seq + 9}, set()) for seq in range(1, 200, 10))
    await store.take([delivery(seq) for seq in range(1, 201)], NOON)
    assert await kept_seqs(store) == list(range(1, 201))


async def test_no_server_at_all_is_weather(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="store_unreachable"):
        await HubStore(database_at(f"postgresql://hub@/postgres?host={tmp_path}")).__aenter__()


@pytest.mark.integration
async def test_no_such_database_or_login_is_for_a_person(postgresql: Cluster) -> None:
    for dsn in (postgresql.dsn("nowhere"), postgresql.dsn(user="nobody")):
        with pytest.raises(Refused, match="store_denied"):
            await HubStore(database_at(dsn)).__aenter__()


@pytest.mark.integration
async def test_a_server_that_comes_back_is_used_again(mortal: Cluster) -> None:
    async with HubStore(database_at(mortal.dsn())) as store:
        await settle(store, "home-a")
        await asyncio.to_thread(mortal.kill)
        with pytest.raises(Transient, match="store_unreachable"):
            await store.take([delivery(1)], NOON)
        await asyncio.to_thread(mortal.start)
        assert (await store.take([delivery(1)], NOON)).fresh == 1


@pytest.mark.integration
async def test_connections_that_an_administrator_ends_are_made_anew(postgresql: Cluster, dsn: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        await settle(store, "home-a")
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hearthgate-hub'"
        await asyncio.to_thread(postgresql.psql, end)
        for _ in range(20):  # each connection that was waiting may be the next to be found dead
            try:
                taken = await store.take([delivery(1)], NOON)
            except Transient:
                continue
            assert taken.kept
            return
        pytest.fail("no connection was made anew")
