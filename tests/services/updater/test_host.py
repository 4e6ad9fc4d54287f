"""What is asked of systemd and of the page."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dbus_fast import Variant

from gateway.errors import Transient
from services.updater.host import Health, SystemdHost
from tests.services.updater.rauc_house import missing
from tests.services.updater.systemd_bus import SystemdBus, systemd_bus

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(missing()), reason=missing() or "nothing is missing")]


@asynccontextmanager
async def page(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncGenerator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        await server.wait_closed()


GOOD = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        (GOOD, True),
        (b"HTTP/1.1 302 Found\r\n", True),
        (b"HTTP/1.1 401 Unauthorized\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\n", False),
        (b"", False),
        (b"SSH-2.0-OpenSSH\r\n", False),
        (b"\xff\xfe\r\n", False),
    ],
)
async def test_only_http_that_does_not_fail_is_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, well: bool
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    async with page(answer) as url:
        assert await SystemdHost(url).look() == Health(active=False, restarts=None, page=well)


async def test_nobody_listening_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    for url in ("http://127.0.0.1:9/", "https://127.0.0.1:9/"):
        assert not (await SystemdHost(url).look()).page
    with pytest.raises(Transient, match="bus_away"):
        await SystemdHost("http://127.0.0.1:9/").restart()


async def test_a_certificate_of_our_own_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    (tmp_path / "d").mkdir()
    async with systemd_bus(tmp_path / "d", SystemdBus()):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "d" / "leaf.pem", tmp_path / "d" / "leaf.key")
        async with page(GOOD, context) as url:
            assert (await SystemdHost(url).look()).page


async def test_the_unit_is_looked_at_and_the_machine_restarted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd = SystemdBus()
    async with systemd_bus(tmp_path, systemd) as address, page(GOOD) as url:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        host = SystemdHost(url)
        assert await host.look() == Health(active=True, restarts=0, page=True)
        systemd.properties = {"ActiveState": Variant("s", "activating"), "NRestarts": Variant("u", 3)}
        assert await host.look() == Health(active=False, restarts=3, page=True)
        systemd.properties = {"ActiveState": Variant("u", 1), "NRestarts": Variant("s", "many")}
        assert not (await host.look()).active, "an answer of another form is not well"
        systemd.properties = None
        assert await host.look() == Health(active=False, restarts=None, page=True)
        await host.restart()
        assert systemd.started == [["reboot.target", "replace-irreversibly"]]
        systemd.refuses = True
        with pytest.raises(Transient, match="restart_refused"):
            await host.restart()
