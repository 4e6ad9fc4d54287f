"""Bundles come in whole or not at all, and move from channel to channel."""

import contextlib
import hashlib
import os
from pathlib import Path

import pytest

from gateway.errors import Refused, Transient
from services.hub.registry.registry import Channel, Registry
from services.hub.registry.shelf import Shelf
from services.hub.store.audit import deeds
from services.hub.store.hub import HubStore
from tests.services.hub.registry.shop import bundle, registry_of, written


@pytest.fixture
def registry(store: HubStore, tmp_path: Path) -> Registry:
    return registry_of(store, tmp_path)


async def add(registry: Registry, folder: Path, serial: int) -> str:
    return (await registry.add(written(folder, bundle(serial)), by="ada")).sha256


async def test_it_is_kept_by_its_hash_and_begins_in_dev(registry: Registry, tmp_path: Path) -> None:
    data = bundle(2)
    one = await registry.add(written(tmp_path, data), by="ada")
    assert one.sha256 == hashlib.sha256(data).hexdigest()
    assert (one.model, one.serial, one.bytes) == ("tiny", 2, len(data))
    assert registry.file(one.sha256).read_bytes() == data
    (listed,) = await registry.all()
    assert listed.channels == {Channel.DEV}
    await registry.add(written(tmp_path, data), by="ada")
    assert len(await registry.all()) == 1


async def test_it_is_promoted_step_by_step_and_never_below(registry: Registry, store: HubStore, tmp_path: Path) -> None:
    first = await add(registry, tmp_path, 1)
    with pytest.raises(Refused, match="channel_first"):
        await registry.promote("tiny", Channel.DEV, by="ada")
    with pytest.raises(Refused, match="channel_empty"):
        await registry.promote("tiny", Channel.STABLE, by="ada")
    assert (await registry.promote("tiny", Channel.BETA, by="ada")).sha256 == first
    second = await add(registry, tmp_path, 2)
    assert (await registry.promote("tiny", Channel.STABLE, by="ada")).sha256 == first
    assert (await registry.promote("tiny", Channel.BETA, by="ada")).sha256 == second
    held = {one.bundle.sha256: one.channels for one in await registry.all()}
    assert held == {first: {Channel.STABLE}, second: {Channel.DEV, Channel.BETA}}
    await add(registry, tmp_path, 1)
    with pytest.raises(Refused, match="model_serial_low"):
        await registry.promote("tiny", Channel.BETA, by="ada")
    async with store.database.transaction() as session:
        noted = [(deed.who, deed.what, deed.detail["channel"]) for deed in await deeds(session, limit=2)]
    assert noted[0] == ("ada", "model_added", "dev")


async def test_what_was_removed_is_in_no_channel(registry: Registry, tmp_path: Path) -> None:
    sha256 = await add(registry, tmp_path, 1)
    await registry.remove(sha256, by="ada")
    assert await registry.all() == []
    assert not registry.file(sha256).exists()
    with pytest.raises(Refused, match="channel_empty"):
        await registry.in_channel("tiny", Channel.DEV)
    with pytest.raises(Refused, match="bundle_unknown"):
        await registry.remove(sha256, by="ada")
    assert await add(registry, tmp_path, 1) == sha256
    assert (await registry.in_channel("tiny", Channel.DEV)).sha256 == sha256


GOOD = bundle(3)


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
async def test_what_is_none_leaves_nothing_behind(data: bytes, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "bundles")
    with pytest.raises(Refused, match="bundle_invalid"):
        shelf.add(written(tmp_path, data))
    assert not [file for file in (tmp_path / "bundles").rglob("*") if file.is_file()]


async def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Transient, match="disk_full"):
        Shelf(tmp_path / "bundles").add(written(tmp_path, GOOD))
    assert not [file for file in (tmp_path / "bundles").rglob("*") if file.is_file()]


async def test_random_damage_is_refused_or_harmless(tmp_path: Path) -> None:
    """Whatever is accepted is what its manifest says; a home checks the rest."""
    shelf = Shelf(tmp_path / "bundles")
    for place in range(0, len(GOOD), 97):
        data = bytearray(GOOD)
        data[place] ^= 0x20
        with contextlib.suppress(Refused):
            kept = shelf.add(written(tmp_path, bytes(data)))
            assert shelf.file(kept.sha256).read_bytes() == data
