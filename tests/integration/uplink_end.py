"""The other end of an uplink: a Mosquitto with TLS, a small hub behind it, and networks that misbehave."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.errors import Invalid
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.flow.supervise import Backoff
from gateway.links.mqtt import MqttLink
from gateway.wire import envelope
from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.uplink import Hello, Notice, Receipt, Run, UplinkTopics, dump, load
from tests.integration.certificates import Authority, Files
from tests.integration.corridor import wait_for
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, free_port

HUB, HUB_PASSWORD = "hub", "hub-canary-71f0"


class TlsMosquitto(Mosquitto):
    """`port` speaks TLS to gateways, `plain` is for the hub. With `mutual` gateways have to show a certificate."""

    def __init__(self, folder: Path, authority: Authority, server: Files, *, mutual: bool = False) -> None:
        super().__init__(folder)
        self.users({USER: PASSWORD, HUB: HUB_PASSWORD})
        self.plain = free_port()
        more = f"cafile {authority.ca}\ncertfile {server.cert}\nkeyfile {server.key}\n"
        more += f"require_certificate {str(mutual).lower()}\nlistener {self.plain} 127.0.0.1\n"
        text = self._config.read_text()
        head, tail = text.split("\n", 2)[0:2], text.split("\n", 2)[2]
        self._config.write_text("\n".join([*head, more + tail]))

    def start(self) -> None:
        super().start()
        wait_for(lambda: _listens(self.plain), "mosquitto's second port")

    def rights(self, text: str) -> None:
        """An access list, before the start."""
        (self._directory / "acl").write_text(text)
        self._config.write_text(self._config.read_text() + f"acl_file {self._directory / 'acl'}\n")


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


class Hub:
    """Takes in what arrives, once each, and says so. `bodies` is everything that came over, with repetitions."""

    def __init__(self, port: int, gateway: str = "home") -> None:
        self.bodies: list[bytes] = []
        self.taken: dict[ParcelId, Envelope] = {}
        self.hellos: list[Hello] = []
        self.answers = True
        self._topics = UplinkTopics(gateway=gateway)
        self.link = MqttLink(
            host="127.0.0.1",
            port=port,
            identity="hub",
            will=None,
            username=HUB,
            password=HUB_PASSWORD,
            clock=SystemClock(),
            report=lambda _state: None,
            counters=Counters(),
            backoff=Backoff(first_s=0.02, most_s=0.1),
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Hub", None]:
        messages = self.link.subscribe("gw/v1/+/s/+", size=100_000)
        hellos = self.link.subscribe("gw/v1/+/hello", size=1000)

        async def take() -> None:
            async for message in messages:
                await self._take(message.payload)

        async def greet() -> None:
            async for message in hellos:
                with contextlib.suppress(Invalid):
                    self.hellos.append(load(Hello, message.payload))

        tasks = [asyncio.create_task(job) for job in (self.link.run(), take(), greet())]
        try:
            async with asyncio.timeout(10):
                await self.link.wait_connected()
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def notice(self, key: str) -> None:
        await self.link.publish(self._topics.notice, dump(Notice(key=key)))

    async def _take(self, body: bytes) -> None:
        self.bodies.append(body)
        came = envelope.load(body)
        self.taken.setdefault(came.id, came)
        if self.answers:
            id_ = came.id
            run = Run(stream=id_.stream, epoch=id_.epoch, first=id_.seq, last=id_.seq)
            with contextlib.suppress(Exception):  # the broker is gone: the gateway sends again
                await self.link.publish(self._topics.receipt, dump(Receipt(kept=(run,))), qos=0)


class Proxy:
    """Between a gateway and `port`. `freeze` makes the open connections silent without closing them, as a router does
    that forgot them; connections made later work."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._frozen: list[asyncio.Event] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Proxy", None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    @property
    def connections(self) -> int:
        return len(self._frozen)

    def freeze(self) -> None:
        for frozen in self._frozen:
            frozen.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        frozen = asyncio.Event()
        self._frozen.append(frozen)
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            await asyncio.gather(_pipe(reader, back, frozen), _pipe(there, writer, frozen))
        finally:
            back.close()
            writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frozen: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            if frozen.is_set():
                await asyncio.Event().wait()
            writer.write(data)
            await writer.drain()
        writer.close()


class DeafBroker:
    """Speaks as much MQTT 5 as it takes to be let down by it: lets everybody in, and acknowledges subscriptions and the
    first `acknowledges` messages of a connection; with `greets` false not even that. `goodbye` is the reason code by
    which it answers the message after, `properties` are those of its CONNACK."""

    def __init__(
        self, *, acknowledges: int = 0, greets: bool = True, goodbye: int | None = None, properties: bytes = b""
    ) -> None:
        self.published = 0
        self.connections = 0
        self._acknowledges = acknowledges
        self._greets = greets
        self._goodbye = goodbye
        self._properties = properties
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["DeafBroker", None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        left = self._acknowledges
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                while True:
                    kind, body = await _packet(reader)
                    if kind == 3:
                        self.published += 1
                    left -= kind == 3
                    writer.write(self._answer(kind, body, left))
        finally:
            writer.close()

    def _answer(self, kind: int, body: bytes, left: int) -> bytes:
        if kind == 1:
            return b"\x20" + bytes([3 + len(self._properties), 0, 0, len(self._properties)]) + self._properties
        if kind == 8 and self._greets:
            filters = body[3 + body[2] :]
            return b"\x90" + bytes([3 + filters.count(b"gw/v1")]) + body[:2] + b"\0" + b"\0" * filters.count(b"gw/v1")
        if kind == 3 and left >= 0 and self._greets:
            topic = int.from_bytes(body[:2], "big")
            return b"\x40\x02" + body[2 + topic : 4 + topic]
        if kind == 3 and self._goodbye is not None:
            return b"\xe0\x02" + bytes([self._goodbye]) + b"\0"
        return b"\xd0\0" if kind == 12 else b""


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return head >> 4, await reader.readexactly(length)
