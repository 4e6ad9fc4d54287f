"""Hub and homes as they really are, over a line that loses and repeats, killed at random: it comes out right."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.errors import Refused, Transient
from gateway.flow.board import Counters
from gateway.testing.clock import FakeClock
from gateway.uplink.campaign.carriers import Look
from gateway.uplink.campaign.stage import CampaignStage
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import ImageTarget, Offer, Target, UplinkTopics, load
from services.hub.campaigns import places
from services.hub.campaigns.pace import reach, tally_of, wave
from services.hub.campaigns.rows import State
from services.hub.campaigns.standing import LYING, Standing
from services.hub.ingest.words import Answer
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.campaigns.town import Town, image
from tests.unit.uplink.support import until

HOMES = ("home1", "home2", "home3", "home4", "home5", "home6")
PACE = {"first": 2, "growth": 2.0, "per_minute": 60.0, "most_per_minute": 600.0}


class KilledError(Exception):
    """Stands for kill -9 of the hub."""


class Line:
    """A home's connection to the hub; loses and repeats."""

    def __init__(self, town: Town, home: str, chance: random.Random) -> None:
        self.town, self.home, self.chance = town, home, chance
        self.online = False
        self.loss = 0.0
        self.handlers: dict[str, Callable[[bytes], None]] = {}
        self.hooks: list[Callable[[], Awaitable[None]]] = []

    def on_message(self, suffix: str, handler: Callable[[bytes], None]) -> None:
        self.handlers[suffix] = handler

    def on_connected(self, hook: Callable[[], Awaitable[None]]) -> None:
        self.hooks.append(hook)

    async def publish(self, suffix: str, payload: bytes, *, retain: bool = False) -> None:
        assert not retain
        if not self.online:
            raise Transient("uplink_unreachable")
        for _ in range(self.chance.choice((0, 1, 1, 2)) if self.loss else 1):
            for answer in await self.town.campaigns.progress(self.home, payload):
                if self.chance.random() >= self.loss:
                    self.handlers[answer.topic.rpartition("/")[2]](answer.payload)

    def hear(self) -> None:
        """What lies ready."""
        raw = self.town.retained.get(UplinkTopics(gateway=self.home).offer, b"")
        if self.online and self.chance.random() >= self.loss:
            self.handlers["campaign/offer"](raw)


