"""Every database a release ever wrote opens today with its rows intact."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.store.climate import ClimateLog, ClimateRow
from gateway.store.database import Database
from gateway.store.departures import Departed, Departures
from gateway.store.events import EventLog
from gateway.store.file import migrations
from gateway.store.journal import Journal
from gateway.store.keyvalue import KeyValue
from gateway.store.people import PeopleTable
from gateway.store.rollouts import Corrections, RolloutTable, Told
from gateway.types import Kind, Origin, Result, Switch

DUMPS = sorted(Path(__file__).parent.glob("v*.sql"))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
async def test_an_old_dump_opens_with_its_rows(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    async with Database(path) as database:
        (event,) = await EventLog(database).recent(10)
        (entry,) = await Journal(database).recent(10)
        (person,) = await PeopleTable(database).all()
        value = await KeyValue(database).get("web/theme")
        version = await database.run(lambda c: c.execute("PRAGMA user_version").fetchone()[0])
    assert (event.kind, event.label, event.detections[0].score) == (Kind.FACE_RECOGNISED, "Ann", 0.75)
    assert (entry.command.action, entry.command.origin) == (Switch(on=True), Origin.RULE)
    assert entry.outcome is not None
    assert entry.outcome.result is Result.DONE
    assert (person.name, person.sealed_template) == ("Ann", b"\x01sealed")
    assert value == "dark"
    assert version == max(migrations())


async def test_roll_outs_and_corrections_are_kept_since_schema_2(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "v2.sql").read_text(encoding="utf-8"))
    connection.close()
    async with Database(path) as database:
        rows = await RolloutTable(database).all()
        told = await Corrections(database).by_source({Kind.FACE_RECOGNISED}, datetime(2026, 3, 1, tzinfo=UTC))
    assert rows == {"dlib_resnet_v1": '{"phase":"shadow"}'}
    assert told == {"door": Told(events=1, wrong=1)}


async def test_rooms_are_kept_since_schema_3(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "v3.sql").read_text(encoding="utf-8"))
    connection.close()
    six = datetime(2026, 3, 1, 18, tzinfo=UTC)
    async with Database(path) as database:
        log = ClimateLog(database)
        rows = await log.rows("hall", six, six + timedelta(minutes=5))
        remembered = await log.restore("hall")
    assert rows == [ClimateRow(time=six, columns={"temp_c": 20.125, "duty": 0.5})]
    assert remembered == {"hand": {"mode": "auto"}}


async def test_what_left_is_kept_since_schema_4(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "v4.sql").read_text(encoding="utf-8"))
    connection.close()
    async with Database(path) as database:
        log = Departures(database)
        (left,) = await log.recent(10)
        totals = await log.totals()
    assert (left.topic, left.body) == ("gw/v1/home/s/events", b"{}")
    assert totals == {"gw/v1/home/s/events": Departed(count=7, bytes=700)}


def test_there_is_a_dump_of_every_version() -> None:
    assert [int(dump.stem[1:]) for dump in DUMPS] == list(migrations())
    assert list(migrations()) == list(range(1, max(migrations()) + 1))
