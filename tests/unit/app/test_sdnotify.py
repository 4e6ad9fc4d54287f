import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app.sdnotify import Notifier, feed_watchdog, tell_stopping
from gateway.flow.beat import Beats
from gateway.testing.clock import FakeClock
from gateway.wire.systemd import watchdog_period_s


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Listens where systemd would."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.setblocking(False)
        yield sock


def received(manager: socket.socket) -> list[str]:
    got = []
    while True:
        try:
            got.append(manager.recv(4096).decode())
        except BlockingIOError:
            return got


async def test_ready_waits_for_every_stage_and_pings_stop_when_one_falls_silent(manager: socket.socket) -> None:
    clock = FakeClock()
    beats = Beats(clock)
    beat = beats.register("camera/door", 10)
    feeding = asyncio.create_task(feed_watchdog(Notifier(manager.getsockname()), beats, clock, 2.0))
    await asyncio.sleep(0)
    assert "READY=1\nSTATUS=running" not in received(manager)
    beat()
    await clock.advance(0.2)
    assert received(manager) == ["READY=1\nSTATUS=running", "WATCHDOG=1"]
    await clock.advance(8.1)
    assert set(received(manager)) == {"WATCHDOG=1"}
    await clock.advance(4)
    assert "STATUS=silent: camera/door" in received(manager)
    await clock.advance(4)
    assert "WATCHDOG=1" not in received(manager)
    feeding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await feeding


async def test_stopping_is_told_when_it_begins(manager: socket.socket) -> None:
    stop = asyncio.Event()
    telling = asyncio.create_task(tell_stopping(Notifier(manager.getsockname()), stop))
    await asyncio.sleep(0)
    assert received(manager) == []
    stop.set()
    await telling
    assert received(manager) == ["STOPPING=1"]


def test_without_a_manager_nothing_happens() -> None:
    Notifier(None).send("READY=1")
    Notifier("/nonexistent/socket").send("READY=1")


def test_the_watchdog_of_another_process_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert watchdog_period_s() is None
    monkeypatch.delenv("WATCHDOG_PID")
    assert watchdog_period_s() == 15
