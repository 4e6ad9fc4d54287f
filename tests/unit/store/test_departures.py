"""What left can be read again, byte by byte, and is counted for ever."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from gateway.store import departures
from gateway.store.database import Database
from gateway.store.departures import Departed, Departure, Departures

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)


def left(number: int, topic: str = "gw/v1/home/s/events") -> Departure:
    return Departure(time=NOON + timedelta(seconds=number), topic=topic, body=bytes([number, 0, 255]))


async def test_the_newest_come_first_and_pages_follow_on(tmp_path: Path) -> None:
    async with Database(tmp_path / "x.db") as database:
        log = Departures(database)
        await log.add([left(1), left(2), left(3)])
        first = await log.recent(2)
        rest = await log.recent(2, before=first[-1].id)
    assert [one.body[0] for one in (*first, *rest)] == [3, 2, 1]
    assert rest[0] == Departure(
        id=1, time=NOON + timedelta(seconds=1), topic="gw/v1/home/s/events", body=b"\x01\x00\xff"
    )


async def test_it_is_kept_over_a_restart(tmp_path: Path) -> None:
    for number in (1, 2):
        async with Database(tmp_path / "x.db") as database:
            await Departures(database).add([left(number)])
    async with Database(tmp_path / "x.db") as database:
        assert [one.body[0] for one in await Departures(database).recent(9)] == [2, 1]


async def test_totals_outlive_what_is_forgotten(tmp_path: Path) -> None:
    async with Database(tmp_path / "x.db") as database:
        log = Departures(database)
        await log.add([left(number) for number in range(5)])
        await log.add([left(9, "gw/v1/home/hello")])
        assert await log.totals() == {
            "gw/v1/home/hello": Departed(count=1, bytes=3),
            "gw/v1/home/s/events": Departed(count=5, bytes=15),
        }


async def test_only_so_many_are_kept(tmp_path: Path) -> None:
    async with Database(tmp_path / "x.db") as database:
        log = Departures(database)
        for _ in range(3):
            await log.add([left(1)] * (departures.KEPT // 2))
        count = await database.run(lambda c: c.execute("SELECT COUNT(*) FROM departures").fetchone()[0])
        totals = await log.totals()
    assert count == departures.KEPT
    assert totals["gw/v1/home/s/events"].count == 3 * (departures.KEPT // 2)


async def test_times_are_told_in_utc(tmp_path: Path) -> None:
    local = Departure(time=NOON.astimezone(timezone(timedelta(hours=9))), topic="t", body=b"x")
    async with Database(tmp_path / "x.db") as database:
        await Departures(database).add([local])
        (told,) = await Departures(database).recent(1)
    assert told.time == NOON
