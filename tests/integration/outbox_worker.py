"""Does what a gateway does with its outbox, and is killed: `python -m tests.integration.outbox_worker PATH`.

Modules are imported once; for each line on standard input (a seed) a child is forked that tells its pid and then works
until it is killed. It tells what it did in lines that end in ";": `put ID`, and before it settles `leaving ID` or
`refusing ID`. Drops are told, and stay. `dead` ends its account.
"""

import asyncio
import os
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from gateway.config.uplink import StreamPolicy
from gateway.flow.board import Board, Counters
from gateway.flow.clock import SystemClock
from gateway.store.outbox.outbox import Outbox
from gateway.types import Level
from gateway.wire.summary import DeviceHealth, Energy, Presence, Stream, Summary

HOUR = 1_767_268_800
POLICIES = {
    Stream.PRESENCE: StreamPolicy(max_bytes=10**9),
    Stream.ENERGY: StreamPolicy(max_bytes=20_000),
    Stream.DEVICES: StreamPolicy(max_bytes=20_000, on_full="reject_new", durability="normal"),
    Stream.DROPS: StreamPolicy(priority=9, max_bytes=10**9),
}


def box(path: Path, counters: Counters | None = None) -> Outbox:
    return Outbox(
        path,
        "home",
        lambda stream: POLICIES.get(stream, StreamPolicy()),
        clock=SystemClock(),
        believed=lambda wall: wall,
        report=Board().report,
        counters=counters or Counters(),
    )


def _tell(word: str, ids: Iterable[object]) -> None:
    os.write(1, "".join(f"{word} {one};\n" for one in ids).encode())


async def _work(path: Path, draw: random.Random) -> None:
    async with box(path) as outbox:
        await asyncio.gather(*(_put(outbox, draw) for _ in range(4)), _drain(outbox, draw))


async def _put(outbox: Outbox, draw: random.Random) -> None:
    while True:
        ids = await outbox.put([_summary(draw) for _ in range(draw.randint(1, 9))], None)
        _tell("put", (one for one in ids if one is not None))


def _summary(draw: random.Random) -> Summary:
    number = draw.randrange(10**6)
    presence = Presence(hour=HOUR, room=f"r{number}", minutes=1)
    energy = Energy(hour=HOUR, thing=f"t{number}", kwh=1, metered=True)
    return draw.choice((presence, energy, DeviceHealth(hour=HOUR, device=f"d{number}", readings=1, level=Level.OK)))


async def _drain(outbox: Outbox, draw: random.Random) -> None:
    while True:
        parcels = await outbox.next(draw.randint(1, 40), 10**6)
        ids = [parcel.id for parcel in parcels if parcel.id.stream is not Stream.DROPS]
        refused = [one for one in ids if draw.random() < 0.05]
        kept = [one for one in ids if one not in refused and draw.random() < 0.7]
        _tell("refusing", refused)
        _tell("leaving", kept)
        await outbox.settle(kept, dict.fromkeys(refused, "summary_invalid"))
        if draw.random() < 0.1:
            await outbox.drops()


def main(path: Path) -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.write(1, f"pid {os.getpid()}\n".encode())
            asyncio.run(_work(path, random.Random(int(line))))
        os.waitpid(pid, 0)
        os.write(1, b"\ndead\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