class Slots:
    """The disk of a home: what runs. Versions with an odd number are bad."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.version: str | None = None
        self.before: str | None = None

    async def begin(self, target: Target, _campaign: int) -> str:
        assert isinstance(target, ImageTarget)
        if self.chance.random() < 0.1:
            raise Transient("model_download_failed")
        if self.version != target.version:
            self.version, self.before = target.version, self.version
        return target.version

    async def look(self, _target: Target, mark: str) -> Look:
        if self.version != mark:
            return Look(state=UpdateState.FAILED, key="overtaken")
        if self.chance.random() < 0.5:
            return Look(state=UpdateState.TRYING)
        if bad(mark):
            self.version = self.before
            return Look(state=UpdateState.ROLLED_BACK, key="watchdog")
        return Look(state=UpdateState.CONFIRMED)

    async def take_back(self, target: Target, _mark: str | None) -> bool:
        assert isinstance(target, ImageTarget)
        if self.version == target.version:
            self.version = self.before
        return True


def bad(version: str) -> bool:
    return int(version.partition(".")[0]) % 2 == 1


class Memory(dict[str, str]):
    async def get(self, key: str) -> str | None:  # type: ignore[override]
        return dict.get(self, key)

    async def set(self, key: str, value: str) -> None:
        self[key] = value


class Home:
    def __init__(self, town: Town, name: str, chance: random.Random) -> None:
        self.name, self.town = name, town
        self.memory, self.slots = Memory(), Slots(chance)
        self.line = Line(town, name, chance)
        self.at_s = 0.0
        self.stage = self.start()

    def start(self) -> CampaignStage:
        """Anew, as after a crash: only memory and slots are left."""
        self.stage = CampaignStage(
            gateway=self.name,
            link=self.line,
            memory=self.memory,
            carriers={"image": self.slots},
            clock=FakeClock(),
            counters=Counters(),
        )
        return self.stage

    async def tick(self) -> None:
        self.at_s += 10
        self.line.hear()
        await self.stage.tick(self.at_s)
        await until(lambda: not self.stage.busy)


class World:
    def __init__(self, town: Town, seed: int) -> None:
        self.chance = random.Random(seed)
        self.town = town
        self.homes = [Home(town, name, self.chance) for name in HOMES]
        self.versions = 0
        self.live: list[int] = []
        self.numbers: list[int] = []
        self.calm = False
        """Nobody has heard of an offer without being able to say so."""

    async def step(self) -> None:
        what = self.chance.choice(("time", "time", "time", "line", "line", "crash", "begin", "stop", "hold", "kill"))
        home = self.chance.choice(self.homes)
        if what == "line":
            await self.connect(home, yes=not home.line.online)
        elif what == "crash":
            home.start()
        elif what == "begin" and self.versions < 6:
            await self.begin()
        elif what == "stop" and self.live and self.chance.random() < 0.3:
            number = self.live.pop(self.chance.randrange(len(self.live)))
            await self.town.campaigns.stop(number, recall=self.chance.random() < 0.5, by="ada")
        elif what == "hold" and self.live:
            await self.hold(self.chance.choice(self.live))
        elif what == "kill":
            self.town.leader = self.town.new_leader()
        await self.tick(seconds=self.chance.choice((2, 10, 700)))

    async def begin(self) -> int:
        self.versions += 1
        plan = image(f"{self.versions}.0", pace=PACE, go_on=0.5, stop=0.5, stop_least=2, answer_s=300, timeout_s=86400)
        number = await self.town.campaigns.begin(plan, by="ada")
        self.live.append(number)
        self.numbers.append(number)
        return number

    async def hold(self, number: int) -> None:
        campaign, _ = await self.town.campaigns.campaign(number)
        if campaign.state is State.RUNNING:
            await self.town.campaigns.pause(number, by="ada")
        elif campaign.state is State.PAUSED:
            await self.town.campaigns.resume(number, by="ada")

    async def connect(self, home: Home, *, yes: bool) -> None:
        home.line.online = yes
        await self.town.online(home.name, yes=yes)
        if yes:
            for hook in home.line.hooks:
                await hook()

    async def tick(self, seconds: float = 10) -> None:
        try:
            await self.town.tick(seconds)
        except KilledError:
            self.town.leader = self.town.new_leader()
            await self.town.tick(seconds)
        await self.check()
        for home in self.homes:
            await home.tick()

    async def check(self) -> None:
        """At any moment."""
        for campaign in await self.town.campaigns.all() if self.calm else ():
            _, counts = await self.town.campaigns.campaign(campaign.number)
            tally = tally_of(counts)
            assert tally.reached <= reach(campaign.plan.pace, wave(campaign.plan, tally.confirmed))
        for home in self.homes:
            standings = {number: await self._standing(number, home.name) for number in self.numbers}
            assert sum(standing in {Standing.OFFERED, Standing.BEGUN} for standing in standings.values()) <= 1
            raw = self.town.retained.get(UplinkTopics(gateway=home.name).offer)
            if raw:
                offer: Offer = load(Offer, raw)
                assert standings[offer.campaign] in LYING
                assert offer.rollback is (standings[offer.campaign] is Standing.RECALLING)

    async def _standing(self, number: int, home: str) -> Standing | None:
        return (await self.town.standings(number)).get(home)

    async def settle(self) -> None:
        """Everybody is there, nothing is lost, nobody dies."""
        for home in self.homes:
            home.line.loss = 0.0
            await self.connect(home, yes=True)
        for campaign in await self.town.campaigns.all():
            if campaign.state is State.PAUSED:
                await self.town.campaigns.resume(campaign.number, by="ada")
        for _ in range(60):
            await self.tick()


def kill_at_random(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a transaction of the leader, or between its commit and what it publishes."""
    write, publish = places.write, world.town.publish

    async def writing(*given: object) -> None:
        if world.chance.random() < 0.05 and asyncio.current_task() is not None:
            raise KilledError
        await write(*given)  # type: ignore[arg-type]

    def publishing(answer: Answer, *, retain: bool = False) -> None:
        if world.chance.random() < 0.05:
            raise KilledError
        publish(answer, retain=retain)

    monkeypatch.setattr(places, "write", writing)
    monkeypatch.setattr(world.town, "publish", publishing)


@pytest.mark.parametrize("seed", range(6))
async def test_it_comes_out_right(seed: int, tmp_path: Path) -> None:
    async with HubStore(database_at(tmp_path / "hub.db")) as store:
        town = Town(store)
        await town.settle(*HOMES, online=False)
        world = World(town, seed)
        for home in world.homes:
            home.line.loss = 0.2
        with pytest.MonkeyPatch.context() as monkeypatch:
            kill_at_random(world, monkeypatch)
            for _ in range(30):
                try:
                    await world.step()
                except (KilledError, Refused):  # in a call of a person or a home, which is made again
                    world.town.leader = world.town.new_leader()
        town.leader = town.new_leader()
        world.versions += world.versions % 2 == 0  # the next one is even
        last = await world.begin()
        await world.settle()
        assert await town.standings(last) == dict.fromkeys(HOMES, Standing.CONFIRMED)
        assert {home.slots.version for home in world.homes} == {f"{world.versions}.0"}
        assert town.offers() == {} or {*town.offers().values()} < {*range(1, last)}


async def test_a_bad_version_is_taken_back_everywhere(tmp_path: Path) -> None:
    async with HubStore(database_at(tmp_path / "hub.db")) as store:
        town = Town(store)
        await town.settle(*HOMES, online=False)
        world = World(town, 1)
        world.versions, world.calm = 1, True
        good = await world.begin()
        await world.settle()
        assert {home.slots.version for home in world.homes} == {"2.0"}
        wrong = await world.begin()
        await world.settle()
        campaign, counts = await town.campaigns.campaign(wrong)
        assert (campaign.state, campaign.why) == (State.STOPPED, "failures")
        assert counts[Standing.ROLLED_BACK] <= reach(campaign.plan.pace, 0), "only the first wave"
        assert {home.slots.version for home in world.homes} == {"2.0"}
        assert set((await town.standings(good)).values()) == {Standing.CONFIRMED}
        assert town.offers() == {}
