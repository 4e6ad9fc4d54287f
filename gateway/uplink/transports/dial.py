"""Who we are to a broker, and what it is told to say of us when we vanish."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import aiomqtt

from gateway.config.secrets import Secret
from gateway.config.uplink import Uplink
from gateway.links.connection import Receive
from gateway.links.mqtt5 import Connection5
from gateway.links.tls import client_context
from gateway.uplink.profiles import PROFILES
from gateway.wire.uplink import Hello, UplinkTopics, dump

Left = Callable[[str, bytes], None]
"""Called within the loop with topic and payload of whatever is handed over to leave the home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """`hello` and `login` are asked for every connection, and the files of TLS are read anew."""

    settings: Uplink
    gateway: str
    hello: Callable[[], Hello]
    login: Callable[[], Secret | None]
    left: Left

    async def connection(self, receive: Receive) -> Connection5:
        """Not entered yet. Raises `Refused` for a login or a file that cannot be used."""
        login, context = await asyncio.to_thread(self._credentials)
        profile, hello = PROFILES[self.settings.profile], self.hello()
        topic = UplinkTopics(gateway=self.gateway).hello
        gone = dump(hello.model_copy(update={"online": False}))
        self.left(topic, gone)
        return Connection5(
            receive=receive,
            host=self.settings.host or "",
            port=self.settings.port,
            identity=profile.identity(self.gateway, hello.instance),
            will=aiomqtt.Will(topic, gone, qos=1, retain=profile.retain),
            username=login.user if login else self.gateway if profile.user_is_gateway else None,
            password=login.password if login else None,
            tls=context,
            keepalive_s=profile.keepalive_s,
            most_in_flight=profile.most_in_flight,
        )

    def _credentials(self) -> tuple[Secret | None, ssl.SSLContext | None]:
        tls = self.settings.tls
        return self.login(), None if tls == "off" else client_context(tls)
