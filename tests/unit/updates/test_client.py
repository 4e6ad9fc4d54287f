"""Whatever the updater does or is not, whoever asks gets an answer or a named error in time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Invalid, Refused, Transient
from gateway.testing.updater import FakeUpdater, answering, machine
from gateway.updates.client import UpdaterClient
from gateway.wire.summary import UpdateState
from gateway.wire.update import Install, Origin, Reboot, Report, Slot, Status


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    return tmp_path / "socket"


async def test_it_asks_and_hears(socket: Path) -> None:
    updater = FakeUpdater(machine(slot=Slot.B), bundles={"new.raucb": "2.0.0"})
    client = UpdaterClient(socket)
    async with answering(updater, socket):
        assert (await client.ask(Status())).slot is Slot.B
        found = await client.ask(Install(origin=Origin.UPLOAD, name="new.raucb"))
        assert (found.state, found.target) == (UpdateState.DOWNLOADING, "2.0.0")
        assert (await client.ask(Report(version="1.0.0", failing=("store",)))).failing == ("store",)
    assert [one.ask for one in updater.heard] == ["status", "install", "report"]


async def test_what_the_updater_will_not_do_keeps_its_key(socket: Path) -> None:
    async with answering(FakeUpdater(machine(slot=None)), socket):
        with pytest.raises(Refused) as refused:
            await UpdaterClient(socket).ask(Install(origin=Origin.UPLOAD, name="new.raucb"))
    assert (refused.value.key, refused.value.status) == ("no_slots", 409)


async def test_where_there_is_none_that_is_said(socket: Path) -> None:
    with pytest.raises(Refused) as refused:
        await UpdaterClient(socket).ask(Status())
    assert refused.value.key == "updater_absent"


async def test_after_a_restart_of_the_updater_it_is_found_again(socket: Path) -> None:
    client = UpdaterClient(socket)
    async with answering(FakeUpdater(), socket):
        await client.ask(Status())
    with pytest.raises(Refused, match="updater_absent"):
        await client.ask(Reboot())
    async with answering(FakeUpdater(), socket):
        assert (await client.ask(Status())).version == "1.0.0"


async def test_a_socket_that_nobody_answers_is_weather(socket: Path) -> None:
    socket.touch()
    with pytest.raises(Transient, match="updater_away"):
        await UpdaterClient(socket).ask(Status())


@asynccontextmanager
async def saying(socket: Path, answer: bytes | None) -> AsyncGenerator[None]:
    """Something that says only `answer`, or nothing and stays."""
    ended, served = asyncio.Event(), asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer is None:
            await ended.wait()
        else:
            writer.write(answer)
        writer.close()
        served.set()

    server = await asyncio.start_unix_server(serve, socket)
    try:
        yield
    finally:
        ended.set()
        await served.wait()
        server.close()


@pytest.mark.parametrize(
    ("answer", "kind", "key"),
    [
        (None, Transient, "updater_away"),
        (b"", Transient, "updater_away"),
        (b'{"machine":', Transient, "updater_away"),
        (b"{}\n", Invalid, "updater_answer"),
        (b"\xff\xfe\n", Invalid, "updater_answer"),
        (b"[" * 50_000 + b"\n", Invalid, "updater_answer"),
        (b"x" * 200_000 + b"\n", Transient, "updater_away"),
    ],
)
async def test_no_odd_answer_is_more_than_an_error(
    socket: Path, answer: bytes | None, kind: type[GatewayError], key: str
) -> None:
    async with saying(socket, answer):
        with pytest.raises(kind) as raised:
            await UpdaterClient(socket, answer_s=0.2).ask(Status())
    assert raised.value.key == key
