"""Rooms over the API: how they are and were, and what may be asked of them."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.store.climate import ClimateRow
from gateway.testing.clock import FakeClock
from gateway.types.climate import Alarm, Ask, Mode, Preset
from tests.unit.web.conftest import Page, house
from tests.unit.web.fakes import FakeClimate, room_view
from tests.unit.wire.test_climate import STATUS


async def read(page: Page, path: str, status: int = 200) -> Any:
    answer = await page.get(f"/api/v1{path}")
    assert answer.status == status
    return await answer.json()


async def test_rooms_come_in_order_with_what_they_may_be_asked(clock: FakeClock) -> None:
    climate = FakeClimate(room_view(), room_view("bath", "Bath"))
    climate.statuses["hall"] = STATUS
    async with house(clock, climate=climate) as page:
        hall, bath = (await read(page, "/climate"))["rooms"]
        parts = (await read(page, "/session"))["parts"]
    assert (hall["title"], hall["modes"], hall["presets"]["eco"]) == ("Hall", ["off", "auto", "heat"], 13.0)
    assert (hall["status"]["target_c"], hall["status"]["why"]) == (21.0, STATUS.why)
    assert bath["status"] is None
    assert parts["climate"] is True


async def test_history_comes_in_columns_with_holes(clock: FakeClock) -> None:
    now = clock.now().wall
    rows = [
        ClimateRow(time=now - timedelta(hours=50), columns={"temp_c": 1.0}),
        ClimateRow(time=now - timedelta(minutes=10), columns={"temp_c": 20.5, "duty": 1.0, "co2": 600.0}),
        ClimateRow(time=now - timedelta(minutes=5), columns={"target_c": 21.0, "in_1h_c": 20.9}),
    ]
    async with house(clock, climate=FakeClimate(room_view(), rows=rows)) as page:
        found = await read(page, "/climate/hall/history")
        longer = await read(page, "/climate/hall/history?hours=72")
    assert found.pop("time") == [int(row.time.timestamp()) for row in rows[1:]]
    assert found == {
        "temp_c": [20.5, None],
        "target_c": [None, 21.0],
        "outdoor_c": [None, None],
        "duty": [1.0, None],
        "price": [None, None],
        "window": [None, None],
        "in_1h_c": [None, 20.9],
        "in_3h_c": [None, None],
    }
    assert longer["temp_c"] == [1.0, 20.5, None]


@pytest.mark.parametrize("hours", ["0", "-1", "nan", "all", "9999"])
async def test_hours_that_are_none(clock: FakeClock, hours: str) -> None:
    async with house(clock, climate=FakeClimate(room_view())) as page:
        assert (await read(page, f"/climate/hall/history?hours={hours}", 400))["key"] == "hours_invalid"


async def test_what_somebody_wants_reaches_control(clock: FakeClock) -> None:
    climate = FakeClimate(room_view())
    async with house(clock, climate=climate) as page:
        for body in ({"target_c": 21.5, "for_s": 3600}, {"preset": "away"}, {"mode": "off"}):
            answer = await page.post("/api/v1/climate/hall", json=body)
            assert (answer.status, await answer.json()) == (200, {"alarm": None})
    assert climate.asked == [
        Ask(room="hall", target_c=21.5, for_s=3600.0),
        Ask(room="hall", preset=Preset.AWAY),
        Ask(room="hall", mode=Mode.OFF),
    ]


async def test_a_wish_that_waits_says_so(clock: FakeClock) -> None:
    climate = FakeClimate(room_view(), alarm=Alarm.SETPOINT_REJECTED)
    async with house(clock, climate=climate) as page:
        answer = await page.post("/api/v1/climate/hall", json={"target_c": 30})
        assert await answer.json() == {"alarm": "setpoint_rejected"}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "nothing_asked"),
        ({"for_s": 60}, "nothing_asked"),
        ({"mode": "cool"}, "mode_unknown"),
        ({"mode": "tropical"}, "body_invalid"),
        ({"target_c": 90}, "body_invalid"),
        ({"target_c": "21"}, "body_invalid"),
        ({"target_c": 21, "retained": False}, "body_invalid"),
    ],
)
async def test_nonsense_never_reaches_control(clock: FakeClock, body: dict[str, object], key: str) -> None:
    climate = FakeClimate(room_view())
    async with house(clock, climate=climate) as page:
        answer = await page.post("/api/v1/climate/hall", json=body)
        assert (answer.status, (await answer.json())["key"]) == (400, key)
    assert climate.asked == []


async def test_a_room_or_a_part_that_is_not_there(clock: FakeClock) -> None:
    async with house(clock, climate=FakeClimate(room_view())) as page:
        assert (await read(page, "/climate/attic/history", 404))["key"] == "not_found"
        assert (await page.post("/api/v1/climate/attic", json={"mode": "off"})).status == 404
    async with house(clock) as page:
        assert (await read(page, "/climate", 404))["key"] == "part_off"


async def test_only_our_own_page_may_ask(clock: FakeClock) -> None:
    climate = FakeClimate(room_view())
    async with house(clock, climate=climate) as page:
        body = {"target_c": 25}
        forged = await page.post("/api/v1/climate/hall", json=body, headers={"X-Hearthgate-Token": "guessed"})
        page.http.cookie_jar.clear()
        stranger = await page.post("/api/v1/climate/hall", json=body)
    assert (forged.status, stranger.status, climate.asked) == (403, 401, [])
