"""One connection to the broker: aiomqtt's client, made prompt and made to leave nothing behind.

What aiomqtt 2.5 leaves open and is closed here: a failed or cancelled connect keeps its socket, reader and
housekeeping task until the keepalive ends them; a broker that hangs up instead of answering is waited for all the
same; a publish waiting for its acknowledgement sits out its whole timeout after the connection is gone; every
received message costs a task; a broker that dies while being dialled leaves a closed descriptor to wait for.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

_LOG = logging.getLogger(__name__)
_LOG.setLevel(logging.CRITICAL)  # paho and aiomqtt log every packet and hiccup; states and counters say it

_CONNECT_S = 5.0
_ANSWER_S = 10.0
_FILTERS_PER_REQUEST = 8  # what the strictest brokers take

Receive = Callable[[str, bytes, bool], None]
"""Called with topic, payload and the retained flag, within the loop; must not block."""

Granted = asyncio.Future[tuple[int, ...] | list[ReasonCode]]


class Connection(aiomqtt.Client):
    """Enter it once. `lost` is done as soon as the connection is gone, for whatever reason."""

    def __init__(
        self,
        *,
        receive: Receive,
        host: str,
        port: int,
        identity: str,
        will: aiomqtt.Will | None,
        username: str | None,
        password: str | None,
        tls: ssl.SSLContext | None,
        keepalive_s: int,
        version: aiomqtt.ProtocolVersion = aiomqtt.ProtocolVersion.V311,
    ) -> None:
        super().__init__(
            host,
            port,
            identifier=identity,
            will=will,
            username=username,
            password=password,
            tls_context=tls,
            keepalive=keepalive_s,
            protocol=version,
            clean_session=True if version < aiomqtt.ProtocolVersion.V5 else None,
            timeout=_ANSWER_S,
            max_inflight_messages=100,
            logger=_LOG,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # Nagle costs up to 40 ms a message
        )
        self.pending_calls_threshold = 1_000_000
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._receive = receive
        self._client.connect_timeout = _CONNECT_S

    async def __aenter__(self) -> Self:
        """Raises `aiomqtt.MqttError`. Cancelled, it waits for the thread that connects (at most 5 s)."""
        dial = asyncio.ensure_future(super().__aenter__())
        try:
            await asyncio.shield(dial)
        except BaseException:  # also a cancellation: the socket must not be left behind
            if not dial.done():
                self._give_up_waiting()
                await asyncio.wait({dial})
            if not dial.cancelled():
                dial.exception()
            self._drop()
            raise
        self._disconnected.add_done_callback(self._on_lost)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Disconnect; where that is impossible, or while being cancelled, cut the connection."""
        try:
            if exc_type is None and not self.lost.done():
                await super().__aexit__(exc_type, exc, tb)
        finally:
            self._drop()

    def cut(self) -> None:
        """Without a word; the broker sends the will."""
        self._drop()

    def fail(self) -> None:
        """Count the connection as lost: the broker no longer answers."""
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    def listen(self, filters: Sequence[str]) -> list[Granted]:
        """Subscribe at QoS 0 (a live TCP connection loses nothing); one answer per request."""
        return [
            self._ask(list(filters[start : start + _FILTERS_PER_REQUEST]))
            for start in range(0, len(filters), _FILTERS_PER_REQUEST)
        ]

    def unlisten(self, filters: Sequence[str]) -> None:
        self._client.unsubscribe(list(filters))

    def _ask(self, filters: list[str]) -> Granted:
        _, mid = self._client.subscribe([(name, 0) for name in filters])
        answer: Granted = self._loop.create_future()
        if mid is not None:
            self._pending_subscribes[mid] = answer
        return answer

    async def publish(self, *args: Any, **kwargs: Any) -> None:
        """As aiomqtt's, and raises `aiomqtt.MqttError` at once when the connection is lost."""
        await super().publish(*args, **kwargs)
        if self.lost.done():
            raise aiomqtt.MqttError("connection lost")

    def _on_lost(self, gone: asyncio.Future[None]) -> None:
        gone.exception()
        if not self.lost.done():
            self.lost.set_result(None)
        for confirmation in list(self._pending_publishes.values()):
            confirmation.set()
        for answer in self._pending_subscribes.values():
            if not answer.done():
                answer.set_exception(aiomqtt.MqttError("connection lost"))
                answer.exception()

    def _give_up_waiting(self) -> None:
        """End the wait for the broker's answer to our CONNECT."""
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError("cancelled"))
            self._connected.exception()

    def _drop(self) -> None:
        """Leave no socket, reader, writer or task behind."""
        self.fail()
        if self._misc_task is not None:
            self._misc_task.cancel()
        sock = self._client.socket()
        if sock is not None and sock.fileno() >= 0:
            self._loop.remove_reader(sock.fileno())
            self._loop.remove_writer(sock.fileno())
            self._client.on_socket_unregister_write = None  # paho would call it later, with a socket that is closed
            sock.close()

    def _on_socket_register_write(self, client: PahoClient, _userdata: Any, sock: Any) -> None:
        self._loop.call_soon_threadsafe(self._await_room, client, sock)

    def _await_room(self, client: PahoClient, sock: Any) -> None:
        """Unless it was closed since the connecting thread asked: its number may be somebody else's by now."""
        current = client.socket()
        if current is sock and current is not None and current.fileno() >= 0:
            self._loop.add_writer(current.fileno(), self._write, client)

    def _write(self, client: PahoClient) -> None:
        try:
            client.loop_write()
        except Exception as error:  # noqa: BLE001  # whatever it is ends this connection, and nothing else
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _on_disconnect(self, client: PahoClient, *args: Any, **kwargs: Any) -> None:
        super()._on_disconnect(client, *args, **kwargs)
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError("hung up before answering"))

    def _on_message(self, _client: PahoClient, _userdata: Any, message: MQTTMessage) -> None:
        self._receive(message.topic, bytes(message.payload), message.retain)

    def _on_unsubscribe(self, *_args: Any, **_kwargs: Any) -> None:
        """Nobody waits for it."""
