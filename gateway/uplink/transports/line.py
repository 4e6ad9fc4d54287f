"""One open connection to a broker, and what is known of how it stands."""

import asyncio
from collections.abc import Sequence

import aiomqtt

from gateway.config.uplink import Uplink
from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.links.mqtt5 import Connection5
from gateway.seams import Parcel, Receipts
from gateway.uplink.profiles import PROFILES
from gateway.uplink.transports.dial import Left
from gateway.uplink.transports.failures import by_code, by_failure
from gateway.uplink.transports.post import Post
from gateway.wire.uplink import Receipt, UplinkTopics

DUPLICATE = "uplink_duplicate"

_ERROR = 0x80


class Line:
    """`doubted`: the hub has heard a second gateway under our id. A duplicate goes on for as long as its summaries are
    taken, since it may be the rightful one."""

    def __init__(
        self,
        connection: Connection5,
        *,
        topics: UplinkTopics,
        settings: Uplink,
        clock: Clock,
        counters: Counters,
        left: Left,
        answer_s: float,
    ) -> None:
        self.doubted = False
        self._connection = connection
        self._retains = PROFILES[settings.profile].retain
        self._left = left
        self._answer_s = answer_s
        self._verdict: GatewayError | None = None
        self._post = Post(
            connection=connection,
            topics=topics,
            settings=settings,
            clock=clock,
            counters=counters,
            why=self.why,
            left=left,
        )

    @property
    def open(self) -> bool:
        return not self._connection.lost.done()

    async def subscribe(self, topics: Sequence[str]) -> None:
        """Raises `Transient`, `Refused`."""
        try:
            async with asyncio.timeout(self._answer_s):
                granted = [await answer for answer in self._connection.listen(topics)]
        except TimeoutError:
            raise Transient("uplink_stalled") from None
        except aiomqtt.MqttError:
            raise self.why() from None
        worst = max((code if isinstance(code, int) else code.value for codes in granted for code in codes), default=0)
        if worst >= _ERROR:
            raise by_code(worst)

    async def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Until the broker has it. Raises `Transient`, `Refused`."""
        try:
            async with asyncio.timeout(self._answer_s):
                answer = self._connection.send(topic, payload, retain=retain and self._retains)
                self._left(topic, payload)
                code = await answer
        except aiomqtt.MqttError:
            raise self.why() from None
        except TimeoutError:
            raise Transient("uplink_stalled") from None
        if code >= _ERROR:
            raise by_code(code)

    async def send(self, batch: Sequence[Parcel]) -> Receipts:
        """See `gateway.seams.Transport.send`."""
        try:
            return await self._post.send(batch)
        except Transient as error:
            raise Refused(DUPLICATE) if self.doubted and error.key == "uplink_stalled" else error from None

    def take(self, receipt: Receipt) -> None:
        self._post.take(receipt)

    def condemn(self, error: GatewayError) -> None:
        """The other end will not have us: that is why this ends."""
        self._verdict = error
        self._connection.fail()

    async def lost(self) -> None:
        """Wait until it is."""
        await asyncio.shield(self._connection.lost)

    def why(self) -> GatewayError:
        """What ended it."""
        return self._verdict or by_failure(aiomqtt.MqttError(), self._connection)

    async def hang_up(self) -> None:
        """In good order; raises `aiomqtt.MqttError` where that is impossible."""
        await self._connection.__aexit__(None, None, None)

    def cut(self) -> None:
        self._connection.cut()
