"""Keeps what is retained on the broker in step with what we are: nothing of ours stays behind when it is gone."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.links.subscription import Subscription
from gateway.wire.discovery import Announcement

REMEMBERED = "homeassistant/announced"
"""Key of the remembered JSON: topic -> {"sha": of the payload, "components": key -> platform}."""

SETTLE_S = 2.0
"""Seconds; Home Assistant builds or removes an entity some tenths of a second after the message."""

Known = dict[str, dict[str, object]]


class Link(Protocol):
    """The part of `gateway.links.mqtt.MqttLink` that the publisher uses."""

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False) -> None: ...

    def subscribe(self, *filters: str, size: int = 256) -> Subscription: ...

    def on_connected(self, hook: Callable[[], Awaitable[None]]) -> None: ...


class Remember(Protocol):
    """Text kept across restarts; `gateway.store.keyvalue.KeyValue` is one."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class Register:
    """A memory that fails (a full disk) is counted and does not keep us from announcing.

    Counters: "homeassistant.announced", "homeassistant.withdrawn", "homeassistant.memory_unreadable",
    "homeassistant.not_remembered".
    """

    def __init__(self, link: Link, remember: Remember, counters: Counters, clock: Clock) -> None:
        self._link = link
        self._remember = remember
        self._counters = counters
        self._clock = clock

    async def known(self) -> Known:
        """What was retained under our name when we last looked."""
        try:
            known = json.loads(await self._remember.get(REMEMBERED) or "{}")
        except (ValueError, GatewayError):
            known = None
        if isinstance(known, dict) and all(isinstance(entry, dict) for entry in known.values()):
            return known
        self._counters.add("homeassistant.memory_unreadable")
        return {}

    async def bring(self, announcements: Sequence[Announcement], states: Sequence[str]) -> bool:
        """Withdraw what is no longer there, then announce; whether anything changed. `states` are the topics
        that we keep retained ourselves. Raises `Transient` without a broker."""
        before = await self.known()
        after: Known = {topic: {} for topic in states} | {told.topic: _entry(told) for told in announcements}
        if before != after:  # first, so that a crash on the way leaves nothing behind for ever
            await self._save({**before, **after})
        await self._withdraw(before, after)
        for told in announcements:
            await self._link.publish(told.topic, told.payload, retain=True)
        self._counters.add("homeassistant.announced", len(announcements))
        if before != after:
            await self._save(after)
        return before != after

    async def _save(self, known: Known) -> None:
        try:
            await self._remember.set(REMEMBERED, json.dumps(known))
        except GatewayError:
            self._counters.add("homeassistant.not_remembered")

    async def _withdraw(self, before: Known, after: Known) -> None:
        """Announcements first, then their states: an entity that still lives complains of an emptied state, and
        the same ids may only come in a new form once the old one is gone."""
        gone = [topic for topic in before if topic not in after]
        announcements = [topic for topic in gone if before[topic]]
        await self._clear(announcements)
        if announcements:
            await self._clock.sleep(SETTLE_S)
        await self._clear([topic for topic in gone if not before[topic]])

    async def _clear(self, topics: Sequence[str]) -> None:
        for topic in topics:
            await self._link.publish(topic, b"", retain=True)
        self._counters.add("homeassistant.withdrawn", len(topics))


def components(known: Known) -> Mapping[str, Mapping[str, str]]:
    """Topic -> key -> platform of what was announced in the device form."""
    found: dict[str, dict[str, str]] = {}
    for topic, entry in known.items():
        told = entry.get("components")
        if isinstance(told, dict):
            found[topic] = {str(key): str(platform) for key, platform in told.items()}
    return found


def _entry(told: Announcement) -> dict[str, object]:
    return {"sha": hashlib.sha256(told.payload.encode()).hexdigest(), "components": dict(told.components)}
