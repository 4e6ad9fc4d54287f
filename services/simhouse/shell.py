"""The MQTT side of the house: announces, tells, obeys, and comes back after every broken connection."""

import asyncio
import logging
import random
import secrets
import socket
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

from gateway.errors import Invalid
from services.simhouse import house as core
from services.simhouse.credentials import Credentials
from services.simhouse.discovery import announcements
from services.simhouse.faults import Fault, Faults

_log = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.5
_MOST_WAIT_S = 30.0
_ANSWER_S = 5.0
_BIRTH = "homeassistant/status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How this house is run. `speed` is simulated seconds per real second; `tick_s` and `report_s` are real."""

    host: str
    port: int
    credentials: Credentials
    room: str = "hall"
    speed: float = 1.0
    tick_s: float = 0.5
    report_s: float = 5.0


@dataclass(slots=True, eq=False)
class _Memory:
    """What this connection has told already."""

    states: dict[str, str] = field(default_factory=dict)
    reported_s: float = float("-inf")


class Shell:
    """Runs one house on one broker. A retained command is an old one: it is ignored."""

    def __init__(self, setup: Setup, house: core.House, faults: Faults) -> None:
        self._setup = setup
        self._house = house
        self._faults = faults
        self._base = f"simhouse/{setup.room}"
        self._status = f"{self._base}/status"
        self._failures = 0
        self._memory = _Memory()
        self._stepped_s: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then "offline" is published and the connection closed in good order."""
        while not stop.is_set():
            try:
                await self._session(stop)
            except aiomqtt.MqttError as error:
                whole_s = min(_MOST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(self._failures, 16))
                self._failures += 1
                _log.warning("no broker at %s:%d: %s", self._setup.host, self._setup.port, error)
                await _wait(stop, random.uniform(whole_s / 2, whole_s))  # noqa: S311 - jitter is no secret

    async def _session(self, stop: asyncio.Event) -> None:
        async with aiomqtt.Client(
            self._setup.host,
            self._setup.port,
            identifier=f"simhouse-{self._setup.room}-{secrets.token_hex(3)}",
            username=self._setup.credentials.user,
            password=self._setup.credentials.password,
            will=aiomqtt.Will(self._status, "offline", qos=1, retain=True),
            keepalive=10,
            timeout=_ANSWER_S,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # Nagle costs up to 40 ms a message
        ) as client:
            await self._arrive(client)
            self._failures = 0
            await self._live(client, stop)
            await client.publish(self._status, "offline", qos=1, retain=True)

    async def _arrive(self, client: aiomqtt.Client) -> None:
        base = self._base
        own = ("+/set", "lamp/brightness/set", "heater/lease/set", "+/fault")
        for wanted in (*(f"{base}/{topic}" for topic in own), _BIRTH):
            await client.subscribe(wanted, qos=1)
        await self._announce(client)
        await client.publish(self._status, "online", qos=1, retain=True)

    async def _announce(self, client: aiomqtt.Client) -> None:
        for topic, payload in announcements(self._setup.room, self._setup.report_s):
            await client.publish(topic, payload, qos=1, retain=True)
        self._memory = _Memory()

    async def _live(self, client: aiomqtt.Client, stop: asyncio.Event) -> None:
        """Time passes, commands come; ends on `stop`, raises `aiomqtt.MqttError` with the connection.

        One task does it all: cancelling one that publishes is not safe, `asyncio.wait_for` of Python 3.11 swallows
        a cancellation that meets the broker's acknowledgement.
        """
        messages = aiter(client.messages)
        stopping = asyncio.ensure_future(stop.wait())
        arrival: asyncio.Future[aiomqtt.Message] | None = None
        try:
            while not stop.is_set():
                self._step()
                await self._tell(client)
                arrival = arrival or asyncio.ensure_future(anext(messages))
                ends: set[asyncio.Future[Any]] = {stopping, arrival}
                await asyncio.wait(ends, timeout=self._setup.tick_s, return_when=asyncio.FIRST_COMPLETED)
                if arrival.done():
                    message, arrival = arrival.result(), None
                    await self._take(client, message)
        finally:
            waiting = [task for task in (stopping, arrival) if task is not None]
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _take(self, client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        try:
            await self._hear(client, message.topic.value, message.payload, retained=message.retain)
        except Invalid as error:
            _log.warning("message on %s dropped: %s", message.topic, error)

    def _step(self) -> None:
        """Time went on also while there was no broker."""
        now_s = asyncio.get_running_loop().time()
        if self._stepped_s is not None:
            self._house = core.step(self._house, (now_s - self._stepped_s) * self._setup.speed)
        self._stepped_s = now_s

    async def _tell(self, client: aiomqtt.Client) -> None:
        now_s = asyncio.get_running_loop().time()
        power = "heater/power"
        states, readings = core.states(self._house), core.readings(self._house)
        for topic, payload in states.items():
            if self._memory.states.get(topic) != payload:
                await self._publish(client, topic, payload, retain=True)
        due = now_s - self._memory.reported_s >= self._setup.report_s
        for topic, payload in readings.items():
            if due or (topic == power and self._memory.states.get(topic) != payload):
                await self._publish(client, topic, payload, retain=False)
        if due:
            self._memory.reported_s = now_s

    async def _publish(self, client: aiomqtt.Client, topic: str, payload: str, *, retain: bool) -> None:
        device = topic.partition("/")[0]
        self._memory.states[topic] = payload
        if not self._faults.mute(device):
            said = self._faults.spoil(device, payload)
            await client.publish(f"{self._base}/{topic}", said, qos=1, retain=retain)

    async def _hear(self, client: aiomqtt.Client, topic: str, payload: bytes, *, retained: bool) -> None:
        if topic == _BIRTH:
            if payload == b"online" and not retained:
                await self._announce(client)
            return
        if retained:
            raise Invalid("retained_command")
        what, _, verb = topic.removeprefix(f"{self._base}/").rpartition("/")
        if verb == "fault":
            self._faults.set(what, _fault(payload))
        elif not self._faults.mute(what.partition("/")[0]):
            self._step()
            self._house = core.obey(self._house, what, payload)
            self._memory.states.pop(f"{what}/state", None)  # a device answers also where nothing changed


def _fault(payload: bytes) -> Fault:
    try:
        return Fault(payload.decode("utf-8"))
    except ValueError as error:
        raise Invalid("no_such_fault") from error


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
