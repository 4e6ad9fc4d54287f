"""Summaries over MQTT 5, and the same connection for whatever else passes between a gateway and its hub."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence

import aiomqtt

from gateway.config.secrets import Secret
from gateway.config.uplink import Uplink
from gateway.errors import GatewayError, Invalid, Refused, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.links.mqtt5 import Connection5
from gateway.links.tls import client_context
from gateway.seams import Parcel, Receipts
from gateway.uplink.profiles import PROFILES
from gateway.uplink.transports.failures import by_code, by_failure
from gateway.uplink.transports.post import Post
from gateway.wire.uplink import Hello, Notice, Receipt, UplinkTopics, dump, load

ANSWER_S = 10.0
"""How long a broker may take for an acknowledgement."""

DUPLICATE = "uplink_duplicate"

_LEAVE_S = 2.0
_ERROR = 0x80
_NOTICES = {
    "revoked": "uplink_revoked",
    "unknown_gateway": "uplink_revoked",
    "too_many_epochs": "uplink_epochs",
    "wire_unknown": "uplink_version",
}

Handler = Callable[[bytes], None]
"""Called within the loop with the payload of a stranger; must not block, and may raise `Invalid`."""

Hook = Callable[[], Awaitable[None]]

Left = Callable[[str, bytes], None]
"""Called within the loop with topic and payload of whatever is handed over to leave the home."""


class MqttTransport:
    """A `gateway.seams.Transport`.

    `login` is asked at every connection and may raise `Refused`; the files of TLS are read anew as well. `hello` says
    who we are; it is retained, and taken back by the last will. Counters: "uplink.connections", "uplink.invalid" (what
    the hub sent could not be read), "uplink.nobody".
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
        self._settings = settings
        self._profile = PROFILES[settings.profile]
        self._gateway = gateway
        self._hello = hello
        self._login = login
        self._clock = clock
        self._counters = counters
        self._left = left
        self._answer_s = answer_s
        self._topics = UplinkTopics(gateway=gateway)
        self._connection: Connection5 | None = None
        self._post: Post | None = None
        self._verdict: GatewayError | None = None
        self._doubted = False
        self._announced = 0
        self._noticed: Callable[[str], None] = lambda _key: None
        self._hooks: list[Hook] = []
        self._handlers: dict[str, list[Handler]] = {
            self._topics.receipt: [self._on_receipt],
            self._topics.notice: [self._on_notice],
        }

    def on_message(self, suffix: str, handler: Handler) -> None:
        """Have `handler` called with what the hub sends to `<base>/<suffix>` ("twin/desired"), and what is retained
        there, from the next connection on. Only the profile "hub" has anybody who answers."""
        self._handlers.setdefault(f"{self._topics.base}/{suffix}", []).append(handler)

    def on_connected(self, hook: Hook) -> None:
        """Have `hook` called after every connection, in order of registration; a `GatewayError` of it ends it."""
        self._hooks.append(hook)

    def on_notice(self, noticed: Callable[[str], None]) -> None:
        """Have `noticed` called with "uplink_duplicate" when the hub has heard a second gateway under our id."""
        self._noticed = noticed

    async def publish(self, suffix: str, payload: bytes, *, retain: bool = False) -> None:
        """Send to `<base>/<suffix>` and wait for the broker's acknowledgement. Raises `Transient`, `Refused`."""
        connection = self._connection
        if connection is None:
            raise Transient("uplink_unreachable")
        try:
            async with asyncio.timeout(self._answer_s):
                topic = f"{self._topics.base}/{suffix}"
                self._left(topic, payload)
                code = await connection.send(topic, payload, retain=retain and self._profile.retain)
        except aiomqtt.MqttError:
            raise self._why() from None
        except TimeoutError:
            raise Transient("uplink_stalled") from None
        if code >= _ERROR:
            raise by_code(code)

    async def open(self) -> None:
        """See `gateway.seams.Transport`."""
        if self._connection is not None and not self._connection.lost.done():
            return
        await self.close()
        login, context = await asyncio.to_thread(self._credentials)
        self._verdict, self._doubted = None, False
        connection = self._dial(login, context)
        try:
            await connection.__aenter__()
        except aiomqtt.MqttError as error:
            raise by_failure(error, connection) from None
        self._connection, self._post = connection, self._posting(connection)
        try:
            await self._greet(connection)
        except BaseException:  # also a cancellation: half a greeting is no connection
            self._cut()
            raise
        self._counters.add("uplink.connections")

    async def send(self, batch: Sequence[Parcel]) -> Receipts:
        """See `gateway.seams.Transport`."""
        if self._post is None:
            raise Transient("uplink_unreachable")
        if any(parcel.id.epoch != self._announced for parcel in batch):
            await self._say_hello(online=True)  # the outbox was begun anew meanwhile
        try:
            return await self._post.send(batch)
        except Transient as error:
            raise Refused(DUPLICATE) if self._doubted and error.key == "uplink_stalled" else error from None

    async def lost(self) -> None:
        """See `gateway.seams.Transport`."""
        if self._connection is not None:
            await asyncio.shield(self._connection.lost)
        raise self._why()

    async def close(self) -> None:
        """See `gateway.seams.Transport`. The hub is told that we go, since a disconnect suppresses the last will."""
        connection = self._connection
        if connection is None:
            return
        try:
            async with asyncio.timeout(_LEAVE_S):
                await self._say_hello(online=False)
            await connection.__aexit__(None, None, None)
        except (GatewayError, aiomqtt.MqttError, TimeoutError):
            connection.cut()
        finally:
            self._connection = self._post = None

    def _credentials(self) -> tuple[Secret | None, ssl.SSLContext | None]:
        tls = self._settings.tls
        return self._login(), None if tls == "off" else client_context(tls)

    def _dial(self, login: Secret | None, context: ssl.SSLContext | None) -> Connection5:
        user = login.user if login else self._gateway if self._profile.user_is_gateway else None
        hello = self._hello()
        gone = dump(hello.model_copy(update={"online": False}))
        self._left(self._topics.hello, gone)
        return Connection5(
            receive=self._receive,
            host=self._settings.host or "",
            port=self._settings.port,
            identity=self._profile.identity(self._gateway, hello.instance),
            will=aiomqtt.Will(self._topics.hello, gone, qos=1, retain=self._profile.retain),
            username=user,
            password=login.password if login else None,
            tls=context,
            keepalive_s=self._profile.keepalive_s,
            most_in_flight=self._profile.most_in_flight,
        )

    def _posting(self, connection: Connection5) -> Post:
        return Post(
            connection=connection,
            topics=self._topics,
            settings=self._settings,
            clock=self._clock,
            counters=self._counters,
            why=self._why,
            left=self._left,
        )

    async def _greet(self, connection: Connection5) -> None:
        """Subscribes first, so that no answer to the hello is missed."""
        filters = list(self._handlers) if self._profile.receipts else []
        try:
            async with asyncio.timeout(self._answer_s):
                granted = [await answer for answer in connection.listen(filters)]
        except TimeoutError:
            raise Transient("uplink_stalled") from None
        except aiomqtt.MqttError:
            raise self._why() from None
        worst = max((code if isinstance(code, int) else code.value for codes in granted for code in codes), default=0)
        if worst >= _ERROR:
            raise by_code(worst)
        await self._say_hello(online=True)
        for hook in self._hooks:
            await hook()

    async def _say_hello(self, *, online: bool) -> None:
        hello = self._hello().model_copy(update={"online": online})
        self._announced = hello.epoch
        await self.publish(self._topics.hello.removeprefix(f"{self._topics.base}/"), dump(hello), retain=True)

    def _receive(self, topic: str, payload: bytes, _retained: bool) -> None:
        for handler in self._handlers.get(topic, ()):
            try:
                handler(payload)
            except Invalid:
                self._counters.add("uplink.invalid")

    def _on_receipt(self, payload: bytes) -> None:
        receipt: Receipt = load(Receipt, payload)
        if self._post is not None:
            self._post.take(receipt)

    def _on_notice(self, payload: bytes) -> None:
        """A duplicate goes on for as long as its summaries are taken: it may be the rightful one."""
        notice: Notice = load(Notice, payload)
        if notice.key == "duplicate_id":
            self._doubted = True
            self._noticed(DUPLICATE)
        elif notice.key in _NOTICES and self._connection is not None:
            self._verdict = Refused(_NOTICES[notice.key])
            self._connection.fail()

    def _why(self) -> GatewayError:
        """What ended the connection."""
        if self._verdict is not None:
            return self._verdict
        if self._connection is None:
            return Transient("uplink_unreachable")
        return by_failure(aiomqtt.MqttError(), self._connection)

    def _cut(self) -> None:
        if self._connection is not None:
            self._connection.cut()
        self._connection = self._post = None
