"""What systemd hears of a hub."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.wire.systemd import notify
from services.hub.app.bench.programs import free_port
from services.hub.app.weather import Weather

from .processes import running_hub


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


def heard(manager: socket.socket) -> list[str]:
    said = []
    while True:
        try:
            said += manager.recv(4096).decode().splitlines()
        except BlockingIOError:
            return said


async def test_it_is_told_when_the_door_is_open_that_it_lives_and_when_it_closes(
    manager: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    config = tmp_path / "hub.yaml"
    config.write_text(f"data_dir: data\ndoor:\n  port: {free_port()}\n")
    async with running_hub(config, b"door open"), asyncio.timeout(30):
        said: list[str] = []
        while said.count("WATCHDOG=1") < 3 or "READY=1" not in said:
            said += [(await asyncio.get_running_loop().sock_recv(manager, 4096)).decode().splitlines()[0]]
        assert "STOPPING=1" not in said
    assert "STOPPING=1" in heard(manager)


def test_changes_of_the_weather_are_told_once(manager: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    weather = Weather()
    tell = weather.of("store")
    for key in (None, "store_unreachable", "store_unreachable", "disk_full", None, None):
        tell(key)
    assert heard(manager) == ["STATUS=store: store_unreachable", "STATUS=store: disk_full", "STATUS=running"]
    assert [record.getMessage() for record in caplog.records] == [
        "store: store_unreachable",
        "store: disk_full",
        "store is well",
    ]


def test_without_a_manager_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")
