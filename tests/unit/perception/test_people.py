import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.flow.board import Counters
from gateway.perception.blazeface import Floats
from gateway.perception.face_thread import FaceThread
from gateway.perception.gallery import Gallery, Verdict
from gateway.perception.people import People
from gateway.store.database import Database
from gateway.store.people import PeopleTable
from gateway.store.vault import Vault
from gateway.testing.clock import FakeClock
from tests.unit.perception.painted import blank, paint, pipeline, vector_of
from tests.unit.perception.test_photo import encoded

MODEL = "a" * 64


def _photos(who: int, count: int = 3) -> list[bytes]:
    return [encoded(paint(blank(400, 300), 200, 150, 100 + 10 * i, who), ".png") for i in range(count)]


class House:
    """Everything `People` stands on, for one test."""

    def __init__(self, database: Database, faces: FaceThread, key: Path) -> None:
        self.database = database
        self.faces = faces
        self.key = key
        self.counters = Counters()
        self.galleries: list[Gallery] = []

    def people(self, model: str = MODEL) -> People:
        return People(
            table=PeopleTable(self.database),
            vault=Vault(self.key),
            faces=self.faces,
            empty=Gallery(model=model),
            clock=FakeClock(),
            counters=self.counters,
            changed=self.galleries.append,
        )


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with Database(tmp_path / "data" / "home.db") as database, FaceThread(pipeline) as faces:
        yield House(database, faces, tmp_path / "key")


async def test_enrolled_people_are_listed_and_matched(house: House) -> None:
    people = house.people()
    report = await people.enrol("  Ann   Archer ", _photos(1), "Ben")
    assert (report.enrolled, report.accepted, report.name) == (True, 3, "Ann Archer")
    (card,) = await people.list()
    assert (card.name, card.consent_by, card.stale) == ("Ann Archer", "Ben", False)
    assert card.person_id == report.person_id
    match = house.galleries[-1].match(vector_of(1))
    assert (match.verdict, match.name, match.person) == (Verdict.RECOGNISED, "Ann Archer", report.person_id)
    assert house.galleries[-1].match(vector_of(2)).verdict is Verdict.UNKNOWN


async def test_the_gallery_survives_a_restart(house: House) -> None:
    await house.people().enrol("Ann", _photos(1), "Ben")
    gallery = await house.people().load()
    assert gallery.match(vector_of(1)).name == "Ann"


async def test_too_few_good_photos_store_nothing_and_say_why(house: House) -> None:
    people = house.people()
    report = await people.enrol("Ann", [*_photos(1, 2), b"", encoded(blank(), ".png")], "Ben")
    assert (report.enrolled, report.accepted, report.needed) == (False, 2, 3)
    assert [photo.refused for photo in report.photos] == [None, None, "photo_empty", "no_face"]
    assert await people.list() == ()


async def test_one_photo_is_enough_only_when_asked_for(house: House) -> None:
    people = house.people()
    assert not (await people.enrol("Ann", _photos(1, 1), "Ben")).enrolled
    assert (await people.enrol("Ann", _photos(1, 1), "Ben", few=True)).enrolled


async def test_a_known_name_is_learnt_anew(house: House) -> None:
    people = house.people()
    first = await people.enrol("Ann", _photos(1), "Ben")
    second = await people.enrol("Ann", _photos(3), "Ben")
    assert first.person_id == second.person_id
    assert len(await people.list()) == 1
    assert people.gallery.match(vector_of(3)).name == "Ann"
    assert people.gallery.match(vector_of(1)).verdict is Verdict.UNKNOWN


async def test_the_same_face_under_two_names_is_pointed_out(house: House) -> None:
    people = house.people()
    await people.enrol("Ann", _photos(1), "Ben")
    assert (await people.enrol("Anna", _photos(1), "Ben")).like == "Ann"
    assert (await people.enrol("Carl", _photos(3), "Ben")).like is None


@pytest.mark.parametrize(
    ("name", "by", "photos", "key"),
    [
        ("", "Ben", 3, "name_invalid"),
        (" \t ", "Ben", 3, "name_invalid"),
        ("x" * 61, "Ben", 3, "name_invalid"),
        ("a\x00b", "Ben", 3, "name_invalid"),
        ("Ann", "  ", 3, "consent_missing"),
        ("Ann", "Ben", 0, "photos_missing"),
        ("Ann", "Ben", 21, "photos_too_many"),
    ],
)
async def test_bad_requests_are_named(house: House, name: str, by: str, photos: int, key: str) -> None:
    with pytest.raises(Invalid) as told:
        await house.people().enrol(name, [b"x"] * photos, by)
    assert told.value.key == key


async def test_a_deleted_person_leaves_no_trace(house: House, tmp_path: Path) -> None:
    people = house.people()
    report = await people.enrol("Ann Canary", _photos(1), "Ben")
    (person,) = await PeopleTable(house.database).all()
    sealed = person.sealed_template
    assert report.person_id is not None
    await people.delete(report.person_id)
    assert await people.list() == ()
    assert people.gallery.match(vector_of(1)).verdict is Verdict.UNKNOWN
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert b"Ann Canary" not in kept
    assert sealed[13:45] not in kept


async def test_deleting_somebody_unknown_is_told(house: House) -> None:
    with pytest.raises(Invalid, match="person_unknown"):
        await house.people().delete("nobody")


async def test_no_template_lies_open_on_the_disk(house: House, tmp_path: Path) -> None:
    await house.people().enrol("Ann", _photos(1), "Ben")
    plain: Floats = house.galleries[-1].templates[0].vector
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert b"Ann" in kept
    assert plain.tobytes()[:32] not in kept


async def test_another_model_makes_people_stale(house: House) -> None:
    await house.people().enrol("Ann", _photos(1), "Ben")
    people = house.people(model="b" * 64)
    gallery = await people.load()
    assert gallery.match(vector_of(1)).verdict is Verdict.UNKNOWN
    assert [card.stale for card in await people.list()] == [True]


async def test_a_template_moved_to_another_person_does_not_open(house: House) -> None:
    people = house.people()
    await people.enrol("Ann", _photos(1), "Ben")
    await people.enrol("Carl", _photos(3), "Ben")

    def swap(connection: sqlite3.Connection) -> int:
        (ann,) = connection.execute("SELECT sealed_template FROM people WHERE name = 'Ann'").fetchone()
        return connection.execute("UPDATE people SET sealed_template = ? WHERE name = 'Carl'", (ann,)).rowcount

    await house.database.run(swap)
    gallery = await house.people().load()
    assert [template.name for template in gallery.templates] == ["Ann"]
    assert house.counters.get("people.unreadable") == 1
