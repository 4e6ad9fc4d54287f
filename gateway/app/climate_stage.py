"""Climate control in the running gateway: a tick every ten seconds on a thread of its own, orders out, states told."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from gateway.app.climate_ahead import Coming, foretold
from gateway.app.climate_news import News
from gateway.app.recorder import written
from gateway.app.steady_clock import SteadyClock
from gateway.climate.forecast.net import Net
from gateway.climate.history import DAYS, Rows, on_grid
from gateway.climate.home import Home, Tick
from gateway.climate.words import Alarm, Ask, Moment, Preset, RoomStatus
from gateway.config.climate import Climate
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.flow.wake import Waker
from gateway.sinks.climate_discovery import modes
from gateway.sinks.climate_orders import Orders
from gateway.store.climate import ClimateLog, ClimateRow
from gateway.types import Reading, Stamp
from gateway.web.parts import RoomView
from gateway.wire.hourly import Hourly

TICK_S = 10.0
SAVE_EVERY_S = 900.0
WHOLE_HOME = "*"
"""Under which the snapshot is kept; no room can be called so."""

_MOST_READINGS = 4096

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    ask: Ask
    answer: asyncio.Future[Alarm | None] | None = None


class ClimateStage:
    """Everything but the ticks themselves belongs to the event loop. `open_net` opens the forecaster on the thread that
    ticks. `believed` tells the wall clock's time where
    something keeps it right, else None. Counters: "climate.readings_dropped", and those of `Orders`."""

    def __init__(
        self,
        climate: Climate,
        zone: tzinfo,
        *,
        open_net: Callable[[], Net | None],
        clock: Clock,
        connected: Callable[[], bool],
        believed: Callable[[datetime], datetime | None],
        orders: Orders,
        log: ClimateLog,
        news: News,
        counters: Counters,
    ) -> None:
        self._climate = climate
        self._zone, self._open_net = zone, open_net
        self._clock = clock
        self._connected = connected
        self._believed = believed
        self._steady = SteadyClock()
        self._orders = orders
        self._log = log
        self._news = news
        self._counters = counters
        self._heard: deque[Reading] = deque()
        self._asked: list[_Wish] = []
        self._statuses: Mapping[str, RoomStatus] = {}
        self._coming = Coming(climate.tariff, zone)
        self._prices: Hourly | None = None
        self._weather: Hourly | None = None
        self._waker = Waker(asyncio.get_running_loop())
        self._saved_s = float("-inf")

    def hear(self, reading: Reading) -> None:
        """Counts at the next tick."""
        if len(self._heard) >= _MOST_READINGS:
            self._heard.popleft()
            self._counters.add("climate.readings_dropped")
        self._heard.append(reading)

    def hear_prices(self, told: Hourly) -> None:
        self._prices = told

    def hear_weather(self, told: Hourly) -> None:
        self._weather = told

    async def ask(self, ask: Ask) -> Alarm | None:
        """Counts at once. The alarm that it raises where it is not taken."""
        answer: asyncio.Future[Alarm | None] = asyncio.get_running_loop().create_future()
        self._wish(_Wish(ask=ask, answer=answer))
        return await answer

    def ask_only(self, ask: Ask) -> None:
        """For who cannot be answered; what is refused is seen as the room's alarm."""
        self._wish(_Wish(ask=ask))

    def _wish(self, wish: _Wish) -> None:
        self._asked.append(wish)
        self._waker.wake()

    def rooms(self) -> Sequence[RoomView]:
        return [
            RoomView(
                name=room.name,
                title=room.title or room.name,
                modes=modes(room),
                presets={preset: getattr(room.presets, preset.value) for preset in Preset},
                set_min_c=room.limits.set_min_c,
                set_max_c=room.limits.set_max_c,
            )
            for room in self._climate.rooms
        ]

    def status(self, room: str) -> RoomStatus | None:
        return self._statuses.get(room)

    async def history(self, room: str, since: datetime, until: datetime) -> Sequence[ClimateRow]:
        return await self._log.rows(room, since, until)

    async def run(self, beat: Callable[[], None]) -> None:
        """Until cancelled; then what was learned is saved. Heaters fall back by themselves once their leases end."""
        with _thread("climate") as thread, _thread("climate-learn") as learning:
            await self._restore(thread, learning)
            try:
                async with asyncio.TaskGroup() as sending:
                    while True:
                        beat()
                        await self._once(thread, sending)
                        await self._pause()
            finally:
                await self._save(thread)

    async def _once(self, thread: ThreadPoolExecutor, sending: asyncio.TaskGroup) -> None:
        stamp = self._clock.now()
        now = self._moment(stamp)
        heard, self._heard = self._heard, deque()
        wishes, self._asked = self._asked, []
        loop = asyncio.get_running_loop()
        tick, alarms = await loop.run_in_executor(thread, self._tick, now, heard, [wish.ask for wish in wishes])
        for wish, alarm in zip(wishes, alarms, strict=True):
            if wish.answer is not None and not wish.answer.done():
                wish.answer.set_result(alarm)
        self._statuses = tick.statuses
        self._news.tell(tick.statuses, stamp)
        if tick.orders:
            sending.create_task(self._send(tick, stamp), name="climate/orders")
        await self._keep(tick)
        if wishes or now.mono_s - self._saved_s >= SAVE_EVERY_S:
            await self._save(thread)

    def _tick(self, now: Moment, heard: deque[Reading], asks: Sequence[Ask]) -> tuple[Tick, list[Alarm | None]]:
        """On the climate thread."""
        prices, self._prices = self._prices, None
        weather, self._weather = self._weather, None
        if prices is not None:
            self._home.hear_prices(prices)
            self._coming.hear_prices(prices)
        if weather is not None:
            self._home.hear_weather(weather)
        for reading in heard:
            self._home.hear(reading, now)
        alarms = [self._home.ask(ask, now) for ask in asks]
        tick = self._home.tick(now, link_up=self._connected())
        self._coming.look(self._home, tick.rows, now)
        statuses = {room: self._coming.shown(status) for room, status in tick.statuses.items()}
        return replace(tick, statuses=statuses), alarms

    async def _send(self, tick: Tick, stamp: Stamp) -> None:
        await self._orders.send(tick.orders, cause="climate", trigger=stamp)

    async def _keep(self, tick: Tick) -> None:
        wall = self._clock.now().wall
        for room, row in tick.rows.items():
            time = datetime.fromtimestamp(row["time_s"], wall.tzinfo) if row["time_s"] == row["time_s"] else None
            if time is None:  # nobody knows when this was: it counts while we run, and is not kept
                continue
            status = tick.statuses[room]
            columns = {**row, "price": status.price, **foretold(status)}
            await written("climate", self._log.add_row(room, time, columns), self._counters)

    async def _save(self, thread: ThreadPoolExecutor) -> None:
        stamp = self._clock.now()
        now = self._moment(stamp)
        self._saved_s = now.mono_s
        state = await asyncio.get_running_loop().run_in_executor(thread, self._home.snapshot, now)
        await written("climate", self._log.snapshot(WHOLE_HOME, state, stamp.wall), self._counters)

    async def _restore(self, thread: ThreadPoolExecutor, learning: ThreadPoolExecutor) -> None:
        stamp = self._clock.now()
        now = self._moment(stamp)
        saved = await self._log.restore(WHOLE_HOME)
        rows = {room.name: await self._lived(room.name, stamp.wall) for room in self._climate.rooms}
        await asyncio.get_running_loop().run_in_executor(thread, self._begin, saved, now, rows, learning)

    def _begin(
        self, saved: Mapping[str, object], now: Moment, rows: Mapping[str, Rows], learning: ThreadPoolExecutor
    ) -> None:
        """On the climate thread."""
        self._home = Home(self._climate, self._zone, self._open_net(), learning)
        self._home.restore(saved, now, rows)

    async def _lived(self, room: str, until: datetime) -> Rows:
        kept = await self._log.rows(room, until - timedelta(days=DAYS), until)
        return on_grid([{**row.columns, "time_s": row.time.timestamp()} for row in kept], until.timestamp())

    def _moment(self, stamp: Stamp) -> Moment:
        mono_s = stamp.mono_ns / 1e9
        steady = self._steady.believed(mono_s, stamp.wall)
        return Moment(mono_s=mono_s, wall=None if steady is None else self._believed(stamp.wall))

    async def _pause(self) -> None:
        """Until the next tick is due or somebody wishes for something."""
        waiting = [asyncio.ensure_future(self._clock.sleep(TICK_S)), asyncio.ensure_future(self._waker.wait())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


def _thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
