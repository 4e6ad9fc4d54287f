"""What the door counted is where people look for it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import Transient
from services.hub.door.turned_away import written_down
from services.hub.store.hub import HubStore
from tests.services.hub.ingest.made import NOW, counted, store_with

from .house import WAIT_S, Raw, connect_packet, entrance, packet


async def test_who_is_turned_away_is_counted_by_gateway_and_the_hubs_own_trouble_is_not() -> None:
    async with entrance() as here:
        async with Raw(here.door.port) as stranger, Raw(here.door.port) as known, Raw(here.door.port) as leaves:
            stranger.send(connect_packet(token="guess"))
            await stranger.gone()
            await known.enter()
            known.send(packet(0x30, b"x" * 300_000))
            await known.gone()
            await leaves.enter()
        assert here.door.counts == {("", "credentials_wrong"): 1, ("home1", "packet_too_large"): 1}


async def test_counts_go_over_to_the_store_each_once(tmp_path: Path) -> None:
    counts = Counter({("home1", "packet_too_large"): 2, ("", "credentials_wrong"): 1})
    async with store_with(tmp_path, "home1") as store:
        async with written_down(counts, store, now=lambda: NOW, every_s=0.001):
            async with asyncio.timeout(WAIT_S):
                await _empty(counts)
            counts["home1", "packet_too_large"] += 1
        assert await counted(store) == {("home1", "packet_too_large"): 3, ("", "credentials_wrong"): 1}
        assert not counts


async def _empty(counts: Counter[tuple[str, str]]) -> None:
    while counts:  # noqa: ASYNC110 - a counter tells nobody
        await asyncio.sleep(0.001)


async def test_what_the_store_cannot_take_now_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_self: HubStore, _refused: Mapping[tuple[str, str], int], _at: datetime) -> None:
        raise Transient("store_unreachable")

    counts = Counter({("home1", "packet_too_large"): 2})
    async with store_with(tmp_path, "home1") as store:
        with monkeypatch.context() as patched:
            patched.setattr(HubStore, "refuse", away)
            async with written_down(counts, store, now=lambda: datetime.now(UTC)):
                pass
        assert counts == {("home1", "packet_too_large"): 2}
