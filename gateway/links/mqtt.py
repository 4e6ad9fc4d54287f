"""One MQTT connection for all users of the gateway.

It connects for ever with jittered back-off, subscribes again after every reconnect, runs the hooks that bring
the outside world up to date, and says what is wrong in the state of the part "broker". Nothing is kept across
connections: what must not be lost belongs in the outbox of the store, what must be known later is retained.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.flow.supervise import Backoff
from gateway.links.connection import Connection
from gateway.links.subscription import MqttMessage, Subscription
from gateway.seams import StateReport
from gateway.types import Level, State

__all__ = ["MqttLink", "MqttMessage", "Subscription", "Will"]

PAYLOAD_LIMIT = 256 * 1024
"""Bytes; a longer payload is no message of a house device and is counted and dropped."""

_UNAUTHORISED = {134, 135}  # "Bad user name or password", "Not authorized", as paho translates 3.1.1 codes
_REFUSED = {132, 133}  # "Unsupported protocol version", "Client identifier not valid"
_BEAT_S = 5.0

Hook = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker publishes when we vanish, and `MqttLink.close` when we leave in good order."""

    topic: str
    payload: str = "offline"
    retain: bool = True
    qos: int = 1


class MqttLink:
    """`run` it as one task; everybody else publishes and subscribes at any time.

    A broker that hangs is noticed after `keepalive_s` to twice that. Counters: "mqtt.published",
    "mqtt.received", "mqtt.dropped" (a subscriber was too slow), "mqtt.oversized", "mqtt.subscribe_refused",
    "mqtt.connections".
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        identity: str,
        will: Will | None,
        clock: Clock,
        report: StateReport,
        counters: Counters,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        keepalive_s: int = 10,
        backoff: Backoff | None = None,
    ) -> None:
        self._will = will
        self._clock = clock
        self._report = report
        self._counters = counters
        self._backoff = backoff or Backoff()
        self._hooks: list[Hook] = []
        self._subscriptions: list[Subscription] = []
        self._connection: Connection | None = None
        self._connected = asyncio.Event()
        self._closing = asyncio.Event()
        self._dial: Callable[[], Connection] = lambda: Connection(
            receive=self._receive,
            host=host,
            port=port,
            identity=identity,
            will=aiomqtt.Will(will.topic, will.payload, will.qos, will.retain) if will else None,
            username=username,
            password=password,
            tls=ssl.create_default_context() if tls else None,
            keepalive_s=keepalive_s,
        )

    @property
    def connected(self) -> bool:
        return self._connected.is_set()

    async def wait_connected(self) -> None:
        """Until the broker has accepted us and every subscription made so far."""
        await self._connected.wait()

    def on_connected(self, hook: Hook) -> None:
        """Have `hook` called after every connection, in order of registration; one that raises `Transient`
        makes the connection count as lost."""
        self._hooks.append(hook)

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False) -> None:
        """Hand a message to the broker and wait until it has it (QoS 0: until it is on the wire).

        Raises `Transient("broker_unreachable")` when there is no connection or it is lost meanwhile.
        """
        connection = self._connection
        if connection is None or not self.connected:
            raise Transient("broker_unreachable")
        try:
            await connection.publish(topic, payload, qos, retain)
        except aiomqtt.MqttError:
            connection.fail()
            raise Transient("broker_unreachable") from None
        self._counters.add("mqtt.published")

    def subscribe(self, *filters: str, size: int = 256) -> Subscription:
        """Messages on topics that match any of `filters`, at most `size` of them waiting.

        Retained messages come first, and again after every reconnect. Keep the filters of different
        subscriptions disjoint: a broker may deliver a message once for each filter that matches.
        """
        subscription = Subscription(filters, size, self._counters, self._unsubscribe)
        self._subscriptions.append(subscription)
        if self._connection is not None and self.connected:
            self._connection.listen(filters)
        return subscription

    def _unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.remove(subscription)
        wanted = {name for other in self._subscriptions for name in other.filters}
        unused = [name for name in subscription.filters if name not in wanted]
        if unused and self._connection is not None and self.connected:
            self._connection.unlisten(unused)

    def _receive(self, topic: str, payload: bytes, retained: bool) -> None:
        self._counters.add("mqtt.received")
        if len(payload) > PAYLOAD_LIMIT:
            self._counters.add("mqtt.oversized")
            return
        message = MqttMessage(topic=topic, payload=payload, retained=retained)
        for subscription in self._subscriptions:
            subscription.offer(message)

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Stay connected until `close`. Cancelled instead, the connection is cut and the broker sends the will."""
        self._tell(Level.STARTING, "connecting")
        failures = 0
        while not self._closing.is_set():
            began = self._clock.now()
            try:
                await self._session(beat)
                continue
            except Transient as error:
                failures = 0 if self._clock.now().seconds_since(began) >= self._backoff.healthy_s else failures
                wait_s = self._backoff.wait_s(failures)
                failures += 1
                self._tell(Level.DEGRADED, error.key, str(error))
            except Refused as error:
                wait_s = self._backoff.refused_s
                self._tell(Level.DOWN, error.key, str(error))
            await self._pause(wait_s, beat)
        self._tell(Level.OFF, "closed")

    async def close(self) -> None:
        """Publish the will ourselves (a clean disconnect suppresses it), disconnect, let `run` end."""
        try:
            if self._will is not None:
                await self.publish(self._will.topic, self._will.payload, qos=self._will.qos, retain=self._will.retain)
        except Transient:
            pass  # no connection: the broker has published it, or never knew us
        self._closing.set()

    async def _session(self, beat: Callable[[], None]) -> None:
        """One connection; returns when closing, raises `Transient` or `Refused`."""
        try:
            async with self._dial() as connection:
                await self._set_up(connection)
                await self._stay(connection, beat)
        except GatewayError:
            raise
        except aiomqtt.MqttError as error:
            raise _translated(error) from None
        finally:
            self._connected.clear()
            self._connection = None
        if not self._closing.is_set():
            raise Transient("broker_unreachable", reason="connection lost")

    async def _set_up(self, connection: Connection) -> None:
        filters = list(dict.fromkeys(name for sub in self._subscriptions for name in sub.filters))
        refused = sum(code >= 0x80 for codes in [await f for f in connection.listen(filters)] for code in codes)
        if refused:
            self._counters.add("mqtt.subscribe_refused", refused)
        self._connection = connection
        self._connected.set()
        late = [n for sub in self._subscriptions for n in sub.filters if n not in filters]
        connection.listen(late)
        for hook in self._hooks:
            await hook()
        self._counters.add("mqtt.connections")
        self._tell(Level.OK, "running")

    async def _stay(self, connection: Connection, beat: Callable[[], None]) -> None:
        closing = asyncio.ensure_future(self._closing.wait())
        ends: set[asyncio.Future[Any]] = {closing, connection.lost}
        try:
            while not (self._closing.is_set() or connection.lost.done()):
                beat()
                await asyncio.wait(ends, timeout=_BEAT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()

    async def _pause(self, seconds: float, beat: Callable[[], None]) -> None:
        """Sleep in steps, so that a long back-off is not mistaken for a hang; closing ends it."""
        while seconds > 0 and not self._closing.is_set():
            beat()
            waits: set[asyncio.Future[Any]] = {
                asyncio.ensure_future(self._clock.sleep(min(seconds, _BEAT_S))),
                asyncio.ensure_future(self._closing.wait()),
            }
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
            seconds -= _BEAT_S

    def _tell(self, level: Level, key: str, detail: str = "") -> None:
        self._report(State(part="broker", level=level, key=key, detail=detail, since=self._clock.now()))


def _translated(error: aiomqtt.MqttError) -> GatewayError:
    """What the receiver does next about a failed connection."""
    code = error.rc.value if isinstance(error, aiomqtt.MqttCodeError) and isinstance(error.rc, ReasonCode) else None
    if code in _UNAUTHORISED:
        return Refused("broker_unauthorised")
    if code in _REFUSED:
        return Refused("broker_refused", code=code)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Refused("broker_certificate")
    return Transient("broker_unreachable", reason=str(error))
