"""Cameras, broker and ports: the doctor names the cause. Every answer comes over a real socket."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.config.settings import Settings
from gateway.health import ports, reach
from gateway.health.broker import check_broker
from gateway.health.cameras import check_cameras
from gateway.health.finding import Grade
from gateway.health.ports import check_ports
from gateway.links.broker import EmbeddedBroker
from tests.unit.web.test_tls import self_signed


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@asynccontextmanager
async def _answering(answer: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that says `answer` to whatever it is asked; None stays silent until it is closed."""
    served: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        await reader.read(4096)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.gather(*(task for task in served if task is not None), return_exceptions=True)


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _settings(tmp_path: Path, **sections: object) -> Settings:
    return Settings.model_validate({"gateway": {"secrets_dir": str(tmp_path)}, **sections})


def _camera(tmp_path: Path, **keys: object) -> Settings:
    return _settings(tmp_path, cameras=[{"name": "door", **keys}])


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "ok"),
        (b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n", "ok"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "camera_not_rtsp"),
        (b"", "camera_not_rtsp"),
        (None, "camera_silent"),
    ],
)
async def test_what_answers_in_place_of_a_camera(
    answer: bytes | None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PATIENCE_S", 0.3)
    async with _answering(answer) as port:
        (finding,) = await check_cameras(_camera(tmp_path, url=f"rtsp://127.0.0.1:{port}/a"))
    assert (finding.worry, finding.key) == ("camera/door", key)
    assert (finding.level is Grade.OK) == (key == "ok")


async def test_nothing_listens(tmp_path: Path) -> None:
    (finding,) = await check_cameras(_camera(tmp_path, url=f"rtsp://127.0.0.1:{_closed_port()}/a"))
    assert finding.key == "camera_refused"


async def test_an_unknown_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    (finding,) = await check_cameras(_camera(tmp_path, url="rtsp://camera.invalid/a"))
    assert finding.key == "camera_host_unknown"


@pytest.mark.parametrize(
    ("prepare", "key"),
    [
        (lambda _file: None, "credential_missing"),
        (lambda file: (file.write_text("ann:CANARY"), file.chmod(0o644)), "credential_mode"),
        (lambda file: (file.write_text("CANARY"), file.chmod(0o600)), "credential_invalid"),
    ],
)
async def test_a_credential_that_cannot_be_used(prepare: Callable[[Path], object], key: str, tmp_path: Path) -> None:
    prepare(tmp_path / "door")
    (finding,) = await check_cameras(_camera(tmp_path, url="rtsp://127.0.0.1:9/a", credential="door"))
    assert finding.key == key
    assert str(tmp_path / "door") in finding.hint
    assert "CANARY" not in str(finding)


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"device": "/dev/video-none"}, "camera_missing"),
        ({"device": "/dev/shm"}, "camera_missing"),
        ({"device": "/dev/null"}, "ok"),
        ({"file": "/none.mp4"}, "camera_missing"),
        ({"file": __file__}, "ok"),
    ],
)
async def test_devices_and_files(keys: dict[str, str], key: str, tmp_path: Path) -> None:
    (finding,) = await check_cameras(_camera(tmp_path, **keys))
    assert finding.key == key


async def test_no_camera_is_worth_a_word(tmp_path: Path) -> None:
    (finding,) = await check_cameras(_settings(tmp_path))
    assert (finding.level, finding.key) == (Grade.WARN, "cameras_none")


def _broker(tmp_path: Path, port: int, content: str) -> Settings:
    (tmp_path / "broker").write_text(content)
    (tmp_path / "broker").chmod(0o600)
    return _settings(tmp_path, mqtt={"host": "127.0.0.1", "port": port, "credential": "broker"})


