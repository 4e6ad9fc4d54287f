from collections.abc import AsyncGenerator
from itertools import pairwise

import pytest

from gateway.errors import Refused, SourceLost
from gateway.flow.board import Board
from gateway.flow.supervise import Backoff, supervise
from gateway.testing.clock import FakeClock
from gateway.types import Level


class Scripted:
    """Each attempt plays the next script: numbers are yielded, exceptions raised."""

    name = "scripted"

    def __init__(self, *attempts: list[int | Exception]) -> None:
        self._attempts = list(attempts)

    async def stream(self) -> AsyncGenerator[int, None]:
        for step in self._attempts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


async def test_weather_is_retried_with_growing_jittered_waits_and_nothing_is_lost() -> None:
    clock, board = FakeClock(auto=True), Board()
    lost = SourceLost("camera_lost")
    source = Scripted([1, lost], [lost], [lost], [2])
    got = [item async for item in supervise(source, "camera/door", clock=clock, report=board.report)]
    assert got == [1, 2]
    assert len(clock.slept) == 3
    for slept, whole in zip(clock.slept, (1, 2, 4), strict=True):
        assert whole / 2 <= slept <= whole
    assert board.all()["camera/door"].level is Level.OFF


async def test_a_refusal_is_published_and_waits_long() -> None:
    clock, board = FakeClock(auto=True), Board()
    seen = []
    board.listen(lambda state: seen.append((state.level, state.key)))
    source = Scripted([Refused("camera_unauthorised")], [])
    assert [item async for item in supervise(source, "camera/door", clock=clock, report=board.report)] == []
    assert sum(clock.slept) == pytest.approx(300)
    assert seen == [(Level.DOWN, "camera_unauthorised"), (Level.OFF, "ended")]


async def test_a_bug_goes_through() -> None:
    clock, board = FakeClock(auto=True), Board()
    with pytest.raises(ZeroDivisionError):
        async for _ in supervise(Scripted([ZeroDivisionError()]), "p", clock=clock, report=board.report):
            pass
    assert clock.slept == []


async def test_no_password_reaches_the_published_state() -> None:
    clock, board = FakeClock(auto=True), Board()
    source = Scripted([SourceLost("camera_lost", url="rtsp://u:canary@10.0.0.1/s")], [])
    published: list[str] = []
    board.listen(lambda state: published.append(repr(state)))
    async for _ in supervise(source, "p", clock=clock, report=board.report):
        pass
    assert published
    assert not [text for text in published if "canary" in text]


def test_back_off_is_bounded_whatever_the_attempt() -> None:
    assert Backoff(most_s=30).wait_s(10_000, uniform=lambda _low, high: high) == 30


async def test_a_long_wait_keeps_beating() -> None:
    clock, beats = FakeClock(auto=True), []
    source = Scripted([Refused("camera_unauthorised")], [])
    async for _ in supervise(
        source, "p", clock=clock, report=Board().report, beat=lambda: beats.append(clock.now().mono_ns / 1e9)
    ):
        pass
    assert max(later - earlier for earlier, later in pairwise(beats)) <= 5
