"""Summaries of many gateways through Mosquitto, workers and PostgreSQL, and their receipts back."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import ExitStack

from services.hub.app.bench.rows import Row, cpu_seconds
from services.hub.app.bench.site import Site, enrol, site
from services.hub.app.bench.swarm import Swarm

NAME = "ingest"

_GATEWAYS = "HEARTHGATE_HUB_GATEWAYS"
_SOCKETS = "HEARTHGATE_HUB_SOCKETS"
_MINUTE_S = 60.0
_FLOOD_S = 20.0
_LEAST_S = 5.0
_FLOOD_WINDOW = 4000
_SETTLE_S = 300.0

Tell = Callable[[str], None]


def run(tell: Tell) -> list[Row]:
    """Two minutes of a summary a minute from each of 10,000 gateways, then as much as one and two workers take.
    HEARTHGATE_HUB_GATEWAYS makes it fewer (below 10,000 also shorter), HEARTHGATE_HUB_SOCKETS=1 gives each its own
    connection, HEARTHGATE_HUB_DSN names a database."""
    gateways = int(os.environ.get(_GATEWAYS, "10000"))
    sockets = os.environ.get(_SOCKETS) == "1"
    share = min(1.0, gateways / 10_000)
    with site() as where:
        tell(f"{gateways} gateways, {'each its own connection' if sockets else 'over four connections'}")
        asyncio.run(enrol(where.dsn, gateways))
        bench = _Bench(where, gateways, share, tell)
        return asyncio.run(bench.run(sockets=sockets))


class _Bench:
    def __init__(self, where: Site, gateways: int, share: float, tell: Tell) -> None:
        self._where = where
        self._gateways = gateways
        self._flood_s = max(_LEAST_S, _FLOOD_S * share)
        self._minutes_s = max(_LEAST_S, 2 * _MINUTE_S * share)
        self._tell = tell
        self._taken = 0
        """Rows of the last flood."""

    async def run(self, *, sockets: bool) -> list[Row]:
        with ExitStack() as workers:
            first = workers.enter_context(self._where.worker())
            async with Swarm(self._where.port, self._gateways, sockets=sockets) as swarm:
                hellos_s = await self._greet(swarm)
                rows = [
                    Row(name="gateways", value=self._gateways, unit="gateways"),
                    Row(name="connections", value=self._gateways if sockets else 4, unit="connections"),
                    Row(name="hellos taken", value=self._gateways / hellos_s, unit="1/s"),
                    *await self._minute(swarm),
                ]
                cpu_s = cpu_seconds(first.pid)
                one = await self._flood(swarm, "one worker")
                each_s = (cpu_seconds(first.pid) - cpu_s) / max(1, self._taken)
                workers.enter_context(self._where.worker())
                await self._once_each(swarm)  # it reads what was retained first
                two = await self._flood(swarm, "two workers")
        return [
            *rows,
            Row(name="most, one worker", value=one, unit="rows/s", goal=">= 167", holds=one >= 167),
            Row(name="CPU of the worker", value=1000 * each_s, unit="ms/row"),
            Row(name="most, two workers", value=two, unit="rows/s"),
            Row(name="gain of the second worker", value=two / max(one, 1.0), unit="times"),
        ]

    async def _greet(self, swarm: Swarm) -> float:
        """Every hello, until a summary of each gateway has a receipt."""
        began = time.perf_counter()
        for number in range(self._gateways):
            await swarm.hello(number)
        await self._once_each(swarm)
        took_s = time.perf_counter() - began
        self._tell(f"all greeted after {took_s:.1f} s, {swarm.waiting} without a receipt")
        swarm.forget()
        return took_s

    async def _once_each(self, swarm: Swarm) -> None:
        for number in range(self._gateways):
            await swarm.summary(number)
        await swarm.fewer_than(1, _SETTLE_S)

    async def _minute(self, swarm: Swarm) -> list[Row]:
        """Each gateway once a minute, evenly spread."""
        step_s = _MINUTE_S / self._gateways
        sends = max(1, int(self._minutes_s / step_s))
        began = time.perf_counter()
        for send in range(sends):
            await asyncio.sleep(max(0.0, began + send * step_s - time.perf_counter()))
            await swarm.summary(send % self._gateways)
        await swarm.fewer_than(1, _SETTLE_S)
        took_s, lost = sorted(swarm.took_s), swarm.waiting
        self._tell(f"{sends} sent at {1 / step_s:.0f}/s, {lost} without a receipt")
        swarm.forget()
        return [
            Row(name="summaries at one a minute each", value=1 / step_s, unit="rows/s"),
            Row(name="without a receipt", value=lost, unit="rows", goal="= 0", holds=lost == 0),
            *(
                Row(name=f"publication to receipt, p{percent}", value=_at(took_s, percent / 100), unit="ms")
                for percent in (50, 99)
                if took_s
            ),
        ]

    async def _flood(self, swarm: Swarm, label: str) -> float:
        """Receipts per second while a few thousand summaries are always under way, until the last one has come."""
        began = time.perf_counter()
        number = 0
        while time.perf_counter() < began + self._flood_s and await swarm.fewer_than(_FLOOD_WINDOW, self._flood_s):
            await swarm.summary(number % self._gateways)
            number += 1
        await swarm.fewer_than(1, _SETTLE_S)
        self._taken = len(swarm.took_s)
        rate = self._taken / (time.perf_counter() - began)
        self._tell(f"{label}: {rate:.0f} rows/s, {swarm.waiting} without a receipt")
        swarm.forget()
        return rate


def _at(took_s: list[float], share: float) -> float:
    """In ms; of one or more, in order."""
    return 1000 * took_s[min(len(took_s) - 1, int(share * len(took_s)))]
