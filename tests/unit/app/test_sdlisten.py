"""What systemd opened is told apart by its name, or by its port."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.app import sdlisten
from gateway.app.sdlisten import handed_sockets


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[socket.socket]]:
    """Three in a row, as they would be from descriptor 3 on."""
    with ExitStack() as stack:
        spare = stack.enter_context(socket.socket())
        first = _row_of_free_descriptors(spare, 3)
        opened = []
        for place in range(3):
            one = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            os.dup2(one.fileno(), first + place)
            stack.callback(os.close, first + place)
            opened.append(one)
        monkeypatch.setattr(sdlisten, "_FIRST", first)
        monkeypatch.setenv("LISTEN_FDS", "3")
        monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
        yield opened


def _row_of_free_descriptors(spare: socket.socket, count: int) -> int:
    taken = {int(one.name) for one in Path("/proc/self/fd").iterdir()}
    first = spare.fileno() + 100
    while any(place in taken for place in range(first, first + count)):
        first += 1
    return first


def test_by_name(sockets: list[socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDNAMES", "https:http:https")
    handed = handed_sockets()
    assert handed is not None
    with ExitStack() as stack:
        for one in (*handed.https, *handed.http):
            stack.enter_context(one)
        ports = [one.getsockname()[1] for one in sockets]
        assert [one.getsockname()[1] for one in handed.https] == [ports[0], ports[2]]
        assert [one.getsockname()[1] for one in handed.http] == [ports[1]]
        assert not any(os.get_inheritable(one.fileno()) for one in handed.https), "no child of ours gets the copy"


def test_by_port(sockets: list[socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDNAMES", "hearthgate.socket:hearthgate.socket:hearthgate.socket")
    monkeypatch.setattr(sdlisten, "_HTTP", sockets[2].getsockname()[1])
    handed = handed_sockets()
    assert handed is not None
    with ExitStack() as stack:
        for one in (*handed.https, *handed.http):
            stack.enter_context(one)
        assert [one.getsockname() for one in handed.http] == [sockets[2].getsockname()]
        assert len(handed.https) == 2


@pytest.mark.usefixtures("sockets")
def test_what_was_meant_for_somebody_else_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    assert handed_sockets() is None


def test_usually_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LISTEN_PID", raising=False)
    assert handed_sockets() is None
