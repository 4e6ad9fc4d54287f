"""The event log and the journal give back what was put in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.journal import Journal
from gateway.store.keyvalue import KeyValue
from gateway.types import Action, Kind, Notify, Result, SetLevel, SetTemperature, Switch
from tests.unit.store.words import START, command, event, outcome


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "gateway.db") as opened:
        yield opened


async def test_an_event_comes_back_whole(database: Database) -> None:
    log = EventLog(database)
    told = event(1, label='Ann "the" Ünlü', evidence="a.jpg", cause="0")
    await log.add(told)
    assert await log.recent(10) == [told]
    assert await log.get(told.id) == told
    assert await log.get("unknown") is None


async def test_an_event_that_ends_later_replaces_its_first_entry(database: Database) -> None:
    log = EventLog(database)
    await log.add(event(1))
    await log.add(event(1, Kind.MOTION_ENDED))
    assert [one.kind for one in await log.recent(10)] == [Kind.MOTION_ENDED]


async def test_recent_pages_and_filters_newest_first(database: Database) -> None:
    log = EventLog(database)
    for number in range(1, 7):
        kind = Kind.MOTION_BEGAN if number % 2 else Kind.MOTION_ENDED
        await log.add(event(number, kind, source="door" if number < 5 else "yard"))

    async def numbers(before: int | None = None, kind: Kind | None = None, source: str | None = None) -> list[int]:
        last = None if before is None else f"{before:032x}"
        return [int(one.id, 16) for one in await log.recent(3, last, kind, source)]

    assert await numbers() == [6, 5, 4]
    assert await numbers(before=4) == [3, 2, 1]
    assert await numbers(kind=Kind.MOTION_ENDED) == [6, 4, 2]
    assert await numbers(source="yard") == [6, 5]
    assert await numbers(before=4, kind=Kind.MOTION_BEGAN, source="door") == [3, 1]


async def test_trim_deletes_only_what_is_older(database: Database) -> None:
    log = EventLog(database)
    for number in (1, 2, 3):
        await log.add(event(number))
    assert await log.trim(START + timedelta(seconds=2)) == 1
    assert [int(one.id, 16) for one in await log.recent(10)] == [3, 2]


@pytest.mark.parametrize(
    "action",
    [Switch(on=False), SetLevel(level_pct=12.5), SetTemperature(temp_c=20.5), Notify(title="Hello", body="there")],
)
async def test_every_action_survives_the_journal(database: Database, action: Action) -> None:
    journal = Journal(database)
    told = command(1, "cause", action=action)
    await journal.add_command(told)
    (entry,) = await journal.recent(5)
    assert entry.command == told
    assert type(entry.command.action) is type(action)
    assert entry.outcome is None


async def test_why_tells_the_chain_from_the_first_cause_to_the_outcome(database: Database) -> None:
    log, journal = EventLog(database), Journal(database)
    motion = event(1)
    face = event(2, Kind.FACE_RECOGNISED, label="Ann", cause=motion.id)
    wish = command(3, face.id, why="hall light on: Ann at door since 18:02:11")
    for one in (motion, face):
        await log.add(one)
    await journal.add_command(wish)
    await journal.add_outcome(outcome(3, Result.TIMED_OUT))
    await journal.add_outcome(outcome(3))
    chain = await journal.why(wish.id)
    assert chain is not None
    assert chain.events == (motion, face)
    assert chain.sentence == wish.why
    assert chain.command == wish
    assert chain.outcome == outcome(3)
    assert await journal.why("unknown") is None


async def test_why_ends_in_a_circle_of_causes(database: Database) -> None:
    log, journal = EventLog(database), Journal(database)
    await log.add(event(1, cause=event(2).id))
    await log.add(event(2, cause=event(1).id))
    await journal.add_command(command(3, event(2).id))
    chain = await journal.why(command(3, "").id)
    assert chain is not None
    assert 2 <= len(chain.events) <= 16


async def test_the_command_id_is_an_idempotency_key(database: Database) -> None:
    journal = Journal(database)
    await journal.add_command(command(1, "first"))
    await journal.add_command(command(1, "second"))
    assert [entry.command.cause for entry in await journal.recent(5)] == ["first"]


async def test_an_outcome_without_a_command_is_refused_and_the_store_goes_on(database: Database) -> None:
    journal = Journal(database)
    with pytest.raises(Invalid, match="store_rejected"):
        await journal.add_outcome(outcome(9))
    await journal.add_command(command(9, "cause"))
    await journal.add_outcome(outcome(9))
    assert (await journal.recent(1))[0].outcome == outcome(9)


async def test_trimming_commands_takes_their_outcomes_along(database: Database) -> None:
    journal = Journal(database)
    await journal.add_command(command(1, "cause"))
    await journal.add_outcome(outcome(1))
    assert await journal.trim(START + timedelta(days=1)) == 1
    left = await database.run(lambda c: c.execute("SELECT count(*) FROM outcomes").fetchone())
    assert left == (0,)


async def test_key_values(database: Database) -> None:
    table = KeyValue(database)
    assert await table.get("a/1") is None
    for key, value in (("a/1", "x"), ("a/2", "y"), ("a%", "z"), ("a/1", "ü")):
        await table.set(key, value)
    assert await table.get("a/1") == "ü"
    assert await table.keys("a/") == ["a/1", "a/2"]
    assert await table.keys("%") == []
    assert await table.delete("a/1") is True
    assert await table.delete("a/1") is False
    assert await table.keys() == ["a%", "a/2"]
