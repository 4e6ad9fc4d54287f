"""One MQTT 5 connection that tells what the broker answered to each message (OASIS MQTT 5.0)."""

import asyncio
import re
import ssl
from collections import deque
from typing import Any

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.links.connection import Connection, Receive

_Message = tuple[str, bytes, int, bool, Properties]

_ALERT = re.compile(r"(?:TLSV1|TLSV13|SSLV3)_ALERT_([A-Z_]+)")


class Connection5(Connection):
    """Enter it once.

    `goodbye` is the reason code of the broker's DISCONNECT (section 4.13), `alert` the TLS alert by which it ended the
    connection before it answered; both are None where there was none. `most_bytes` is the largest packet it takes.
    """

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
        most_in_flight: int,
    ) -> None:
        super().__init__(
            receive=receive,
            host=host,
            port=port,
            identity=identity,
            will=will,
            username=username,
            password=password,
            tls=tls,
            keepalive_s=keepalive_s,
            version=aiomqtt.ProtocolVersion.V5,
        )
        self.goodbye: int | None = None
        self.alert: str | None = None
        self.most_bytes: int | None = None
        self._window = most_in_flight
        self._waiting: deque[tuple[_Message, asyncio.Future[int]]] = deque()
        self._answers: dict[int, asyncio.Future[int]] = {}
        self._client.on_log = self._on_log

    def send(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        content_type: str | None = None,
        expiry_s: int | None = None,
    ) -> asyncio.Future[int]:
        """Hand a QoS 1 message over, in order; the future has the reason code of its PUBACK (section 3.4.2.1).

        The broker's Receive Maximum is kept (section 4.9), which paho does not: what is beyond waits here. Raises
        `aiomqtt.MqttError` when the connection is lost, and so does the future."""
        if self.lost.done():
            raise aiomqtt.MqttError("connection lost")
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if content_type is not None:
            properties.ContentType = content_type
        if expiry_s is not None:
            properties.MessageExpiryInterval = expiry_s
        answer: asyncio.Future[int] = self._loop.create_future()
        self._waiting.append(((topic, payload, 1, retain, properties), answer))
        self._pump()
        return answer

    def _pump(self) -> None:
        """Send what the broker has room for."""
        while self._waiting and len(self._answers) < self._window:
            message, answer = self._waiting.popleft()
            info = self._client.publish(*message)
            if info.rc == 0:
                self._answers[info.mid] = answer
            else:
                _fail(answer)

    def _on_log(self, _client: PahoClient, _userdata: Any, _level: int, text: str) -> None:
        """The only place where paho says by which alert a server ended TLS 1.3 after it saw our certificate."""
        if found := _ALERT.search(text):
            self.alert = found[1].lower()

    def _on_socket_close(self, client: PahoClient, userdata: Any, sock: Any) -> None:
        """A server that has refused us may be gone before our CONNECT is written; its alert can still be read."""
        if self.alert is None and not self._connected.done() and isinstance(sock, ssl.SSLSocket):
            try:
                sock.recv(1)
            except OSError as error:
                self._on_log(client, userdata, 0, str(error))
        super()._on_socket_close(client, userdata, sock)

    def _on_connect(self, client: PahoClient, userdata: Any, flags: Any, code: ReasonCode, given: Any = None) -> None:
        self._client.on_log = None  # it would be handed every packet
        self._window = min(self._window, getattr(given, "ReceiveMaximum", self._window))
        self.most_bytes = getattr(given, "MaximumPacketSize", None)
        super()._on_connect(client, userdata, flags, code, given)

    def _on_publish(self, client: PahoClient, userdata: Any, mid: int, code: ReasonCode, given: Any = None) -> None:
        answer = self._answers.pop(mid, None)
        if answer is None:
            super()._on_publish(client, userdata, mid, code, given)
        elif not answer.done():
            answer.set_result(code.value)
        self._pump()

    def _on_disconnect(
        self, client: PahoClient, userdata: Any = None, flags: Any = None, code: Any = None, *rest: Any
    ) -> None:
        if getattr(flags, "is_disconnect_packet_from_server", False) and isinstance(code, ReasonCode):
            self.goodbye = code.value
        super()._on_disconnect(client, userdata, flags, code, *rest)

    def _on_lost(self, gone: asyncio.Future[None]) -> None:
        super()._on_lost(gone)
        answers = [*self._answers.values(), *(answer for _, answer in self._waiting)]
        self._answers.clear()
        self._waiting.clear()
        for answer in answers:
            _fail(answer)


def _fail(answer: "asyncio.Future[int]") -> None:
    if not answer.done():
        answer.set_exception(aiomqtt.MqttError("connection lost"))
        answer.exception()
