"""Roll-outs and corrections on disk."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.rollouts import Corrections, RolloutTable, Told
from gateway.types import Kind
from tests.unit.store.words import START, event


async def test_a_row_and_its_decision_are_written_together(tmp_path: Path) -> None:
    told = event(1, Kind.MODEL_DECIDED, source="tiny", label="canary")
    async with Database(tmp_path / "db") as database:
        await RolloutTable(database).save("tiny", "one")
        await RolloutTable(database).save("tiny", "two", [told])
    async with Database(tmp_path / "db") as database:
        assert await RolloutTable(database).all() == {"tiny": "two"}
        assert await EventLog(database).get(told.id) == told


async def test_the_last_word_about_an_event_counts(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        log, corrections = EventLog(database), Corrections(database)
        for number in (1, 2, 3):
            await log.add(event(number, Kind.FACE_UNKNOWN))
        await log.add(event(4, Kind.FACE_UNKNOWN, source="hall"))
        for number, wrong in ((1, True), (2, True), (2, False)):
            await corrections.add(event(number).id, wrong=wrong, at=START)
        told = await corrections.by_source({Kind.FACE_UNKNOWN}, START)
        later = await corrections.by_source({Kind.FACE_UNKNOWN}, START + timedelta(seconds=2.5))
        other = await corrections.by_source({Kind.MOTION_BEGAN}, START)
    assert told == {"door": Told(events=3, wrong=1), "hall": Told(events=1, wrong=0)}
    assert later == {"door": Told(events=1, wrong=0), "hall": Told(events=1, wrong=0)}
    assert other == {}


async def test_an_event_nobody_has_cannot_be_corrected(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        with pytest.raises(Invalid, match="event_unknown"):
            await Corrections(database).add("0" * 32, wrong=True, at=START)
