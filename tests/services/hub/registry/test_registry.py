"""Bundles come in whole or not at all, and move from channel to channel."""

import contextlib
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.errors import Invalid, Refused, Transient
from services.hub.registry import kinds
from services.hub.registry.images import About, about_in
from services.hub.registry.registry import Channel, Registry
from services.hub.store.audit import deeds
from services.hub.store.hub import HubStore
from tests.services.hub.registry.shop import bundle, chunks, image, registry_of


@pytest.fixture
def registry(store: HubStore, tmp_path: Path) -> Registry:
    return registry_of(store, tmp_path)


async def add(registry: Registry, serial: int) -> str:
    return (await registry.add_model(chunks(bundle(serial)), by="ada")).sha256


async def test_it_is_kept_by_its_hash_and_begins_in_dev(registry: Registry, tmp_path: Path) -> None:
    data = bundle(2)
    one = await registry.add_model(chunks(data), by="ada")
    assert one.sha256 == hashlib.sha256(data).hexdigest()
    assert (one.release.line, one.release.serial, one.bytes) == ("model/tiny", 2, len(data))
    assert registry.file(one).read_bytes() == data
    (listed,) = await registry.all()
    assert listed.channels == {Channel.DEV}
    await registry.add_model(chunks(data), by="ada")
    assert len(await registry.all()) == 1


async def test_what_a_killed_hub_had_begun_does_not_stay_for_ever(registry: Registry, tmp_path: Path) -> None:
    one = await registry.add_model(chunks(bundle(1)), by="ada")
    folder = registry.file(one).parents[1]
    old, recent = folder / ".bundle.old", folder / ".bundle.recent"
    for file, age_s in ((old, 86_500), (recent, 86_000)):
        file.touch()
        os.utime(file, times=(time.time() - age_s,) * 2)
    await registry.add_model(chunks(bundle(2)), by="ada")
    assert [file.name for file in folder.glob(".bundle.*")] == [recent.name]
    assert registry.file(one).exists()


async def test_it_is_promoted_step_by_step_and_never_below(registry: Registry, store: HubStore, tmp_path: Path) -> None:
    first = await add(registry, 1)
    with pytest.raises(Refused, match="channel_first"):
        await registry.promote("model/tiny", Channel.DEV, by="ada")
    with pytest.raises(Refused, match="channel_empty"):
        await registry.promote("model/tiny", Channel.STABLE, by="ada")
    assert (await registry.promote("model/tiny", Channel.BETA, by="ada")).sha256 == first
    second = await add(registry, 2)
    assert (await registry.promote("model/tiny", Channel.STABLE, by="ada")).sha256 == first
    assert (await registry.promote("model/tiny", Channel.BETA, by="ada")).sha256 == second
    held = {one.bundle.sha256: one.channels for one in await registry.all()}
    assert held == {first: {Channel.STABLE}, second: {Channel.DEV, Channel.BETA}}
    await add(registry, 1)
    with pytest.raises(Refused, match="model_serial_low"):
        await registry.promote("model/tiny", Channel.BETA, by="ada")
    async with store.database.transaction() as session:
        noted = [(deed.who, deed.what, deed.detail["channel"]) for deed in await deeds(session, limit=2)]
    assert noted[0] == ("ada", "model_added", "dev")


async def test_what_was_removed_is_in_no_channel(registry: Registry, tmp_path: Path) -> None:
    one = await registry.add_model(chunks(bundle(1)), by="ada")
    sha256 = one.sha256
    await registry.remove(sha256, by="ada")
    assert await registry.all() == []
    assert not registry.file(one).exists()
    with pytest.raises(Refused, match="channel_empty"):
        await registry.in_channel("model/tiny", Channel.DEV)
    with pytest.raises(Refused, match="bundle_unknown"):
        await registry.remove(sha256, by="ada")
    assert await add(registry, 1) == sha256
    assert (await registry.in_channel("model/tiny", Channel.DEV)).sha256 == sha256


GOOD = bundle(3)


def files_in(folder: Path) -> list[Path]:
    return [file for file in (folder / "bundles").rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\5\6" + bytes(18),
        GOOD[:-1],
        GOOD[: len(GOOD) // 2],
        GOOD.replace(b"manifest.json", b"manifast.json"),
        GOOD.replace(b'"serial":3', b'"serial":4'),
        GOOD + b"more",
    ],
    ids=["nothing", "empty", "short", "half", "named", "changed", "more"],
)
async def test_what_is_none_leaves_nothing_behind(data: bytes, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="bundle_invalid"):
        await registry.add_model(chunks(data), by="ada")
    assert not await registry.all()
    assert files_in(tmp_path) == []


