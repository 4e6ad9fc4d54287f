"""A worker that takes parcels 1, 2, 3 ... of one gateway and prints each run that was kept, until it is killed.

`python -m tests.services.hub.store.taker WHERE GATEWAY FIRST`; what is printed after a commit is a receipt.
"""

import asyncio
import itertools
import sys

from gateway.errors import Transient
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Delivery, Taken
from tests.services.hub.store.fleet import NOON, delivery, energy

BATCH = 20


async def take_for_ever(where: str, gateway: str, first: int) -> None:
    async with HubStore(database_at(where)) as store:
        for start in itertools.count(first, BATCH):
            batch = [delivery(seq, energy(1.0), gateway=gateway) for seq in range(start, start + BATCH)]
            taken = await _until_taken(store, batch)
            sys.stdout.write(f"{start} {len(taken.kept)}\n")
            sys.stdout.flush()


async def _until_taken(store: HubStore, batch: list[Delivery]) -> Taken:
    while True:
        try:
            return await store.take(batch, NOON)
        except Transient:
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(take_for_ever(sys.argv[1], sys.argv[2], int(sys.argv[3])))
