"""Campaigns as people begin, hold and end them, and as homes tell how they get on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.errors import Invalid, Refused
from gateway.wire.uplink import Progress, Receipt, UplinkTopics, dump, load
from services.hub.campaigns import engine, places, rows
from services.hub.campaigns.moves import moved
from services.hub.campaigns.places import Place
from services.hub.campaigns.plan import ImageWish, ModelWish, Plan, SettingsWish, Wish, shelved
from services.hub.campaigns.rows import Campaign, State
from services.hub.campaigns.standing import Standing, told
from services.hub.ingest.words import Answer
from services.hub.registry import shelf_rows
from services.hub.registry.kinds import Kind, Release
from services.hub.store import audit, gateways
from services.hub.store.database import Database, Session


class Campaigns:
    """Safe to call from many tasks and processes; what follows from a call is done by the `Leader`, seconds later.
    `by` is who does it, for the audit. Methods raise what the database raises, and `Refused("campaign_unknown", status
    404)`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def begin(self, plan: Plan, *, by: str) -> int:
        """Its number; later ones are higher. Raises `Refused`: "bundle_unknown" (404), "bundle_other" (409: another
        one than the plan says)."""
        async with self._database.transaction() as session:
            await _check(session, plan)
            number = await rows.add(session, plan, self._now())
            await self._note(session, by, "campaign_begun", number, {"lane": plan.lane})
        return number

    async def pause(self, number: int, *, by: str) -> None:
        """No more offers; whoever is in the middle of it goes on. Raises `Refused("campaign_stopped", status 409)`."""
        await self._set(number, State.PAUSED, by, "campaign_paused")

    async def resume(self, number: int, *, by: str) -> None:
        """As `pause`."""
        await self._set(number, State.RUNNING, by, "campaign_resumed")

    async def stop(self, number: int, *, recall: bool, by: str) -> None:
        """For good. With `recall` every home that may have it is sent back, else those in the middle of it go on."""
        async with self._database.transaction() as session:
            await engine.stop(session, number, self._now(), why="by_hand", recall=recall)
            await self._note(session, by, "campaign_stopped", number, {"recall": str(recall).lower()})

    async def all(self) -> Sequence[Campaign]:
        """Newest first."""
        async with self._database.transaction() as session:
            return await rows.campaigns(session)

    async def campaign(self, number: int) -> tuple[Campaign, Mapping[Standing, int]]:
        """And how many homes stand where."""
        async with self._database.transaction() as session:
            return await rows.campaign(session, number), await places.counts(session, number)

    async def homes(self, number: int) -> Sequence[Place]:
        """By id."""
        async with self._database.transaction() as session:
            await rows.campaign(session, number)
            return await places.places(session, number)

    async def progress(self, gateway: str, payload: bytes) -> Sequence[Answer]:
        """A handler of `Ingest` for `topics.PROGRESS`. The answer follows the commit, also where nothing changed: what
        comes again, late or of a campaign that is not known is not to come once more. Raises `Invalid`:
        "message_invalid", "other_home", "unknown_gateway"."""
        word: Progress = load(Progress, payload)
        if word.gateway != gateway:
            raise Invalid("other_home")
        async with self._database.transaction() as session:
            home = await gateways.home(session, gateway)
            if home is None or home.revoked is not None:
                raise Invalid("unknown_gateway")
            await _hear(session, word, self._now())
        return (Answer(topic=UplinkTopics(gateway=gateway).receipt, payload=dump(Receipt(progress=(word,)))),)

    async def _set(self, number: int, state: State, by: str, what: str) -> None:
        async with self._database.transaction() as session:
            campaign = await rows.campaign(session, number)
            if campaign.state is State.STOPPED:
                raise Refused("campaign_stopped", status=409, campaign=number)
            await rows.set_state(session, number, state)
            await self._note(session, by, what, number, {})

    async def _note(self, session: Session, by: str, what: str, number: int, detail: Mapping[str, str]) -> None:
        await audit.note(session, who=by, what=what, subject=str(number), at=self._now(), detail=detail)


async def _check(session: Session, plan: Plan) -> None:
    sha256 = shelved(plan.wish)
    if sha256 is None:
        return
    found = await shelf_rows.find(session, sha256)
    if found is None:
        raise Refused("bundle_unknown", status=404, sha256=sha256)
    if not _is_meant(plan.wish, found.release):
        raise Refused("bundle_other", status=409, line=found.release.line, version=found.release.version)


def _is_meant(wish: Wish, found: Release) -> bool:
    if isinstance(wish, ModelWish):
        return (found.line, found.serial) == (wish.lane, wish.serial)
    return isinstance(wish, ImageWish) and (found.kind, found.version) == (Kind.IMAGE, wish.version)


async def _hear(session: Session, word: Progress, now: datetime) -> None:
    plan = await rows.plan_of(session, word.campaign)
    place = await places.place(session, word.campaign, word.gateway)
    if plan is None or place is None or (isinstance(plan.wish, SettingsWish) and _unmade(place)):
        return
    standing = told(place.standing, word.state)
    if standing is not place.standing:
        await moved(session, plan, replace(place, key=word.key), standing, now)


def _unmade(place: Place) -> bool:
    """Whether its wish has been taken back, so that the home speaks of what no longer is."""
    return place.before is None and place.standing not in {Standing.RECALLING, Standing.UNRECALLED}
