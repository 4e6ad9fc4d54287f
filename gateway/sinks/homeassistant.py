"""Publishes the gateway on MQTT and announces it to Home Assistant.

Retained states and announcements are sent again on every connection and after Home Assistant came up. After
an announcement that changed something the states follow once more, because a changed entity forgets some
attributes and does not fetch them anew. An unchanged announcement changes nothing there.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from gateway.errors import Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.links.subscription import MqttMessage, Subscription
from gateway.sinks.entities import Contribution, Entities, Message, entities
from gateway.sinks.register import SETTLE_S, Link, Register, Remember, components
from gateway.types import Event, State
from gateway.wire import discovery
from gateway.wire.discovery import Announcement
from gateway.wire.topics import OFFLINE, ONLINE, Topics

Form = Literal["single", "device", "off"]


class HomeAssistantPublisher:
    """`start` it before the link runs, `run` it as a service, tell it of every event and state.

    `form` "single" works with every Home Assistant, "device" from 2024.12 on, "off" publishes our own topics
    only; a change of form takes the other form back first. What is in `more` is announced and sent again with all the
    rest. Without a broker retained messages wait for the
    next connection; others are counted in "homeassistant.unsent". Further counters: "homeassistant.births",
    "homeassistant.odd_messages" and those of `Register`.
    """

    def __init__(
        self,
        link: Link,
        gateway_id: str,
        name: str,
        cameras: Sequence[str],
        *,
        remember: Remember,
        counters: Counters,
        clock: Clock,
        version: str,
        form: Form = "single",
        prefix: str = discovery.PREFIX,
        page: str | None = None,
        more: Sequence[Contribution] = (),
    ) -> None:
        self._link = link
        self._topics = Topics(gateway=gateway_id)
        self._state = Entities(self._topics, cameras)
        self._more = tuple(more)
        added = (entity for part in self._more for entity in part.entities)
        self._entities = (*entities(self._topics, name, cameras, version, page), *added)
        self._register = Register(link, remember, counters, clock)
        self._counters = counters
        self._clock = clock
        self._version = version
        self._form = form
        self._prefix = prefix
        self._births: Subscription | None = None
        self._changed = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Listen to Home Assistant and have everything sent on every connection."""
        self._births = self._link.subscribe(f"{self._prefix}/status", size=8)
        self._link.on_connected(self._bring_up)

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Answer Home Assistant's births and follow up on changed announcements, until `stop`."""
        assert self._births is not None, "start it first"
        follow_up = asyncio.create_task(self._follow_up(), name="homeassistant-follow-up")
        try:
            async for message in self._births:
                beat()
                await self._on_birth(message)
        finally:
            follow_up.cancel()
            await asyncio.gather(follow_up, return_exceptions=True)

    async def stop(self) -> None:
        """End `run`. `offline` is published by the link, which closes later."""
        if self._births is not None:
            self._births.close()

    async def on_event(self, event: Event) -> None:
        await self._send(self._state.on_event(event))

    async def on_state(self, state: State) -> None:
        await self._send(self._state.on_state(state))

    async def announce(self) -> None:
        """Bring the announcements on the broker up to date. Raises `Transient` without a broker."""
        async with self._one_at_a_time:
            told = self._announcements(components(await self._register.known()))
            states = (*self._state.topics(), *(topic for part in self._more for topic in part.topics()))
            if await self._register.bring(told, states):
                self._changed.set()

    def _announcements(self, before: discovery.Components) -> tuple[Announcement, ...]:
        if self._form == "single":
            return discovery.single(self._entities, self._version, self._prefix)
        if self._form == "device":
            return discovery.by_device(self._entities, self._version, self._prefix, before)
        return ()

    async def _bring_up(self) -> None:
        """Everything retained, `online` last: who is seen as available has its states already."""
        await self.announce()
        for message in self._snapshot():
            await self._link.publish(message.topic, message.payload, retain=True)
        await self._link.publish(self._topics.status, ONLINE, retain=True)

    async def _on_birth(self, message: MqttMessage) -> None:
        """A retained birth is as old as our own connection, which has just sent everything."""
        if message.payload == ONLINE.encode():
            if message.retained:
                return
            self._counters.add("homeassistant.births")
            try:
                await self._bring_up()
            except Transient:  # the next connection brings everything up
                return
        elif message.payload != OFFLINE.encode():
            self._counters.add("homeassistant.odd_messages")

    async def _follow_up(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._clock.sleep(SETTLE_S)
            await self._send(self._snapshot())

    def _snapshot(self) -> tuple[Message, ...]:
        return (*(message for part in self._more for message in part.snapshot()), *self._state.snapshot())

    async def _send(self, messages: Iterable[Message]) -> None:
        """In order, as far as the broker takes them."""
        lost = False
        for message in messages:
            try:
                if not lost:
                    await self._link.publish(message.topic, message.payload, retain=message.retain)
            except Transient:
                lost = True
            if lost and not message.retain:
                self._counters.add("homeassistant.unsent")
