"""The real socket, with the real desk behind it and a machine that is none."""

import asyncio
import json
import os
import random
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.testing.conformance_updater import asked, check_updater
from gateway.wire.release import UpdateState
from gateway.wire.update import MOST_BYTES, Imported, Origin, Past, Reply, Slot, Step
from services.updater import answers
from services.updater.answers import Desk
from services.updater.engine import Engine
from services.updater.host import Health
from services.updater.installer import Mark, Which
from services.updater.memory import Memory
from services.updater.server import MOST_CONNECTIONS, Server, bound, dumped
from tests.services.updater.house import OLD, Grub, House, attempt_from, parts_of


@asynccontextmanager
async def updater(
    folder: Path, house: House, *, slots: bool = True, allowed: int | None = None
) -> AsyncGenerator[Path]:
    """Its socket. Nobody watches the boot: only what was asked happens."""
    parts = parts_of(house)
    if not slots:
        parts = replace(parts, place=replace(parts.place, slot=None))
    parts.gate.look(Health(active=True, restarts=0, page=True), house.up_s)
    engine = Engine(parts)
    await engine.start()
    desk = Desk(parts, engine, wish=folder / "FACTORY_RESET", imported=folder / "imported.json")
    server = Server(desk, {os.geteuid() if allowed is None else allowed})
    async with server.listening(bound(folder / "socket")):
        yield folder / "socket"


@pytest.fixture
def house() -> House:
    return House(loader=Grub())


async def test_it_keeps_the_promises_of_an_updater(tmp_path: Path, house: House) -> None:
    async with updater(tmp_path, house) as path:
        await check_updater(path)


async def test_only_who_is_allowed_gets_an_answer(tmp_path: Path, house: House) -> None:
    async with updater(tmp_path, house, allowed=os.geteuid() + 1) as path:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"ask": "status"}\n')
        assert await _rest(reader) == b""
        writer.close()
    assert (path.stat().st_mode & 0o777) == 0o660, "it is systemd's, and there for the next one"


async def test_noise_is_answered_or_hung_up_on_and_nothing_else(tmp_path: Path, house: House) -> None:
    draw = random.Random(6)
    good = b'{"ask": "install", "origin": "hub", "url": "https://x/y", "sha256": "%s"}' % (b"0" * 64)
    async with updater(tmp_path, house) as path:
        for _ in range(150):
            noise = bytearray(good * draw.choice((1, 1, 1, 400)))
            for _ in range(draw.randrange(1, 8)):
                noise[draw.randrange(len(noise))] = draw.randrange(256)
            reader, writer = await asyncio.open_unix_connection(path, limit=MOST_BYTES)
            writer.write(bytes(noise) + draw.choice((b"\n", b"", b"\n" * 3)))
            if draw.random() < 0.5:
                writer.write_eof()
                for line in (await _rest(reader)).splitlines():
                    Reply.model_validate_json(line)
            writer.close()
        assert (await asked(path, {"ask": "status"})).key is None
    assert house.slots[house.running] == OLD


async def test_who_takes_all_connections_takes_no_more_than_there_are(tmp_path: Path, house: House) -> None:
    async with updater(tmp_path, house) as path:
        taken = [await asyncio.open_unix_connection(path) for _ in range(MOST_CONNECTIONS)]
        for reader, writer in taken:
            writer.write(b'{"ask": "status"}\n')
            assert await reader.readline()
        reader, one_more = await asyncio.open_unix_connection(path)
        assert await _rest(reader) == b""
        for _, writer in [*taken, (reader, one_more)]:
            writer.close()
        async with asyncio.timeout(10):
            while not await _answers(path):  # noqa: ASYNC110 - nobody tells that a place is free
                await asyncio.sleep(0)


async def test_without_slots_it_tells_and_does_nothing(tmp_path: Path, house: House) -> None:
    async with updater(tmp_path, house, slots=False) as path:
        status = await asked(path, {"ask": "status"})
        assert (status.machine.slot, status.machine.confirmed, status.machine.failing) == (None, True, ())
        install = {"ask": "install", "origin": "upload", "name": "new.raucb"}
        reset = {"ask": "factory_reset", "sure": socket.gethostname()}
        for request in (install, {"ask": "reboot"}, {"ask": "go_back"}, reset):
            assert (await asked(path, request)).key == "no_slots", request
    assert not (tmp_path / "FACTORY_RESET").exists()


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        ({"ask": "install", "origin": "upload"}, "request_invalid"),
        ({"ask": "install", "origin": "hub", "name": "new.raucb"}, "request_invalid"),
        ({"ask": "install", "origin": "hub", "url": "https://x/y"}, "request_invalid"),
        ({"ask": "install", "origin": "back"}, "request_invalid"),
        ({"ask": "install", "origin": "index"}, "nothing_newer"),
        ({"ask": "install", "origin": "stick", "name": "nowhere.raucb"}, "bundle_missing"),
        ({"ask": "go_back"}, "other_slot_bad"),
        ({"ask": "factory_reset", "sure": "somebody else"}, "name_other"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    tmp_path: Path, house: House, request_: dict[str, str], key: str
) -> None:
    async with updater(tmp_path, house) as path:
        before = house.raw
        assert (await asked(path, request_)).key == key
        assert house.raw == before, "what is refused changes nothing"


