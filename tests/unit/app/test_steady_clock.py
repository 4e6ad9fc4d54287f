from datetime import UTC, datetime, timedelta

from gateway.app.steady_clock import SteadyClock

WALL = datetime(2026, 1, 10, 12, tzinfo=UTC)


def test_a_clock_that_keeps_its_course_is_believed() -> None:
    clock = SteadyClock()
    assert all(clock.believed(s, WALL + timedelta(seconds=s)) is not None for s in range(0, 3600, 60))


def test_a_jump_is_doubted_for_half_an_hour() -> None:
    clock = SteadyClock()
    clock.believed(0.0, WALL)
    jumped = WALL + timedelta(days=1)
    believed = [clock.believed(s, jumped + timedelta(seconds=s)) is not None for s in range(60, 2400, 60)]
    assert believed == [False] * 30 + [True] * 9


def test_ntp_may_correct_a_little() -> None:
    clock = SteadyClock()
    clock.believed(0.0, WALL)
    assert clock.believed(60.0, WALL + timedelta(seconds=150)) is not None
