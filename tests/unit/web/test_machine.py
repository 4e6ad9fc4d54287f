"""Updates over the API: what is asked reaches the updater, and uploads go on where they broke off."""

import hashlib
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from gateway.testing.clock import FakeClock
from gateway.testing.updater import FakeUpdater, answering, machine
from gateway.updates.client import UpdaterClient
from gateway.updates.inbox import Inbox
from gateway.web.api.machine import MOST_PIECE_BYTES
from gateway.web.parts import Underneath
from gateway.wire.summary import UpdateState
from gateway.wire.update import FactoryReset, GoBack, Install, Look, Origin, Reboot, Status
from tests.unit.web.conftest import Page, house

NAME = "hearthgate-x86_64-2.0.0.raucb"
INDEX = "https://example.org/releases.json"
PLACE = "/api/v1/machine"
HOST = socket.gethostname()


@asynccontextmanager
async def below(folder: Path, updater: FakeUpdater | None = None) -> AsyncGenerator[Page]:
    """A page above `updater`, or above none."""
    place = folder / "socket"
    inbox = Inbox(folder / "updates", reserve_bytes=0)
    under = Underneath(updater=UpdaterClient(place), inbox=inbox, failing=lambda: ("page",), index=INDEX)
    async with house(FakeClock(), machine=under) as page:
        if updater is None:
            yield page
        else:
            async with answering(updater, place):
                yield page


async def piece(page: Page, data: bytes, first: int, total: int, name: str = NAME) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Range": f"bytes {first}-{first + len(data) - 1}/{total}"}
    answer = await page.send("PUT", f"{PLACE}/inbox/{name}", data=data, headers=headers)
    return answer.status, await answer.json()


async def test_everything_about_the_machine_is_told(tmp_path: Path) -> None:
    async with below(tmp_path, FakeUpdater(machine(other="0.9.0"))) as page:
        told = await (await page.get(PLACE)).json()
    assert (told["machine"]["slot"], told["machine"]["version"], told["machine"]["other"]) == ("A", "1.0.0", "0.9.0")
    assert (told["key"], told["failing"], told["inbox"]) == (None, ["page"], [])
    assert told["host"] == HOST


async def test_what_went_wrong_is_told_in_words(tmp_path: Path) -> None:
    past = {"origin": "hub", "state": "failed", "key": "downgrade", "detail": "version 0.9.0"}
    found = machine(
        key="interrupted", failing=("store",), history=(past,), imported=({"file": "x", "key": "keys_none"},)
    )
    async with below(tmp_path, FakeUpdater(found)) as page:
        told = (await (await page.get(PLACE)).json())["machine"]
    assert told["because"] == "it was cut off again and again"
    assert told["ailing"] == ["the database does not open, or takes nothing"]
    assert [one["because"] for one in told["history"]] == ["it is older than what runs (version 0.9.0)"]
    assert [one["because"] for one in told["imported"]] == ["there is no public key in it"]


async def test_where_there_is_no_updater_that_is_said(tmp_path: Path) -> None:
    async with below(tmp_path) as page:
        told = await (await page.get(PLACE)).json()
        assert (told["machine"], told["key"]) == (None, "updater_absent")
        answer = await page.post(f"{PLACE}/reboot")
        assert (answer.status, (await answer.json())["key"]) == (404, "updater_absent")
    async with house(FakeClock()) as page:
        assert (await (await page.get(PLACE)).json())["key"] == "part_off"


@pytest.mark.parametrize(
    ("path", "body", "asked"),
    [
        ("install", {"origin": "upload", "name": NAME}, Install(origin=Origin.UPLOAD, name=NAME)),
        ("install", {"origin": "stick", "name": NAME}, Install(origin=Origin.STICK, name=NAME)),
        ("install", {"origin": "index"}, Install(origin=Origin.INDEX)),
        ("look", None, Look(url=INDEX)),
        ("reboot", None, Reboot()),
        ("back", None, GoBack()),
        ("reset", {"sure": f" {HOST.upper()} "}, FactoryReset(sure=HOST)),
    ],
)
async def test_what_is_asked_reaches_the_updater(
    tmp_path: Path, path: str, body: dict[str, str] | None, asked: object
) -> None:
    updater = FakeUpdater(machine(other="0.9.0"), bundles={NAME: "2.0.0"})
    updater.newest = "2.0.0"
    async with below(tmp_path, updater) as page:
        answer = await page.post(f"{PLACE}/{path}", json=body)
        assert answer.status == 202
        assert (await answer.json())["machine"]["board"] == "x86_64"
    assert updater.heard == [asked]


