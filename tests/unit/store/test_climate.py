"""Rows and snapshots of rooms on disk."""

import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.store.climate import ClimateLog, ClimateRow
from gateway.store.database import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)


async def test_rows_come_back_in_order_and_within_their_time(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        log = ClimateLog(database)
        for number in (2, 0, 1, 3):
            await log.add_row("hall", START + number * STEP, {"temp_c": 20.0 + number})
        await log.add_row("bath", START, {"temp_c": 24.0})
    async with Database(tmp_path / "db") as database:
        found = await ClimateLog(database).rows("hall", START + STEP, START + 3 * STEP)
    assert found == [ClimateRow(time=START + n * STEP, columns={"temp_c": 20.0 + n}) for n in (1, 2)]


async def test_what_is_not_known_is_absent_and_the_last_word_counts(tmp_path: Path) -> None:
    amsterdam = timezone(timedelta(hours=1))
    async with Database(tmp_path / "db") as database:
        log = ClimateLog(database)
        await log.add_row("hall", START, {"temp_c": 1.0})
        columns = {"temp_c": 20.12345, "co2": math.nan, "light": None, "price": math.inf}
        await log.add_row("hall", START.astimezone(amsterdam), columns)
        (row,) = await log.rows("hall", START, START + STEP)
    assert (row.time, row.columns) == (START, {"temp_c": 20.123})


async def test_old_rows_go_and_snapshots_stay(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        log = ClimateLog(database)
        for number in range(4):
            await log.add_row("hall", START + number * STEP, {})
        await log.snapshot("hall", {"hand": {"mode": "auto"}}, START)
        assert await log.trim(START + 3 * STEP) == 3
        assert len(await log.rows("hall", START, START + timedelta(days=1))) == 1
        assert await log.restore("hall") == {"hand": {"mode": "auto"}}


async def test_the_last_snapshot_of_each_room_counts(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        log = ClimateLog(database)
        await log.snapshot("hall", {"n": 1}, START)
        await log.snapshot("hall", {"n": 2}, START + STEP)
        assert (await log.restore("hall"), await log.restore("bath")) == ({"n": 2}, {})
        with pytest.raises(ValueError, match="not JSON compliant"):
            await log.snapshot("hall", {"n": math.nan}, START)
        assert await log.restore("hall") == {"n": 2}


@pytest.mark.parametrize("body", ["{", "[]", "7"])
async def test_a_damaged_snapshot_is_as_none(tmp_path: Path, body: str) -> None:
    async with Database(tmp_path / "db") as database:
        log = ClimateLog(database)
        await log.snapshot("hall", {"n": 1}, START)
        await database.run(lambda c: c.execute("UPDATE climate_snapshots SET body = ?", (body,)).rowcount)
        assert await log.restore("hall") == {}
