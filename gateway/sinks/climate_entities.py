"""Rooms as Home Assistant's climate entities: announced, told on change, and open to wishes.

No state is ever guessed: what is not known is "None", and nothing is optimistic.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence

from gateway.config.climate import Room
from gateway.errors import Invalid, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.flow.wake import Waker
from gateway.links.contract import Link, Message
from gateway.sinks import entities as mqtt
from gateway.sinks.climate_discovery import modes, room_entities
from gateway.types.climate import Ask, Mode, RoomStatus
from gateway.wire import climate as wire
from gateway.wire.topics import OFFLINE, ONLINE, Topics

PAUSE_S = 1.0
"""Between two rounds of messages, however fast control ticks."""

_TOLD = ("mode", "preset", "target", "current", "humidity", "action", "problem", "attributes")


class ClimateEntities:
    """A `Contribution` to the Home Assistant publisher, and a service of its own: `run` it.

    `on_ask` is called in the event loop with every wish that can be understood. Retained wishes are older than we know
    and are dropped. Counters: "climate.asked", "climate.retained_ask", "climate.invalid.<key>".
    """

    def __init__(
        self,
        link: Link,
        gateway_id: str,
        name: str,
        rooms: Sequence[Room],
        *,
        on_ask: Callable[[Ask], None],
        clock: Clock,
        counters: Counters,
        version: str,
    ) -> None:
        self._link = link
        self._on_ask = on_ask
        self._clock = clock
        self._counters = counters
        self._topics = Topics(gateway=gateway_id)
        self._asked = {self._topics.room(room.name, what): (room.name, what) for room in rooms for what in wire.ASKED}
        self._offered = {room.name: modes(room) for room in rooms}
        self._modes = {room.name: Mode.AUTO for room in rooms}
        self._retained = {self._topics.room(room.name, "available"): OFFLINE for room in rooms}
        gateway = mqtt.gateway_device(self._topics, name, version)
        self.entities = tuple(entity for room in rooms for entity in room_entities(self._topics, room, gateway))
        self._lock = threading.Lock()
        self._waiting: dict[str, RoomStatus] = {}
        self._waker = Waker(asyncio.get_running_loop())

    def snapshot(self) -> tuple[mqtt.Message, ...]:
        return tuple(mqtt.Message(topic=topic, payload=text, retain=True) for topic, text in self._retained.items())

    def topics(self) -> tuple[str, ...]:
        return tuple(self._topics.room(room, what) for room in self._modes for what in ("available", *_TOLD))

    def publish(self, status: RoomStatus) -> None:
        """From any thread; never blocks. The newest status of a room goes out within `PAUSE_S`, as far as it differs
        from what was told."""
        with self._lock:
            self._waiting[status.room] = status
        self._waker.wake()

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Tell and listen until cancelled or until the link closes the subscription."""
        inbox = self._link.subscribe(*self._asked)
        try:
            async with asyncio.TaskGroup() as group:
                teller = group.create_task(self._tell(beat), name="climate-tell")
                async for message in inbox:
                    self._hear(message)
                teller.cancel()
        finally:
            inbox.close()

    async def _tell(self, beat: Callable[[], None]) -> None:
        while True:
            await self._waker.wait()
            beat()
            with self._lock:
                waiting, self._waiting = self._waiting, {}
            for status in waiting.values():
                await self._send(status)
            await self._clock.sleep(PAUSE_S)

    async def _send(self, status: RoomStatus) -> None:
        """Available last, so that nobody sees a room without its states."""
        self._modes[status.room] = status.wanted.mode
        for what, text in {**wire.told(status), "available": ONLINE}.items():
            topic = self._topics.room(status.room, what)
            if self._retained.get(topic) == text:
                continue
            self._retained[topic] = text
            try:
                await self._link.publish(topic, text, retain=True)
            except Transient:  # the next connection sends everything retained
                continue

    def _hear(self, message: Message) -> None:
        if message.retained:
            self._counters.add("climate.retained_ask")
            return
        room, what = self._asked[message.topic]
        try:
            ask = wire.ask_of(room, what, message.payload, self._modes[room])
            if ask.mode is not None and ask.mode not in self._offered[room]:
                raise Invalid("mode_unknown")
        except Invalid as error:
            self._counters.add(f"climate.invalid.{error.key}")
            return
        self._counters.add("climate.asked")
        self._on_ask(ask)
