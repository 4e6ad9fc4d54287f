from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from gateway.climate.diary import Diary, Lived
from gateway.climate.words import Alarm, Measured, Mode, Moment, Observed, Trust, Wanted

WANTED = Wanted(mode=Mode.AUTO, target_c=20.0)


def lived(at_s: float, share: float = 0.0, *, window: bool = False, alarms: frozenset[Alarm] = frozenset()) -> Lived:
    now = Moment(mono_s=at_s, wall=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=at_s))
    warm = Measured(value=19.5, age_s=0.0, seen_s=0.0, trust=Trust.GOOD)
    return Lived(observed=Observed(now=now, temp=warm), wanted=WANTED, share=share, window=window, alarms=alarms)


@pytest.mark.parametrize("tick_s", [1.0, 20.0, 60.0])
def test_a_row_holds_the_mean_heat_of_its_five_minutes_whatever_the_tick(tick_s: float) -> None:
    diary, rows, at_s = Diary(), [], 0.0
    while at_s <= 900.0:
        row = diary.live(lived(at_s, share=1.0 if 0 < at_s <= 120.0 or at_s > 600.0 else 0.0))
        rows += [row] if row is not None else []
        at_s += tick_s
    assert [row["duty"] for row in rows] == pytest.approx([0.4, 0.0, 1.0])
    assert [later["time_s"] - earlier["time_s"] for earlier, later in pairwise(rows)] == [300.0, 300.0]
    assert rows[0]["temp_c"] == 19.5
    assert len(diary.history) == 3


def test_what_was_unusual_at_any_moment_marks_the_row() -> None:
    diary = Diary()
    diary.live(lived(0.0))
    diary.live(lived(60.0, window=True))
    diary.live(lived(120.0, alarms=frozenset({Alarm.SENSOR_STUCK})))
    row = diary.live(lived(300.0, alarms=frozenset({Alarm.RESTARTED})))
    assert row is not None
    assert (row["window"], row["fault"]) == (1.0, 1.0)
    after = diary.live(lived(600.0, alarms=frozenset({Alarm.RESTARTED})))
    assert after is not None
    assert (after["window"], after["fault"]) == (0.0, 0.0)


def test_time_that_nobody_lived_through_is_in_the_history_as_nothing() -> None:
    diary = Diary()
    diary.live(lived(0.0))
    diary.live(lived(300.0))
    assert diary.missed(lived(600.0).observed.now) == 0
    assert diary.missed(lived(300.0 + 3600.0).observed.now) == 12
    assert len(diary.history) == 13
    assert diary.history.last(1)["temp_c"] != diary.history.last(1)["temp_c"]
    assert diary.live(lived(300.0 + 3660.0)) is None