async def test_one_thing_at_a_time(tmp_path: Path, house: House) -> None:
    install = {"ask": "install", "origin": "stick", "name": "stick.raucb", "campaign": 7}
    async with updater(tmp_path, house) as path:
        begun = await asked(path, install)
        assert (begun.key, begun.machine.state, begun.machine.campaign) == (None, UpdateState.DOWNLOADING, 7)
        for request in (install, {"ask": "reboot"}):
            assert (await asked(path, request)).key == "busy"
        given_up = await asked(path, {"ask": "go_back"})
        assert (given_up.key, given_up.machine.state, given_up.machine.step) == (None, UpdateState.IDLE, Step.NONE)


async def test_the_index_is_looked_into_and_installed_from(tmp_path: Path, house: House) -> None:
    async with updater(tmp_path, house) as path:
        looked = await asked(path, {"ask": "look", "url": "https://example.org/index.json"})
        assert (looked.key, looked.machine.newest) == (None, "0.2.0")
        begun = await asked(path, {"ask": "install", "origin": "index"})
        assert (begun.key, begun.machine.origin) == (None, Origin.INDEX)


async def test_a_reset_is_wished_for_by_name(tmp_path: Path, house: House) -> None:
    async with updater(tmp_path, house) as path:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(json.dumps({"ask": "factory_reset", "sure": socket.gethostname().upper()}).encode() + b"\n")
        await _rest(reader)  # the machine goes down in the middle of it
        writer.close()
    assert (tmp_path / "FACTORY_RESET").exists()


class Deaf(House):
    """Neither RAUC nor systemd ever answers."""

    async def mark(self, mark: Mark, which: Which) -> None:
        await asyncio.Event().wait()

    async def restart(self) -> None:
        await asyncio.Event().wait()


async def test_whoever_asks_hears_in_time_that_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ANSWER_S", 0.01)
    house = Deaf(loader=Grub())
    attempt = attempt_from(Slot.A).but(target="0.2.0")
    boot = parts_of(house).place.boot
    house.raw = Memory(boot=boot, running=Slot.A, state=UpdateState.INSTALLED, attempt=attempt).model_dump_json()
    async with updater(tmp_path, house) as path:
        given_up = await asked(path, {"ask": "go_back"})
        assert (given_up.key, given_up.machine.state) == ("installer_away", UpdateState.INSTALLED)
        assert (await asked(path, {"ask": "factory_reset", "sure": socket.gethostname()})).key == "restart_refused"
    assert not (tmp_path / "FACTORY_RESET").exists(), "no later start forgets everything"


async def test_what_was_imported_is_told(tmp_path: Path, house: House) -> None:
    (tmp_path / "imported.json").write_text(
        '[{"file": "hearthgate.yaml", "key": "config_invalid", "detail": "line 3"}]'
    )
    async with updater(tmp_path, house) as path:
        (told,) = (await asked(path, {"ask": "status"})).machine.imported
        assert (told.file, told.key) == ("hearthgate.yaml", "config_invalid")
        (tmp_path / "imported.json").write_text("[{]")
        assert (await asked(path, {"ask": "status"})).machine.imported == ()


async def test_an_answer_always_fits_its_line(tmp_path: Path, house: House) -> None:
    past = Past(
        at=datetime(2026, 1, 1, tzinfo=UTC), origin=Origin.HUB, state=UpdateState.FAILED, key="k" * 48, detail="é" * 400
    )
    imported = Imported(file="f" * 200, key="k" * 48, detail="é" * 400)
    async with updater(tmp_path, house) as path:
        machine = (await asked(path, {"ask": "status"})).machine
    full = machine.model_copy(update={"history": (past,) * 50, "imported": (imported,) * 64})
    raw = dumped(Reply(machine=full))
    assert len(raw) <= MOST_BYTES
    told = Reply.model_validate_json(raw).machine
    assert told.history
    assert told.imported


async def _rest(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def _answers(path: Path) -> bool:
    try:
        return (await asked(path, {"ask": "status"})).key is None
    except AssertionError:
        return False
