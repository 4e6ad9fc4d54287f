"""A server that refuses our certificate, and is gone before we have said anything."""

import asyncio
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from gateway.links.mqtt5 import Connection5
from tests.integration.certificates import Authority

_PATIENCE_S = 10.0


class _Server:
    """Takes one connection. `gone` is set when it has hung up, having said which certificate it does not like."""

    def __init__(self, authority: Authority) -> None:
        ours = authority.issue("server")
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(ours.cert, ours.key)
        self._context.load_verify_locations(authority.ca)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.gone = threading.Event()
        self.refused = ""

    def serve(self) -> None:
        accepted, _ = self._listening.accept()
        with self._context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False) as connection:
            try:
                connection.do_handshake()
            except ssl.SSLError as error:
                self.refused = error.reason
        self._listening.close()
        self.gone.set()


def _late(gone: threading.Event) -> type[ssl.SSLSocket]:
    """A socket that writes only when the server is `gone`, and reads only after that has failed."""

    class Late(ssl.SSLSocket):
        failed = False

        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            gone.wait(_PATIENCE_S)

        def send(self, data: Any, flags: int = 0) -> int:
            try:
                return super().send(data, flags)
            except OSError:
                self.failed = True
                raise

        def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
            if not self.failed:
                raise ssl.SSLWantReadError
            return super().recv(buflen, flags)

    return Late


async def test_an_alert_is_heard_even_if_writing_fails_first(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    old = authority.issue("old", begins_d=-9, ends_d=-1)
    server = _Server(authority)
    context = ssl.create_default_context(cafile=str(authority.ca))
    context.load_cert_chain(old.cert, old.key)
    context.sslsocket_class = _late(server.gone)
    connection = Connection5(
        receive=lambda *_: None,
        host="localhost",
        port=server.port,
        identity="gateway",
        will=None,
        username=None,
        password=None,
        tls=context,
        keepalive_s=10,
        most_in_flight=1,
    )
    serving = asyncio.create_task(asyncio.to_thread(server.serve))
    with pytest.raises(aiomqtt.MqttError):
        await connection.__aenter__()
    await serving
    assert (server.refused, connection.alert) == ("CERTIFICATE_VERIFY_FAILED", "certificate_expired")