@pytest.mark.parametrize(("content", "key"), [("ann:secret", "ok"), ("ann:CANARY", "broker_password")])
async def test_a_real_broker_and_the_password(content: str, key: str, tmp_path: Path) -> None:
    async with EmbeddedBroker(users={"ann": "secret"}) as broker:
        (finding,) = await check_broker(_broker(tmp_path, broker.port, content))
    assert finding.key in ({key} if key == "ok" else {"broker_password", "broker_not_authorised"})
    assert "CANARY" not in str(finding)


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (b"\x20\x02\x00\x00", "ok"),
        (b"\x20\x02\x00\x01", "broker_version"),
        (b"\x20\x02\x00\x03", "broker_unavailable"),
        (b"\x20\x02\x00\x04", "broker_password"),
        (b"\x20\x02\x00\x05", "broker_not_authorised"),
        (b"\x20\x02\x00\x63", "broker_refused"),
        (b"HTTP/1.1 400", "broker_not_mqtt"),
        (b"", "broker_not_mqtt"),
        (None, "broker_silent"),
    ],
)
async def test_what_a_broker_may_answer(
    answer: bytes | None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PATIENCE_S", 0.3)
    async with _answering(answer) as port:
        (finding,) = await check_broker(_broker(tmp_path, port, "ann:secret"))
    assert finding.key == key


async def test_an_own_broker_that_is_off_and_the_embedded_one(tmp_path: Path) -> None:
    (finding,) = await check_broker(_broker(tmp_path, _closed_port(), "ann:secret"))
    assert finding.key == "broker_refused"
    (finding,) = await check_broker(_settings(tmp_path))
    assert finding.level is Grade.OK


async def test_tls_with_something_that_speaks_none(tmp_path: Path) -> None:
    async with _answering(b"hello") as port:
        settings = _settings(tmp_path, mqtt={"host": "127.0.0.1", "port": port, "tls": True})
        (finding,) = await check_broker(settings)
    assert finding.key == "broker_tls_failed"


def _ports(tmp_path: Path, port: int) -> Settings:
    return _settings(tmp_path, web={"host": "127.0.0.1", "port": port}, mqtt={"port": _closed_port()})


async def test_a_free_port(tmp_path: Path) -> None:
    page, broker = await check_ports(_ports(tmp_path, _closed_port()))
    assert (page.level, broker.level) == (Grade.OK, Grade.OK)


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    async with _answering(b"HTTP/1.1 200 OK\r\nServer: other\r\n\r\n") as port:
        page, _ = await check_ports(_ports(tmp_path, port))
    assert page.key == "port_taken"


async def test_a_port_that_is_ours_makes_the_brokers_port_ours(tmp_path: Path) -> None:
    async with _answering(b"HTTP/1.1 200 OK\r\n\r\n<title>Hearthgate</title>") as port, _answering(b"") as other:
        settings = _settings(tmp_path, web={"host": "127.0.0.1", "port": port}, mqtt={"port": other})
        page, broker = await check_ports(settings)
    assert (page.key, broker.key) == ("port_ours", "port_ours")


async def test_a_page_on_a_socket_of_systemds_makes_the_brokers_port_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    async with _answering(b"HTTP/1.1 200 OK\r\nServer: Hearthgate\r\n\r\n", context) as https, _answering(b"") as other:
        monkeypatch.setattr(ports, "HANDED_OVER", (https, _closed_port()))
        page, broker = await check_ports(_settings(tmp_path, mqtt={"port": other}))
    assert (page.key, broker.key) == ("port_ours", "port_ours")
    assert f"port {https}" in page.message


async def test_a_page_over_tls_is_ours_too(tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(self_signed(tmp_path))
    async with _answering(b"HTTP/1.1 200 OK\r\nServer: Hearthgate\r\n\r\n", context) as port:
        page, _ = await check_ports(_ports(tmp_path, port))
    assert page.key == "port_ours"


async def test_an_address_that_is_none(tmp_path: Path) -> None:
    settings = _settings(tmp_path, web={"host": "999.1.1.1", "port": _closed_port()}, mqtt={"host": "h"})
    (finding,) = await check_ports(settings)
    assert finding.key == "port_address"
