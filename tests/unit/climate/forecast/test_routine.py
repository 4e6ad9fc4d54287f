"""What only a room's own rows teach from: the hour, the weekend, and where the room usually is."""

import numpy as np
import pytest

from gateway.climate.forecast.past import Past, Series
from gateway.climate.forecast.routine import ROUTINE, routine
from tests.unit.climate.forecast.asked import DAY, daily

ROOM = daily(10)
SATURDAY = 9 * DAY + 12 * 3600.0
"""1970-01-10, noon."""


def told(past: Past, when_s: float, zone_s: float = 0.0) -> dict[str, float]:
    row = routine(past, np.asarray([when_s]), zone_s=zone_s)
    assert row.shape == (1, len(ROUTINE))
    return dict(zip(ROUTINE, row[0].tolist(), strict=True))


def test_the_weekend_is_that_of_local_time() -> None:
    assert told(ROOM, SATURDAY)["weekend"] == 1
    assert told(ROOM, SATURDAY - DAY)["weekend"] == 0
    friday_evening = SATURDAY - 13 * 3600
    assert told(ROOM, friday_evening)["weekend"] == 0
    assert told(ROOM, friday_evening, zone_s=7200.0)["weekend"] == 1
    assert told(ROOM, SATURDAY - DAY)["weekend-cos1"] == 0
    assert told(ROOM, SATURDAY)["weekend-cos1"] == pytest.approx(-1)


def test_the_hour_is_told_more_finely_than_to_the_network() -> None:
    assert told(ROOM, 9 * DAY + 2 * 3600.0)["sin3"] == pytest.approx(1)
    assert told(ROOM, 9 * DAY)["cos6"] == pytest.approx(1)


def test_a_room_that_does_the_same_every_day_is_where_it_usually_is() -> None:
    noon = told(ROOM, SATURDAY)
    assert noon["usual+0h"] == pytest.approx(0, abs=1e-5)
    assert noon["usual+6h"] == pytest.approx(-1, abs=1e-5)
    times = ROOM.series["temp_c"].times_s
    warmer = np.where(times == SATURDAY, 23.0, ROOM.series["temp_c"].values)
    assert told(Past(series={"temp_c": Series(times_s=times, values=warmer)}), SATURDAY)["usual+0h"] == -3


def test_the_last_day_outdoors_is_told_relative_to_the_room() -> None:
    times = np.asarray(np.arange(0, 10 * DAY, 1800.0), np.float64)
    outdoor = Series(times_s=times, values=np.where(times > SATURDAY - 12 * 3600, 8.0, 2.0))
    room = Past(series={**ROOM.series, "outdoor_c": outdoor})
    assert told(room, SATURDAY)["outdoor-day"] == pytest.approx((5 - 20) / 3, abs=0.01)


def test_what_is_not_known_is_zero() -> None:
    nothing = routine(Past(series={}), np.asarray([SATURDAY]), zone_s=float("nan"))
    assert (nothing == 0).all()


def test_what_comes_later_changes_nothing() -> None:
    times, values = ROOM.series["temp_c"].times_s, ROOM.series["temp_c"].values
    now = 8 * DAY
    later = Past(series={"temp_c": Series(times_s=times, values=np.where(times > now, 30.0, values))})
    assert told(later, now) == told(ROOM, now)
