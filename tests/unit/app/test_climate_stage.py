"""The stage around climate control: time from a clock, readings and wishes in, leased commands, rows and news out."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from gateway.app.climate_news import News
from gateway.app.climate_stage import ClimateStage
from gateway.climate.words import Alarm, Ask, Law, Preset, RoomStatus
from gateway.config.climate import Climate
from gateway.flow.board import Board, Counters
from gateway.sinks.climate_orders import Orders
from gateway.store.climate import ClimateLog
from gateway.store.database import Database
from gateway.testing.clock import FakeClock
from gateway.types import Command, Event, Kind, Level, Outcome, Quantity, Reading, Switch

from .corridor import done

START = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)
CLIMATE = Climate.model_validate({"rooms": [{"name": "hall", "sensor": "thermometer", "heater": "radiator"}]})


@dataclass
class Outside:
    """All that the stage talks to; the store and the climate control are the real ones."""

    log: ClimateLog
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    board: Board = field(default_factory=Board)
    counters: Counters = field(default_factory=Counters)
    commands: list[Command] = field(default_factory=list)
    published: list[RoomStatus] = field(default_factory=list)
    page: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    connected: bool = True
    believed: bool = True
    ticks: int = 0

    def publish(self, status: RoomStatus) -> None:
        self.published.append(status)
        self.ticks += 1

    def at_rest(self) -> bool:
        """The stage sleeps once after every tick."""
        return len(self.clock.slept) >= self.ticks > 0

    def stage(self) -> ClimateStage:
        async def deliver(command: Command) -> Outcome:
            self.commands.append(command)
            return done(command)

        orders = Orders(
            carry_out=deliver, renew=deliver, leases={"radiator": None}, clock=self.clock, counters=self.counters
        )
        news = News(
            publish=self.publish,
            page=lambda _topic, status: self.page.append(dict(status)),
            report=self.board.report,
            made=self.events.append,
        )
        return ClimateStage(
            CLIMATE,
            UTC,
            open_net=lambda: None,
            clock=self.clock,
            connected=lambda: self.connected,
            believed=lambda wall: wall if self.believed else None,
            orders=orders,
            log=self.log,
            news=news,
            counters=self.counters,
        )

    def temperature(self, value: float) -> Reading:
        return Reading(
            device="thermometer", quantity=Quantity.TEMPERATURE, value=value, unit="degC", stamp=self.clock.now()
        )

    @property
    def last(self) -> RoomStatus:
        return self.published[-1]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # what is waited for happens on other threads
            await asyncio.sleep(0.002)


@asynccontextmanager
async def at_work(outside: Outside) -> AsyncGenerator[ClimateStage, None]:
    stage = outside.stage()
    running = asyncio.create_task(stage.run(lambda: None))
    try:
        await until(lambda: outside.published or running.done())
        yield stage
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def live(outside: Outside, stage: ClimateStage, minutes: float, temp_c: float | None) -> None:
    """Every ten seconds a reading and a tick."""
    for _ in range(round(minutes * 6)):
        if temp_c is not None:
            stage.hear(outside.temperature(temp_c))
        await until(outside.at_rest)
        ticks = outside.ticks
        await outside.clock.advance(10.0)
        await until(partial(_ticked, outside, ticks))


def _ticked(outside: Outside, before: int) -> bool:
    return outside.ticks > before and outside.at_rest()


def switched(outside: Outside) -> list[bool]:
    return [command.action.on for command in outside.commands if isinstance(command.action, Switch)]


async def test_a_cold_room_is_heated_by_commands_that_hold_for_a_while_only(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        outside = Outside(ClimateLog(database))
        async with at_work(outside) as stage:
            await live(outside, stage, 6, 18.0)
            await until(lambda: True in switched(outside))
            assert outside.last.heating
            heat = next(command for command in outside.commands if command.action == Switch(on=True))
            assert heat.target == "radiator"
            assert heat.lease_s is not None
            assert 0 < heat.lease_s <= 900
            assert stage.status("hall") == outside.last
            await live(outside, stage, 5, 18.0)
            rows = await stage.history("hall", START, START + timedelta(hours=1))
            assert [row.columns["temp_c"] for row in rows] == [18.0, 18.0]
            assert rows[-1].columns["duty"] == 1.0


async def test_a_wish_counts_before_the_next_tick_is_due_and_a_restart_remembers_it(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        outside = Outside(ClimateLog(database))
        async with at_work(outside) as stage:
            stage.hear(outside.temperature(20.0))
            assert await stage.ask(Ask(room="hall", preset=Preset.ECO)) is None
            assert outside.last.wanted.target_c == 18.0
            assert await stage.ask(Ask(room="hall", target_c=300.0)) is Alarm.SETPOINT_REJECTED
            stage.ask_only(Ask(room="hall", target_c=19.5, for_s=3600))
            await until(lambda: outside.last.wanted.target_c == 19.5)
        outside.published.clear()
        async with at_work(outside):
            assert outside.last.wanted.target_c == 19.5
            assert Alarm.RESTARTED in outside.last.alarms


async def test_nothing_is_sent_into_the_void_and_who_comes_back_is_told_again(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        outside = Outside(ClimateLog(database))
        async with at_work(outside) as stage:
            await live(outside, stage, 6, 18.0)
            await until(lambda: True in switched(outside))
            outside.connected = False
            before = len(outside.commands)
            await live(outside, stage, 10, None)
            assert len(outside.commands) == before
            outside.connected = True
            await live(outside, stage, 1, 18.0)
            await until(lambda: len(outside.commands) > before)


async def test_what_is_wrong_with_a_room_is_its_state_and_an_event_once(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        outside = Outside(ClimateLog(database))
        async with at_work(outside) as stage:
            await live(outside, stage, 1, 20.0)
            assert outside.board.all()["climate/hall"].level is Level.OK
            await live(outside, stage, 75, None)
            state = outside.board.all()["climate/hall"]
            assert (state.level, state.key) == (Level.DEGRADED, "sensor_lost")
            alarms = [event for event in outside.events if event.kind is Kind.CLIMATE_ALARM]
            assert [event.label for event in alarms].count("sensor_lost") == 1
            assert any(event.label == Law.GUARD.value for event in outside.events)
            assert outside.page[-1]["alarms"] == sorted(outside.last.alarms)


async def test_a_clock_that_cannot_be_believed_is_told_and_costs_no_heat(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        outside = Outside(ClimateLog(database), believed=False)
        async with at_work(outside) as stage:
            await live(outside, stage, 6, 15.0)
            assert Alarm.CLOCK in outside.last.alarms
            await until(lambda: True in switched(outside))
            assert not await stage.history("hall", START - timedelta(days=1), START + timedelta(days=1))


async def test_readings_that_nobody_can_use_in_time_are_counted(tmp_path: Path) -> None:
    async with Database(tmp_path / "db") as database:
        outside = Outside(ClimateLog(database))
        stage = outside.stage()
        for _ in range(5000):
            stage.hear(outside.temperature(20.0))
        assert outside.counters.get("climate.readings_dropped") == 5000 - 4096
