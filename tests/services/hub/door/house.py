"""A door with everything behind it made up, and clients that knock at it."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties

from gateway.errors import Refused
from services.hub.door.contract import Claim, Gatekeeper
from services.hub.door.exchange import Exchange
from services.hub.door.fields import text, u16, varint
from services.hub.door.limits import Limits
from services.hub.door.server import Door
from services.hub.ingest.words import Arrival

TOKEN = "correct-horse"
WAIT_S = 10.0


class MadeUpIntake:
    """Holds back its answers until `answer` says otherwise; `key` is the answer."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.pending: list[asyncio.Future[str | None]] = []
        self.keys: dict[bytes, str] = {}
        self.prompt = True
        self.came = asyncio.Event()

    async def put(self, arrival: Arrival) -> "asyncio.Future[str | None]":
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self.arrivals.append(arrival)
        self.came.set()
        if self.prompt:
            done.set_result(self.keys.get(arrival.payload))
        else:
            self.pending.append(done)
        return done

    async def have(self, count: int) -> list[Arrival]:
        async with asyncio.timeout(WAIT_S):
            while len(self.arrivals) < count:
                self.came.clear()
                await self.came.wait()
        return self.arrivals


class MadeUpGatekeeper:
    async def admit(self, claim: Claim) -> str:
        if claim.user is None or claim.password != TOKEN:
            raise Refused("credentials_wrong")
        return claim.user


@dataclass
class Entrance:
    door: Door
    intake: MadeUpIntake
    exchange: Exchange = field(repr=False)

    @property
    def turned_away(self) -> Counter[str]:
        """By key, whoever it was."""
        found: Counter[str] = Counter()
        for (_, key), count in self.door.counts.items():
            found[key] += count
        return found


@asynccontextmanager
async def entrance(
    limits: Limits | None = None, *, tls: ssl.SSLContext | None = None, gatekeeper: Gatekeeper | None = None
) -> AsyncGenerator[Entrance]:
    intake, exchange = MadeUpIntake(), Exchange()
    door = Door(
        host="127.0.0.1",
        port=0,
        tls=tls,
        gatekeeper=gatekeeper or MadeUpGatekeeper(),
        intake=intake,
        exchange=exchange,
        limits=limits or Limits(),
    )
    async with door:
        yield Entrance(door, intake, exchange)


def connect_packet(
    user: str = "home1",
    token: str = TOKEN,
    *,
    level: int = 5,
    keepalive_s: int = 60,
    will: tuple[str, bytes] | None = None,
    client_id: str = "c",
) -> bytes:
    flags = 0xC2 | (0x04 if will else 0)
    body = text("MQTT") + bytes((level, flags)) + u16(keepalive_s)
    none = b"\0" if level == 5 else b""
    body += none + text(client_id)
    if will is not None:
        body += none + text(will[0]) + u16(len(will[1])) + will[1]
    body += text(user) + text(token)
    return packet(0x10, body)


def publish_packet(topic: str, payload: bytes, mid: int = 0, *, level: int = 5) -> bytes:
    body = text(topic) + (u16(mid) if mid else b"") + (b"\0" if level == 5 else b"") + payload
    return packet(0x32 if mid else 0x30, body)


def subscribe_packet(mid: int, *filters: str, level: int = 5) -> bytes:
    none = b"\0" if level == 5 else b""
    return packet(0x82, u16(mid) + none + b"".join(text(name) + b"\1" for name in filters))


def packet(head: int, body: bytes) -> bytes:
    return bytes((head,)) + varint(len(body)) + body


class Raw:
    """A client that sends whatever bytes it likes."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._tls = tls

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=self._tls)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.writer.close()

    def send(self, *packets: bytes) -> None:
        self.writer.write(b"".join(packets))

    async def packet(self) -> tuple[int, bytes]:
        async with asyncio.timeout(WAIT_S):
            head = (await self.reader.readexactly(1))[0]
            length = shift = 0
            while True:
                byte = (await self.reader.readexactly(1))[0]
                length |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80:
                    return head, await self.reader.readexactly(length)

    async def gone(self) -> bytes:
        """What was left to be read when the other end hung up."""
        async with asyncio.timeout(WAIT_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def enter(self, user: str = "home1", **more: object) -> None:
        self.send(connect_packet(user, **more))  # type: ignore[arg-type]
        head, body = await self.packet()
        assert (head, body[1]) == (0x20, 0), body


class Paho:
    """Eclipse's own client, on its own thread."""

    def __init__(self, port: int, version: MQTTProtocolVersion, user: str = "home1", token: str = TOKEN) -> None:
        self.loop = asyncio.get_running_loop()
        self.heard: asyncio.Queue[tuple[str, bytes, bool]] = asyncio.Queue()
        self.connected: asyncio.Future[str] = self.loop.create_future()
        self.acknowledged: asyncio.Queue[int] = asyncio.Queue()
        self.subscribed: asyncio.Queue[list[int]] = asyncio.Queue()
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="tester", protocol=version, reconnect_on_failure=False
        )
        self.client.username_pw_set(user, token)
        self.client.on_connect = lambda *a: self._say(self._set, str(a[3]))
        self.client.on_message = lambda _c, _u, m: self._say(self.heard.put_nowait, (m.topic, m.payload, m.retain))
        self.client.on_publish = lambda *a: self._say(self.acknowledged.put_nowait, a[3].value)
        self.client.on_subscribe = lambda *a: self._say(self.subscribed.put_nowait, [code.value for code in a[3]])
        self._port = port

    def _say(self, tell: object, what: object) -> None:
        self.loop.call_soon_threadsafe(tell, what)  # type: ignore[arg-type]

    def _set(self, text: str) -> None:
        if not self.connected.done():
            self.connected.set_result(text)

    async def __aenter__(self) -> Self:
        properties: Properties | None = None
        await asyncio.to_thread(self.client.connect, "127.0.0.1", self._port, 60, properties=properties)
        self.client.loop_start()
        async with asyncio.timeout(WAIT_S):
            await self.connected
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.client.disconnect()
        await asyncio.to_thread(self.client.loop_stop)
        del self.client  # it closes its own pair of sockets only when nobody refers to it any more
