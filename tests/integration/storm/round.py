"""One life of a site: killed at random instants, then left alone until all has arrived, then judged."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.integration.storm.audit import Verdict, audit
from tests.integration.storm.site import Site
from tests.integration.storm.sites import SITES

WORKING = 0.75
"""Share of the kills that wait until something gets through again; the others strike whatever is starting."""
WORKING_S = 0.5
STARTING_S = 2.0
TOGETHER = 0.15
"""Share of the kills after which another one is killed before the first is back."""
LIFE_S = 300.0
"""How long it may take until something gets through, also where the machine has other things to do."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`bugs` is what its processes said that printed a traceback."""

    site: str
    seed: int
    kills: Mapping[str, int]
    verdict: Verdict
    bugs: tuple[str, ...]
    took_s: float

    @property
    def good(self) -> bool:
        return self.verdict.made > 0 and not (
            self.verdict.lost or self.verdict.twice or self.verdict.disordered or self.bugs
        )


async def weather(site: str, seed: int, kills: int, folder: Path, tell: Tell = lambda _victim: None) -> Outcome:
    """`tell` hears of every kill. Raises `AssertionError` where a process ends of itself, or nothing gets through."""
    began, dice, killed = time.monotonic(), random.Random(f"{site} {seed}"), Counter[str]()
    async with SITES[site](folder) as there:
        while killed.total() < kills:
            await _instant(there, dice)
            for kind in await _strike(there, dice, kills - killed.total()):
                killed[kind] += 1
                tell(kind)
        await _get_through(there)
        await there.settle()
        verdict = await audit(there)
        bugs = tuple(there.bugs())
    took_s = time.monotonic() - began
    return Outcome(site=site, seed=seed, kills=dict(killed), verdict=verdict, bugs=bugs, took_s=took_s)


async def _instant(site: Site, dice: random.Random) -> None:
    """The instant is what is tested."""
    await site.revive()
    if dice.random() < WORKING:
        await _get_through(site)
        await asyncio.sleep(dice.uniform(0, WORKING_S))
    else:
        await asyncio.sleep(dice.uniform(0, STARTING_S))


async def _strike(site: Site, dice: random.Random, most: int) -> list[str]:
    """One victim, or two of different kinds at once; they come back in the order in which a machine starts them."""
    kinds = dice.sample(sorted(site.kinds), 2 if most > 1 and dice.random() < TOGETHER else 1)
    victims = {kind: dice.choice(site.kinds[kind]) for kind in kinds}
    for victim in victims.values():
        await site.kill(victim)
    for kind in sorted(victims, key=("database", "broker", "hub", "gateway").index):
        await site.start(victims[kind])
    return kinds


async def _get_through(site: Site) -> None:
    """Until the gateway that runs now knows more to be at the hub than it did."""
    _, before = site.made.read()
    try:
        async with asyncio.timeout(LIFE_S):
            while (kept := site.made.read()[1]) <= before:
                before = min(before, kept)  # a new process counts from 0
                await site.revive()
                await asyncio.sleep(0.02)
    except TimeoutError:
        names = [name for names in site.kinds.values() for name in names]
        told = "\n".join(f"{name}: {site.said(name)}" for name in names)
        raise AssertionError(f"nothing gets through\n{told}") from None