async def test_what_breaks_off_or_goes_on_for_ever_leaves_nothing_behind(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield GOOD[:1000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await registry.add_model(broken(), by="ada")
    monkeypatch.setattr(kinds, "MOST_BYTES", -(1 << 20) + 900)
    with pytest.raises(Refused, match="bundle_too_large"):
        await registry.add_model(chunks(GOOD), by="ada")
    assert not await registry.all()
    assert files_in(tmp_path) == []


async def test_a_disk_that_is_full_leaves_nothing_behind(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Transient, match="disk_full"):
        await registry.add_model(chunks(GOOD), by="ada")
    monkeypatch.undo()
    assert not await registry.all()
    assert files_in(tmp_path) == []


async def test_random_damage_is_refused_or_harmless(registry: Registry) -> None:
    """Whatever is accepted is what its manifest says; a home checks the rest."""
    for place in range(0, len(GOOD), 97):
        data = bytearray(GOOD)
        data[place] ^= 0x20
        with contextlib.suppress(Refused):
            kept = await registry.add_model(chunks(bytes(data)), by="ada")
            assert registry.file(kept).read_bytes() == data


ABOUT = About(board="rpi", version="1.3.0")


async def test_an_image_goes_the_same_way_board_by_board(registry: Registry, tmp_path: Path) -> None:
    first = await registry.add_image(chunks(image()), ABOUT, by="ada")
    other = await registry.add_image(chunks(image(b"x")), ABOUT.model_copy(update={"board": "x86_64"}), by="ada")
    assert registry.file(first).read_bytes() == image()
    assert registry.file(first).suffix == ".raucb"
    assert (await registry.promote("image/rpi", Channel.BETA, by="ada")).sha256 == first.sha256
    held = {one.bundle.release.line: one.channels for one in await registry.all()}
    assert held == {"image/rpi": {Channel.DEV, Channel.BETA}, "image/x86_64": {Channel.DEV}}
    assert (await registry.in_channel("image/x86_64", Channel.DEV)).sha256 == other.sha256


async def test_what_was_said_of_an_image_can_be_put_right(registry: Registry) -> None:
    await registry.add_image(chunks(image()), ABOUT, by="ada")
    await registry.promote("image/rpi", Channel.BETA, by="ada")
    right = About(board="x86_64", version="1.4.0")
    await registry.add_image(chunks(image()), right, by="ada")
    (listed,) = await registry.all()
    assert (listed.bundle.release, listed.channels) == (right.release, frozenset({Channel.DEV}))
    with pytest.raises(Refused, match="channel_empty"):
        await registry.in_channel("image/rpi", Channel.BETA)


@pytest.mark.parametrize(
    "data",
    [b"", b"hsqs", image()[1:], image()[:-8], b"hsqs" + bytes(100), b"hsqs" + bytes(92) + (99).to_bytes(8, "big")],
    ids=["nothing", "short", "begins", "ends", "unsigned", "all signature"],
)
async def test_what_is_no_image_leaves_nothing_behind(data: bytes, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="bundle_invalid"):
        await registry.add_image(chunks(data), ABOUT, by="ada")
    assert not await registry.all()
    assert files_in(tmp_path) == []


async def test_an_image_that_is_not_the_described_one_is_refused(registry: Registry) -> None:
    with pytest.raises(Refused, match="bundle_hash"):
        await registry.add_image(chunks(image()), ABOUT.model_copy(update={"sha256": "0" * 64}), by="ada")


@pytest.mark.parametrize("about", ["[]", "{", '{"board": "rpi"}', '{"board": "../rpi", "version": "1"}'])
def test_a_description_that_is_none_is_told(about: str, tmp_path: Path) -> None:
    file = tmp_path / "image.json"
    file.write_text(about)
    with pytest.raises(Invalid, match="image_about_invalid"):
        about_in(file)
    file.write_text('{"board": "rpi", "version": "1.3.0", "built": "2026-11-21T00:00:00Z", "suite": "trixie"}')
    assert about_in(file) == ABOUT
