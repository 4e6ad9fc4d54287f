"""The one worker of all that carries campaigns on and lays ready what homes are to know: wishes and offers."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.errors import Transient
from gateway.wire.uplink import Desired, UplinkTopics, dump
from services.hub.campaigns import absence, engine, places, rows
from services.hub.campaigns.offers import Link, foremost, offer
from services.hub.campaigns.places import Place
from services.hub.campaigns.plan import Plan
from services.hub.campaigns.rows import State
from services.hub.ingest.words import Answer, Publish
from services.hub.store import gateways
from services.hub.store.database import Database, Session
from services.hub.store.locks import Lock
from services.hub.twins import rows as twins

TICK_S = 2.0
TICKS_OF_A_TERM = 600
"""After these everything is laid ready once more: links are renewed, and whatever a broker lost is there again."""

_GATHER_EVERY = 30
_OVERLAP = _NOTE_EVERY = timedelta(seconds=60)
_PAGE = 500


class Leader:
    """`run` in every worker: one leads, the others wait. `link` makes the links to bundles."""

    def __init__(self, database: Database, publish: Publish, link: Link, now: Callable[[], datetime]) -> None:
        self._database = database
        self._publish = publish
        self._link = link
        self._now = now
        self._lies: dict[str, bytes] = {}
        """By topic, as published in this term."""
        self._looked: datetime | None = None
        self._led: datetime | None = None
        """When this worker last did."""
        self._noted: datetime | None = None
        self._ticks = 0
        self._gathered: frozenset[int] = frozenset()

    async def run(self, tell: Callable[[str | None], None]) -> None:
        """Until it is cancelled; `tell` hears the key of what keeps it from working, None once it is well."""
        while True:
            try:
                async with self._database.alone(Lock.CAMPAIGNS) as mine:
                    if mine:
                        await self._term(tell)
            except Transient as error:
                tell(error.key)
            await asyncio.sleep(TICK_S)

    async def _term(self, tell: Callable[[str | None], None]) -> None:
        self.begin_term()
        for _ in range(TICKS_OF_A_TERM):
            await self.tick()
            tell(None)
            await asyncio.sleep(TICK_S)

    def begin_term(self) -> None:
        """Whatever lies ready is not known, or no longer believed."""
        self._lies.clear()
        self._looked = self._led = self._noted = None
        self._ticks = 0

    async def tick(self) -> None:
        """One round. Raises what the database raises; the next one does what this one could not."""
        await self._note()
        async with self._database.transaction() as session:
            numbers = await rows.to_be_looked_after(session)
        if self._ticks % _GATHER_EVERY == 0 or not self._gathered.issuperset(numbers):
            await self._gather(numbers)
        self._ticks += 1
        for number in numbers:
            async with self._database.transaction() as session:
                await engine.step(session, number, self._now())
        await self._lay_ready()

    async def _note(self) -> None:
        """Once a minute, and at once where it was too long ago."""
        now = self._now()
        last = self._led or await absence.last_led(self._database)
        if self._noted is None or last is None or abs(now - last) > absence.LONG or now - self._noted >= _NOTE_EVERY:
            await absence.note(self._database, last, now)
            self._noted = now
        self._led = now

    async def _gather(self, numbers: Sequence[int]) -> None:
        """Homes that are concerned, also those that came or were labelled since; each waits in its newest campaign."""
        async with self._database.transaction() as session:
            homes = await _homes(session)
            for number in numbers:
                campaign = await rows.campaign(session, number)
                if campaign.state is not State.STOPPED:
                    found = {home for home, labels in homes.items() if campaign.plan.concerns(home, labels)}
                    new = found - await places.joined(session, number)
                    await places.join(session, number, campaign.plan, sorted(new), self._now())
            await places.pass_over(session, self._now())
        self._gathered = frozenset(numbers)

    async def _lay_ready(self) -> None:
        now = self._now()
        async with self._database.transaction() as session:
            wishes = await twins.changed(session, self._looked)
            homes = await places.homes_changed(session, self._looked)
            lying = await places.lying(session, None if self._looked is None else homes)
        for twin in wishes:
            topic = UplinkTopics(gateway=twin.gateway).desired
            self._lay(topic, dump(Desired(version=twin.version, patch=dict(twin.patch))))
        of_home: dict[str, list[tuple[Place, Plan]]] = {home: [] for home in homes}
        for place, plan in lying:
            of_home.setdefault(place.gateway, []).append((place, plan))
        for home, ready in of_home.items():
            best = foremost(ready)
            payload = b"" if best is None else dump(offer(*best, self._link, now))
            self._lay(UplinkTopics(gateway=home).offer, payload)
        self._looked = now - _OVERLAP

    def _lay(self, topic: str, payload: bytes) -> None:
        if self._lies.get(topic) != payload:
            self._publish(Answer(topic=topic, payload=payload), retain=True)
            self._lies[topic] = payload


async def _homes(session: Session) -> Mapping[str, dict[str, str]]:
    """Labels of all that are not revoked, by home."""
    found: dict[str, dict[str, str]] = {}
    after = ""
    while page := await gateways.homes(session, after, _PAGE):
        found |= {home.gateway: dict(home.enrolment.labels) for home in page if home.revoked is None}
        after = page[-1].gateway
    return found
