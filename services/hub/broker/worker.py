"""One worker's connection to the broker: stateless, so any number of them may run.

A message is acknowledged after its commit (`manual_ack` of Eclipse paho). What a worker held when it was killed the
broker forgets, as Mosquitto does, or gives to another; either way the gateway, which got no receipt, sends it again.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from services.hub.broker.tls import FreshContext
from services.hub.broker.topics import is_twice, requests
from services.hub.door.contract import Intake
from services.hub.ingest.words import Answer, Arrival

_KEEPALIVE_S = 30
_PACKET_BYTES = 256 * 1000
_BACKOFF_S = (1, 30)

_Incoming = tuple[int, paho.MQTTMessage]


class Worker:
    """Connected, or trying to be, while the context is open. `weather` is called in the loop: "broker_connecting",
    "broker_unreachable", "tls_files", "broker_lost", "broker_refused", "broker_denied", None once it has subscribed."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls: FreshContext | None,
        login: tuple[str, str] | None,
        group: str,
        receive_maximum: int,
        weather: Callable[[str | None], None],
    ) -> None:
        self._address = host, port
        self._tls = tls
        self._login = login
        self._group = group
        self._most = receive_maximum
        self._weather = weather
        self._life = 0
        """Which connection it is; acknowledgements belong to one."""
        self._granted: set[int] = set()
        self._incoming: asyncio.Queue[_Incoming] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        client = self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"hearthgate-hub-{secrets.token_hex(8)}",
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        client.max_inflight_messages_set(self._most)
        client.reconnect_delay_set(*_BACKOFF_S)
        if self._login is not None:
            client.username_pw_set(*self._login)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.connect_async(*self._address, _KEEPALIVE_S, clean_start=True, properties=self._terms())
        self._weather("broker_connecting")
        client.loop_start()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._client.on_connect = self._client.on_connect_fail = self._client.on_disconnect = None
        self._client.on_subscribe = self._client.on_message = None
        del self._client  # paho closes its own pair of sockets once nobody refers to it

    async def run(self, intake: Intake) -> None:
        """Hands on what comes in, in order, as fast as `intake` takes it."""
        while True:
            life, message = await self._incoming.get()
            arrival = Arrival(topic=message.topic, payload=bytes(message.payload), retained=message.retain)
            done = await intake.put(arrival)
            done.add_done_callback(partial(self._acknowledge, life, message))

    def publish(self, answer: Answer, *, retain: bool = False) -> None:
        """What is not retained is sent once, and not at all without a connection: who hears nothing asks again."""
        if retain or self._client.is_connected():
            self._client.publish(answer.topic, answer.payload, qos=int(retain), retain=retain)

    def _acknowledge(self, life: int, message: paho.MQTTMessage, done: "asyncio.Future[str | None]") -> None:
        if life == self._life and not done.cancelled():
            self._client.ack(message.mid, message.qos)

    def _terms(self) -> Properties:
        terms = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho is typed in part
        terms.ReceiveMaximum = self._most
        terms.MaximumPacketSize = _PACKET_BYTES
        return terms

    # On paho's thread:

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._tell(self._weather, "broker_refused")
            return
        self._life += 1
        self._granted.clear()
        for filters, properties in requests(self._group):
            client.subscribe(filters, properties=properties)

    def _on_connect_fail(self, _client: Any, _data: Any) -> None:
        trouble = None if self._tls is None else self._tls.trouble
        self._tell(self._weather, trouble or "broker_unreachable")

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, reasons: list[ReasonCode], _more: Any) -> None:
        self._granted.add(mid)
        if any(reason.is_failure for reason in reasons):
            self._tell(self._weather, "broker_denied")
        elif len(self._granted) == 2:
            self._tell(self._weather, None)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, _reason: Any, _more: Any) -> None:
        self._life += 1
        self._tell(self._weather, "broker_lost")

    def _on_message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if is_twice(message.properties, retain=message.retain):
            client.ack(message.mid, message.qos)
        elif message.qos or self._incoming.qsize() < self._most:  # what comes at QoS 0 nobody is promised
            self._tell(self._incoming.put_nowait, (self._life, message))

    def _tell(self, what: Callable[[Any], object], word: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before paho's thread did
            self._loop.call_soon_threadsafe(what, word)