@pytest.mark.parametrize(
    ("path", "body", "status", "key"),
    [
        ("install", {"origin": "hub"}, 400, "body_invalid"),
        ("install", {"origin": "upload"}, 400, "body_invalid"),
        ("install", {"origin": "index", "name": NAME}, 400, "body_invalid"),
        ("install", {"origin": "upload", "name": "../../etc/passwd"}, 400, "body_invalid"),
        ("install", {"origin": "upload", "name": "other.raucb"}, 409, "bundle_missing"),
        ("reset", {"sure": "another house"}, 400, "reset_unsure"),
        ("reset", {}, 400, "body_invalid"),
    ],
)
async def test_what_cannot_be_is_refused(tmp_path: Path, path: str, body: object, status: int, key: str) -> None:
    updater = FakeUpdater(bundles={NAME: "2.0.0"})
    async with below(tmp_path, updater) as page:
        answer = await page.post(f"{PLACE}/{path}", json=body)
        assert (answer.status, (await answer.json())["key"]) == (status, key)
    assert updater.machine.state is UpdateState.IDLE
    assert not any(isinstance(one, FactoryReset) for one in updater.heard)


async def test_a_bundle_arrives_in_pieces(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    async with below(tmp_path, FakeUpdater()) as page:
        assert await piece(page, data[:100_000], 0, 300_000) == (
            200,
            {"name": NAME, "have": 100_000, "total": 300_000, "sha256": None},
        )
        status, told = await piece(page, data[:50_000], 200_000, 300_000)
        assert (status, told["key"], told["facts"]["have"]) == (409, "upload_place", 100_000)
        status, told = await piece(page, data[100_000:], 100_000, 300_000)
        assert (status, told["sha256"]) == (200, hashlib.sha256(data).hexdigest())
        assert (tmp_path / "updates" / NAME).read_bytes() == data
        assert [one["name"] for one in (await (await page.get(PLACE)).json())["inbox"]] == [NAME]
        assert (await page.send("DELETE", f"{PLACE}/inbox/{NAME}")).status == 204
        assert (await (await page.get(PLACE)).json())["inbox"] == []


@pytest.mark.parametrize(
    ("span", "data", "status", "key"),
    [
        ("bytes 0-9/100", b"short", 400, "upload_piece"),
        ("bytes 0-/100", b"data", 400, "upload_piece"),
        ("", b"data", 400, "upload_piece"),
        (f"bytes 0-{MOST_PIECE_BYTES}/9999999", bytes(MOST_PIECE_BYTES + 1), 413, "too_large"),
        ("bytes 0-3/9999999999", b"data", 413, "bundle_too_large"),
    ],
)
async def test_a_piece_that_is_none_is_refused(tmp_path: Path, span: str, data: bytes, status: int, key: str) -> None:
    async with below(tmp_path) as page:
        answer = await page.send("PUT", f"{PLACE}/inbox/{NAME}", data=BytesIO(data), headers={"Content-Range": span})
        assert (answer.status, (await answer.json())["key"]) == (status, key)
        assert not list(tmp_path.rglob("*.part"))


async def test_what_the_disk_does_is_said(tmp_path: Path) -> None:
    (tmp_path / "updates").write_text("a file where a folder should be")
    async with below(tmp_path) as page:
        status, told = await piece(page, b"data", 0, 4)
    assert (status, told["key"]) == (503, "upload_failed")


async def test_asking_for_the_state_asks_for_nothing_else(tmp_path: Path) -> None:
    updater = FakeUpdater()
    async with below(tmp_path, updater) as page:
        await page.get(PLACE)
    assert updater.heard == [Status()]
