"""What is left out under load, in which order, and when it comes back."""

from datetime import timedelta

import pytest

from gateway.models.tpu.shed import Limits, Shedder
from gateway.testing.clock import FakeClock
from gateway.types import Level, State


class Load:
    """A shedder on two cores whose time is told; one step is half a second."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.states: list[State] = []
        self.shedder = Shedder(clock=self.clock, report=self.states.append, limits=Limits(), cores=2)

    async def go(self, seconds: float, *, waited_s: float | None = None, busy: float = 0, missed: bool = False) -> None:
        """`busy` is the share of both cores that stands in."""
        for _ in range(round(seconds * 2)):
            await self.clock.advance(0.5)
            if waited_s is not None:
                self.shedder.served(waited_s)
            if missed:
                self.shedder.missed()
            if busy:
                self.shedder.stood_in(busy * 2 * 0.5)
            self.shedder.tick()

    @property
    def keys(self) -> list[str]:
        return [state.key for state in self.states]


@pytest.fixture
def load() -> Load:
    return Load()


async def test_a_quiet_home_leaves_nothing_out_and_says_so(load: Load) -> None:
    await load.go(60, waited_s=0.001)
    assert load.shedder.level() == 0
    assert [(state.part, state.key, state.level) for state in load.states] == [("load", "full", Level.OK)]


@pytest.mark.parametrize("pressure", [{"waited_s": 0.2}, {"missed": True}, {"busy": 0.8}])
async def test_each_kind_of_load_leaves_out_more_and_more(load: Load, pressure: dict[str, float]) -> None:
    await load.go(20, **pressure)  # type: ignore[arg-type]
    assert load.keys == ["full", "less_fps", "no_second_looks", "essential"]
    assert load.states[-1].level is Level.DEGRADED
    assert load.shedder.level() == 3


async def test_one_step_at_a_time_so_that_each_can_show_its_effect(load: Load) -> None:
    await load.go(20, busy=0.8)
    steps = [(b.since.wall - a.since.wall) for a, b in zip(load.states[1:], load.states[2:], strict=False)]
    assert all(step >= timedelta(seconds=3) for step in steps)


async def test_a_short_burst_leaves_nothing_out(load: Load) -> None:
    await load.go(10)
    await load.go(1, waited_s=0.09)
    await load.go(10, waited_s=0.0)
    assert load.keys == ["full"]


async def test_what_was_left_out_comes_back_slowly_last_things_first(load: Load) -> None:
    await load.go(20, busy=0.8)
    await load.go(14)
    assert load.shedder.level() == 3
    await load.go(60)
    assert load.keys[3:] == ["essential", "no_second_looks", "less_fps", "full"]


async def test_between_the_marks_nothing_changes(load: Load) -> None:
    """At 70 % of what is too much neither more nor less is left out."""
    await load.go(7, busy=0.8)
    level = load.shedder.level()
    assert level == 1
    await load.go(6, busy=0.28)
    kept = load.shedder.level()
    await load.go(120, busy=0.28)
    assert load.shedder.level() == kept


async def test_nobody_asks_nothing_is_left_out(load: Load) -> None:
    await load.go(60)
    assert load.shedder.level() == 0
