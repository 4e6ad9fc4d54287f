"""A hub's leader, a broker that keeps what is retained, and homes to bring things to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.wire.summary import UpdateState
from gateway.wire.uplink import Desired, Offer, Progress, UplinkTopics, dump, load
from services.hub.campaigns.campaigns import Campaigns
from services.hub.campaigns.leader import Leader
from services.hub.campaigns.plan import Plan, plan_of
from services.hub.campaigns.standing import Standing
from services.hub.ingest.words import Answer
from services.hub.registry.kinds import Kind
from services.hub.store.hub import HubStore
from services.hub.store.words import Enrolment
from services.hub.twins.twins import Twins
from tests.services.hub.store.fleet import NOON, greeting

IMAGE = {"what": "image", "url": "https://images.example.org/1.raucb", "sha256": "1" * 64, "version": "1.2.0"}
FAST = {"first": 1000, "per_minute": 1000.0, "most_per_minute": 1000.0}


def image(version: str = "1.2.0", **changes: Any) -> Plan:
    return plan_of({"wish": {**IMAGE, "version": version}, "pace": FAST, **changes})


def settings(patch: Mapping[str, Any], **changes: Any) -> Plan:
    return plan_of({"wish": {"what": "settings", "patch": patch}, "pace": FAST, **changes})


STEP_S = 240.0
"""A hub that does nothing for longer has been away."""


class Town:
    """`retained` is what a home would hear now. `now` is moved by hand."""

    def __init__(self, store: HubStore) -> None:
        self.now = NOON
        self.store = store
        self.retained: dict[str, bytes] = {}
        self.campaigns = Campaigns(store.database, self.clock)
        self.twins = Twins(store.database, self.clock)
        self.leader = self.new_leader()

    def clock(self) -> datetime:
        return self.now

    def new_leader(self) -> Leader:
        return Leader(self.store.database, self.publish, self.link, self.clock)

    def link(self, gateway: str, sha256: str, kind: Kind, _now: datetime) -> str:
        return f"https://hub.example.org/{gateway}/{sha256}.{kind.suffix}"

    def publish(self, answer: Answer, *, retain: bool = False) -> None:
        assert retain
        self.retained[answer.topic] = answer.payload

    async def settle(self, *homes: str, labels: Mapping[str, str] | None = None, online: bool = True) -> None:
        for home in homes:
            await self.store.enrol(Enrolment(gateway=home, token_sha256="0" * 64, labels=labels or {}), self.now)
            if online:
                await self.online(home)

    async def online(self, home: str, *, yes: bool = True) -> None:
        assert (await self.store.hello(home, greeting(online=yes), self.now)).accepted

    async def tick(self, seconds: float = 2.0) -> None:
        """Of a hub that was there all the time."""
        for step in [STEP_S] * int(seconds // STEP_S) + [seconds % STEP_S]:
            self.now += timedelta(seconds=step)
            await self.leader.tick()

    def offer(self, home: str) -> Offer | None:
        raw = self.retained.get(UplinkTopics(gateway=home).offer)
        return load(Offer, raw) if raw else None

    def offers(self) -> dict[str, int]:
        """Campaigns by home."""
        homes = [topic.split("/")[2] for topic in self.retained]
        return {home: found.campaign for home in homes if (found := self.offer(home)) is not None}

    def wish(self, home: str) -> Desired | None:
        raw = self.retained.get(UplinkTopics(gateway=home).desired)
        return load(Desired, raw) if raw else None

    async def say(self, home: str, campaign: int, state: UpdateState, key: str | None = None) -> None:
        word = Progress(campaign=campaign, gateway=home, state=state, key=key)
        (answer,) = await self.campaigns.progress(home, dump(word))
        assert answer.topic == UplinkTopics(gateway=home).receipt

    async def standing(self, campaign: int, home: str) -> Standing:
        return (await self.standings(campaign))[home]

    async def standings(self, campaign: int) -> dict[str, Standing]:
        return {place.gateway: place.standing for place in await self.campaigns.homes(campaign)}
