"""Summaries over MQTT 5, and the same connection for whatever else passes between a gateway and its hub."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import aiomqtt

from gateway.config.secrets import Secret
from gateway.config.uplink import Uplink
from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.seams import Parcel, Receipts
from gateway.uplink.profiles import PROFILES
from gateway.uplink.transports.dial import Dial, Left
from gateway.uplink.transports.failures import by_failure
from gateway.uplink.transports.heard import Handler, Heard
from gateway.uplink.transports.line import DUPLICATE, Line
from gateway.wire.uplink import Hello, Notice, Receipt, UplinkTopics, dump, load

ANSWER_S = 10.0
"""How long a broker may take for an acknowledgement."""

_LEAVE_S = 2.0
_NOTICES = {
    "revoked": "uplink_revoked",
    "unknown_gateway": "uplink_revoked",
    "too_many_epochs": "uplink_epochs",
    "wire_unknown": "uplink_version",
}

Hook = Callable[[], Awaitable[None]]


class MqttTransport:
    """A `gateway.seams.Transport`.

    `login` is asked at every connection and may raise `Refused`; the files of TLS are read anew as well. `hello` says
    who we are; it is retained, and taken back by the last will. Counter: "uplink.connections".
    """

    def __init__(
        self,
        *,
        settings: Uplink,
        gateway: str,
        hello: Callable[[], Hello],
        login: Callable[[], Secret | None],
        clock: Clock,
        counters: Counters,
        left: Left = lambda _topic, _payload: None,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._answers = PROFILES[settings.profile].receipts
        self._hello = hello
        self._dial = Dial(settings=settings, gateway=gateway, hello=hello, login=login, left=left)
        self._counters = counters
        self._topics = UplinkTopics(gateway=gateway)
        self._draw = partial(
            Line,
            topics=self._topics,
            settings=settings,
            clock=clock,
            counters=counters,
            left=left,
            answer_s=answer_s,
        )
        self._line: Line | None = None
        self._announced = 0
        self._noticed: Callable[[str], None] = lambda _key: None
        self._hooks: list[Hook] = []
        self._heard = Heard(counters)
        self._heard.on(self._topics.receipt, self._on_receipt)
        self._heard.on(self._topics.notice, self._on_notice)

    def on_message(self, suffix: str, handler: Handler) -> None:
        """Have `handler` called with what the hub sends to `<base>/<suffix>` ("twin/desired"), and what is retained
        there, from the next connection on. Only the profile "hub" has anybody who answers."""
        self._heard.on(f"{self._topics.base}/{suffix}", handler)

    def on_connected(self, hook: Hook) -> None:
        """Have `hook` called after every connection, in order of registration; a `GatewayError` of it ends it."""
        self._hooks.append(hook)

    def on_notice(self, noticed: Callable[[str], None]) -> None:
        """Have `noticed` called with "uplink_duplicate" when the hub has heard a second gateway under our id."""
        self._noticed = noticed

    async def publish(self, suffix: str, payload: bytes, *, retain: bool = False) -> None:
        """Send to `<base>/<suffix>` and wait for the broker's acknowledgement. Raises `Transient`, `Refused`."""
        await self._connected().publish(f"{self._topics.base}/{suffix}", payload, retain=retain)

    async def open(self) -> None:
        """See `gateway.seams.Transport`."""
        if self._line is not None and self._line.open:
            return
        await self.close()
        connection = await self._dial.connection(self._heard.receive)
        try:
            await connection.__aenter__()
        except aiomqtt.MqttError as error:
            raise by_failure(error, connection) from None
        line = self._line = self._draw(connection)
        try:
            await self._greet(line)
        except BaseException:  # also a cancellation: half a greeting is no connection
            line.cut()
            self._line = None
            raise
        self._counters.add("uplink.connections")

    async def send(self, batch: Sequence[Parcel]) -> Receipts:
        """See `gateway.seams.Transport`."""
        line = self._connected()
        if any(parcel.id.epoch != self._announced for parcel in batch):
            await self._say_hello(line, online=True)  # the outbox was begun anew meanwhile
        return await line.send(batch)

    async def lost(self) -> None:
        """See `gateway.seams.Transport`."""
        line = self._connected()
        await line.lost()
        raise line.why()

    async def close(self) -> None:
        """See `gateway.seams.Transport`. The hub is told that we go, since a disconnect suppresses the last will."""
        line = self._line
        if line is None:
            return
        try:
            async with asyncio.timeout(_LEAVE_S):
                await self._say_hello(line, online=False)
            await line.hang_up()
        except (GatewayError, aiomqtt.MqttError, TimeoutError):
            line.cut()
        finally:
            self._line = None

    def _connected(self) -> Line:
        if self._line is None:
            raise Transient("uplink_unreachable")
        return self._line

    async def _greet(self, line: Line) -> None:
        """Subscribes first, so that no answer to the hello is missed."""
        await line.subscribe(self._heard.topics if self._answers else ())
        await self._say_hello(line, online=True)
        for hook in self._hooks:
            await hook()

    async def _say_hello(self, line: Line, *, online: bool) -> None:
        hello = self._hello().model_copy(update={"online": online})
        self._announced = hello.epoch
        await line.publish(self._topics.hello, dump(hello), retain=True)

    def _on_receipt(self, payload: bytes) -> None:
        receipt: Receipt = load(Receipt, payload)
        if self._line is not None:
            self._line.take(receipt)

    def _on_notice(self, payload: bytes) -> None:
        notice: Notice = load(Notice, payload)
        if self._line is None:
            return
        if notice.key == "duplicate_id":
            self._line.doubted = True
            self._noticed(DUPLICATE)
        elif notice.key in _NOTICES:
            self._line.condemn(Refused(_NOTICES[notice.key]))
