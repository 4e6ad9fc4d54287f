"""The outbox on the disk and the one in memory keep the same promises to whoever empties them."""

from pathlib import Path

from gateway.config.uplink import Uplink
from gateway.flow.board import Counters
from gateway.store.outbox.outbox import Outbox
from gateway.testing.clock import FakeClock
from gateway.testing.conformance_outbox import check_outbox
from gateway.testing.outbox import MemoryOutbox
from gateway.wire.summary import Stream


async def test_the_one_in_memory() -> None:
    await check_outbox(MemoryOutbox(priority={Stream.DROPS: 0}))


async def test_the_one_on_the_disk(tmp_path: Path) -> None:
    outbox = Outbox(
        tmp_path / "outbox.db",
        "home",
        Uplink().policy,
        clock=FakeClock(),
        believed=lambda wall: wall,
        report=lambda _state: None,
        counters=Counters(),
    )
    async with outbox:
        await check_outbox(outbox)
