"""A deleted person leaves no trace on the disk."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.forget import FORGOTTEN, forget_person
from gateway.store.journal import Journal
from gateway.store.people import PeopleTable, Person
from gateway.store.vault import Vault
from gateway.types import Kind, Notify
from tests.unit.store.words import command, event

NAME = 'Zwölf "Zed" Quux'
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def _found(directory: Path, needle: bytes) -> list[str]:
    return [path.name for path in directory.rglob("*") if path.is_file() and needle in path.read_bytes()]


async def test_people_come_back_by_name(tmp_path: Path) -> None:
    async with Database(tmp_path / "gateway.db") as database:
        people = PeopleTable(database)
        await people.add("p2", "Zoe", CREATED, "Zoe", "sha", b"\x00\xff")
        await people.add("p1", "Ann", CREATED, "her guardian", "sha", b"first")
        await people.add("p1", "Ann", CREATED, "her guardian", "sha2", b"second")
        first, second = await people.all()
        assert first == Person(
            person_id="p1",
            name="Ann",
            created=CREATED,
            consent_by="her guardian",
            model_sha="sha2",
            sealed_template=b"second",
        )
        assert second.sealed_template == b"\x00\xff"
        with pytest.raises(Invalid, match="store_rejected"):
            await people.add("p3", "Ann", CREATED, "x", "sha", b"x")


async def test_no_byte_of_a_deleted_person_is_left_in_the_data_directory(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sealed = Vault(tmp_path / "key").seal(b"embedding", b"p1")
    (data / "deep").mkdir(parents=True)
    async with Database(data / "gateway.db") as database:
        people, log, journal = PeopleTable(database), EventLog(database), Journal(database)
        await people.add("p1", NAME, CREATED, "guardian of Quux", "sha", sealed)
        for number in range(1, 300):
            await log.add(event(number, Kind.FACE_RECOGNISED, label=NAME, evidence=f"e{number}.jpg"))
        await journal.add_command(command(1, "c", why=f"hall light on: {NAME} at door"))
        await journal.add_command(command(2, "c", action=Notify(title=f"{NAME} is home")))
        await log.add(event(300, label="Quuxville"))
        assert _found(data, b"Zed")
        assert _found(data, sealed)
        evidence = await people.remove("p1")
        assert len(evidence) == 299
        for needle in ("Zed", "Zwölf", "guardian of Quux"):
            assert _found(data, needle.encode()) == []
        assert _found(data, sealed) == []
        assert _found(data, sealed[13:29]) == []
        assert {one.label for one in await log.recent(1000)} == {FORGOTTEN, "Quuxville"}
        sentences = {entry.command.why for entry in await journal.recent(10)}
        assert f"hall light on: {FORGOTTEN} at door" in sentences
        assert await people.all() == ()
    assert _found(data, b"Zed") == []


async def test_only_whole_words_are_replaced(tmp_path: Path) -> None:
    async with Database(tmp_path / "gateway.db") as database:
        journal = Journal(database)
        await journal.add_command(command(1, "c", why="Al saw Alan; Al's alarm"))
        await forget_person(database, "Al")
        (entry,) = await journal.recent(1)
        assert entry.command.why == f"{FORGOTTEN} saw Alan; {FORGOTTEN}'s alarm"


async def test_damaged_copies_go_too_because_nothing_can_be_taken_out_of_them(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.write_bytes(b"not a database, but it names Zed " * 100)
    async with Database(path) as database:
        assert _found(tmp_path, b"Zed")
        await PeopleTable(database).remove("unknown")
        assert _found(tmp_path, b"Zed") == []
