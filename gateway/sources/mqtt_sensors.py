"""Sensors that speak MQTT: their messages become readings in canonical units with an honest quality."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence

from gateway.errors import Invalid, SourceLost
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.links.contract import Link, Message
from gateway.seams import StateReport
from gateway.sources.sensor import SensorSpec, SensorTrack, decode
from gateway.types import Level, Quality, Reading, State

__all__ = ["MqttSensorSource", "SensorSpec"]

_log = logging.getLogger(__name__)


class MqttSensorSource:
    """A `Source[Reading]` of all sensors behind one MQTT link.

    A live value is GOOD, or SUSPECT where it is implausible. A retained one is STALE until a live one comes; a
    retained repetition of what is known is no news. A sensor silent for longer than its `max_age_s` gives its
    last value once more as STALE. What cannot be read is dropped, counted as "sensor.invalid.<key>" and logged
    once per sensor and key. Raises `SourceLost` ("subscription_closed").
    """

    def __init__(
        self,
        link: Link,
        sensors: Sequence[SensorSpec],
        *,
        clock: Clock,
        report: StateReport,
        counters: Counters,
        name: str = "mqtt",
        tick_s: float = 1.0,
    ) -> None:
        self.name = name
        self._link = link
        self._clock = clock
        self._report = report
        self._counters = counters
        self._tick_s = tick_s
        self._tracks = tuple(SensorTrack(spec) for spec in sensors)
        self._by_topic: defaultdict[str, list[SensorTrack]] = defaultdict(list)
        for track in self._tracks:
            self._by_topic[track.spec.topic].append(track)
        self._complained: set[tuple[str, str, str]] = set()

    async def stream(self) -> AsyncGenerator[Reading, None]:
        """Readings in order of arrival, for ever."""
        inbox = self._link.subscribe(*self._by_topic)
        messages = aiter(inbox)
        arrival = tick = None
        for track in self._tracks:
            track.begin(self._clock.now())
            self._tell(track, Level.STARTING, "waiting")
        try:
            while True:
                arrival = arrival or asyncio.ensure_future(_next(messages))
                tick = tick or asyncio.ensure_future(self._clock.sleep(self._tick_s))
                done, _ = await asyncio.wait({arrival, tick}, return_when=asyncio.FIRST_COMPLETED)
                if arrival in done:
                    message, arrival = arrival.result(), None
                    for reading in self._read(message):
                        yield reading
                if tick in done:
                    tick = None
                    for reading in self._silent():
                        yield reading
        finally:
            await _cancel(arrival, tick)
            inbox.close()

    def _read(self, message: Message) -> Iterable[Reading]:
        now = self._clock.now()
        for track in self._by_topic.get(message.topic, ()):
            try:
                value = decode(track.spec, message.payload)
            except Invalid as error:
                self._complain(track.spec, error)
                continue
            reading = track.take(value, now, retained=message.retained)
            if reading is None:
                self._counters.add("sensor.repeated")
                continue
            self._counters.add("sensor.readings")
            self._say(track, reading.quality, retained=message.retained)
            yield reading

    def _silent(self) -> Iterable[Reading]:
        now = self._clock.now()
        for track in self._tracks:
            if not track.silent(now):
                continue
            self._counters.add("sensor.silent")
            self._tell(track, Level.DEGRADED, "sensor_silent")
            reading = track.stale()
            if reading is not None:
                yield reading

    def _say(self, track: SensorTrack, quality: Quality, *, retained: bool) -> None:
        if retained:
            self._tell(track, Level.STARTING, "only_retained")
        elif quality is Quality.SUSPECT:
            self._tell(track, Level.DEGRADED, "sensor_implausible")
        else:
            self._tell(track, Level.OK, "running")

    def _tell(self, track: SensorTrack, level: Level, key: str) -> None:
        part = f"sensor/{track.spec.device}/{track.spec.quantity.value}"
        self._report(State(part=part, level=level, key=key, since=self._clock.now()))

    def _complain(self, spec: SensorSpec, error: Invalid) -> None:
        self._counters.add(f"sensor.invalid.{error.key}")
        kind = (spec.device, spec.quantity.value, error.key)
        if kind not in self._complained:
            self._complained.add(kind)
            _log.warning("%s of %s dropped: %s; more of the kind are only counted", spec.quantity, spec.device, error)


async def _next(messages: AsyncIterator[Message]) -> Message:
    try:
        return await anext(messages)
    except StopAsyncIteration:
        raise SourceLost("subscription_closed") from None


async def _cancel(*tasks: asyncio.Future[Message] | asyncio.Future[None] | None) -> None:
    waiting = [task for task in tasks if task is not None]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
