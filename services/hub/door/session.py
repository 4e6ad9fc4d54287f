"""One gateway's connection, from its CONNACK to its end."""

import asyncio
import contextlib
from collections import deque

from gateway.wire.uplink import Hello, load
from services.hub.door import answers
from services.hub.door.contract import Intake
from services.hub.door.decode import decode
from services.hub.door.exchange import Exchange
from services.hub.door.framing import Framing
from services.hub.door.greeting import Guest
from services.hub.door.limits import Limits
from services.hub.door.outlet import Outlet
from services.hub.door.packets import Connect, Disconnect, Message, Packet, Ping, Publish, Subscribe, Unsubscribe
from services.hub.door.reasons import Broken, Reason
from services.hub.door.rights import reads
from services.hub.ingest.topics import HELLO
from services.hub.ingest.words import DUPLICATE, KEPT_AT_HOME, REVOKED, Arrival

_REASONS = {"topic_foreign": Reason.NOT_AUTHORISED, "topic_unknown": Reason.NOT_AUTHORISED}
_SHOWN_OUT = {DUPLICATE: Reason.TAKEN_OVER, REVOKED: Reason.NOT_AUTHORISED}


class Session:
    """A message is acknowledged once it is on the disk, and in the order it came in ([MQTT-4.6.0-2])."""

    def __init__(
        self,
        guest: Guest,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        intake: Intake,
        exchange: Exchange,
        limits: Limits,
    ) -> None:
        self.gateway = guest.gateway
        self._level = guest.connect.level
        self._will = guest.connect.will
        self._most_bytes = guest.connect.most_bytes
        self._silent_s = 1.5 * guest.keepalive_s  # [MQTT-3.1.2-22]
        self._framing = Framing(reader, most_bytes=limits.most_bytes, body_s=limits.body_s)
        self._proof = guest.proof
        self._outlet = Outlet(writer, limits)
        self._intake = intake
        self._exchange = exchange
        self._limits = limits
        self._listens: set[str] = set()
        self._under_way: deque[tuple[Publish, asyncio.Future[str | None]]] = deque()

    async def run(self) -> None:
        """Until the client leaves or is sent away. Raises `Broken` for what it did wrong, `TimeoutError` where it does
        not read, `EOFError` and any other `OSError` where the connection broke."""
        self._exchange.enter(self)
        try:
            await self._serve()
        except Broken as error:
            self._outlet.send(answers.disconnect(error.reason, self._level))
            raise
        except (EOFError, OSError):
            if self._outlet.deaf:
                raise TimeoutError from None
            raise
        finally:
            self._exchange.leave(self)
            await self._last_will()

    def tell(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Nothing is sent that the client did not subscribe to, or said it cannot take ([MQTT-3.1.2-24])."""
        if topic not in self._listens:
            return
        packet = answers.publish(topic, payload, self._level, retain=retain)
        if self._most_bytes is None or len(packet) <= self._most_bytes:
            self._outlet.send(packet)

    def dismiss(self, reason: Reason) -> None:
        """Without its last will: it is either still there, or was never had."""
        self._will = None
        self._outlet.send(answers.disconnect(reason, self._level))
        self._outlet.close()

    async def _serve(self) -> None:
        while True:
            packet = await self._next()
            if isinstance(packet, Disconnect):
                self._will = self._will if packet.with_will else None
                return
            await self._proof.hold(hello=isinstance(packet, Publish) and _is_hello(packet.message))
            await self._handle(packet)
            await self._outlet.drain()

    async def _next(self) -> Packet:
        try:
            async with asyncio.timeout(self._silent_s):
                head, body = await self._framing.packet()
        except TimeoutError:
            raise Broken("client_silent", Reason.SILENT) from None
        return decode(head, body, self._level)

    async def _handle(self, packet: Packet) -> None:
        match packet:
            case Publish():
                await self._publish(packet)
            case Subscribe():
                self._subscribe(packet)
            case Unsubscribe():
                self._listens.difference_update(packet.filters)
                self._outlet.send(answers.unsuback(packet.mid, len(packet.filters), self._level))
            case Ping():
                self._outlet.send(answers.PINGRESP)
            case Connect() | Disconnect():  # a second CONNECT, [MQTT-3.1.0-2]
                raise Broken("packet_unexpected", Reason.PROTOCOL_ERROR)

    async def _publish(self, packet: Publish) -> None:
        arrival = Arrival(topic=packet.message.topic, payload=packet.message.payload, gateway=self.gateway)
        done = await self._intake.put(arrival)
        self._under_way.append((packet, done))
        done.add_done_callback(self._acknowledge)
        if len(self._under_way) >= self._limits.receive_maximum:
            await asyncio.wait((self._under_way[0][1],))

    def _acknowledge(self, _done: "asyncio.Future[str | None]") -> None:
        while self._under_way and self._under_way[0][1].done():
            packet, done = self._under_way.popleft()
            if done.cancelled():
                self._outlet.close()  # neither yes nor no: it is to be sent again
                return
            key = done.result()
            if packet.mid:
                self._outlet.send(answers.puback(packet.mid, _reason(key), self._level))
            if key in _SHOWN_OUT:
                self.dismiss(_SHOWN_OUT[key])
            elif key is None and _says_hello(packet.message):
                self._exchange.settle(self)

    def _subscribe(self, packet: Subscribe) -> None:
        mine = reads(self.gateway)
        granted = [name in mine for name in packet.filters]
        self._outlet.send(answers.suback(packet.mid, granted, self._level))
        for topic in dict.fromkeys(name for name in packet.filters if name in mine):
            self._listens.add(topic)
            kept = self._exchange.retained(topic)
            if kept is not None:
                self.tell(topic, kept, retain=True)

    async def _last_will(self) -> None:
        """§3.1.2.5; of whoever may still be here."""
        if self._will is None:
            return
        with contextlib.suppress(Broken):
            await self._proof.hold(hello=_is_hello(self._will))
            await self._intake.put(Arrival(topic=self._will.topic, payload=self._will.payload, gateway=self.gateway))


def _reason(key: str | None) -> Reason:
    """A gateway lets go of what is answered with an error, so what may be taken another time is not."""
    return Reason.SUCCESS if key is None or key in KEPT_AT_HOME else _REASONS.get(key, Reason.PAYLOAD)


def _is_hello(message: Message) -> bool:
    return message.topic.endswith(f"/{HELLO}")


def _says_hello(message: Message) -> bool:
    """Of one that was taken."""
    return bool(_is_hello(message) and message.payload and load(Hello, message.payload).online)
