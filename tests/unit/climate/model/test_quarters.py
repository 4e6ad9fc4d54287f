from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gateway.climate.model.quarters import Quarters
from gateway.climate.model.series import QUARTERS
from gateway.climate.words import Moment

ZONE = ZoneInfo("Europe/Amsterdam")
NOBODY_KNOWS = Moment(mono_s=0.0, wall=None)


def at(text: str) -> Moment:
    return Moment(mono_s=0.0, wall=datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC))


@pytest.mark.parametrize(
    ("local", "quarter"),
    [
        ("2026-01-05T00:00", 0),
        ("2026-01-05T06:31", 26),
        ("2026-01-10T23:59", 2 * QUARTERS - 1),
        ("2026-07-06T06:30", 26),
    ],
)
def test_people_live_by_local_time(local: str, quarter: int) -> None:
    assert Quarters(ZONE).now(at(local)) == quarter


def test_the_steps_to_come_run_on_into_the_weekend() -> None:
    ahead = Quarters(ZONE).ahead(at("2026-01-09T23:50"), 3)
    assert ahead.tolist() == [95, QUARTERS, QUARTERS]


def test_without_a_clock_it_stays_as_late_as_it_was() -> None:
    quarters = Quarters(ZONE)
    quarters.now(at("2026-01-05T06:31"))
    assert quarters.now(NOBODY_KNOWS) == 26
    assert np.all(quarters.ahead(NOBODY_KNOWS, 5) == 26)
