"""A clip plays at its own speed."""

import pytest

from gateway.sources.pace import Pace


class Time:
    """Moves only by being waited for."""

    def __init__(self) -> None:
        self.s = 100.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.s += seconds

    def now_ns(self) -> int:
        return round(self.s * 1e9)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pace(time: Time) -> Pace:
    return Pace(time.wait, now_ns=time.now_ns)


def test_waits_until_due(time: Time, pace: Pace) -> None:
    for n in range(4):
        pace.until(7.0 + n / 10)
    assert time.waits == pytest.approx([0.1, 0.1, 0.1])


def test_time_spent_working_is_not_waited_again(time: Time, pace: Pace) -> None:
    pace.until(0.0)
    time.s += 0.07
    pace.until(0.1)
    assert time.waits == pytest.approx([0.03])


def test_a_late_picture_is_not_waited_for(time: Time, pace: Pace) -> None:
    pace.until(0.0)
    time.s += 0.5
    pace.until(0.1)
    pace.until(0.6)
    assert time.waits == pytest.approx([0.1])


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_jump_in_the_clip_is_not_waited_out(time: Time, pace: Pace, jump_s: float) -> None:
    pace.until(0.0)
    pace.until(jump_s)
    pace.until(jump_s + 0.1)
    assert time.waits == pytest.approx([0.1])
