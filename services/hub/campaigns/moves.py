"""A home's move from one standing to the next, and what it does to the wishes for its settings."""

from dataclasses import replace
from datetime import datetime

from gateway.wire.merge import stacked
from services.hub.campaigns import places
from services.hub.campaigns.places import Place
from services.hub.campaigns.plan import Plan, SettingsWish
from services.hub.campaigns.standing import Standing
from services.hub.store.database import Session
from services.hub.twins import rows as twins
from services.hub.twins.patches import undone


async def moved(session: Session, plan: Plan, place: Place, standing: Standing, now: datetime) -> Place:
    """Written, with the wishes: made where the home is to have them now, taken back where no longer."""
    now_there = replace(place, standing=standing, changed=now)
    if standing is Standing.OFFERED:
        now_there = replace(now_there, offered=now, begun=None, key=None)
    elif standing is Standing.BEGUN:
        now_there = replace(now_there, begun=now)
    if isinstance(plan.wish, SettingsWish):
        now_there = await _wishes(session, plan.wish, now_there, now)
    await places.write(session, now_there)
    return now_there


async def _wishes(session: Session, wish: SettingsWish, place: Place, now: datetime) -> Place:
    made = place.before is not None
    if place.standing.wished and not made:
        twin = await twins.twin(session, place.gateway)
        version = await twins.wish(session, twin, stacked(twin.patch, wish.patch), now)
        return replace(place, twin_version=version, before=twin.patch)
    if made and not place.standing.wished:
        assert place.before is not None
        twin = await twins.twin(session, place.gateway)
        version = await twins.wish(session, twin, undone(twin.patch, wish.patch, place.before), now)
        return replace(place, twin_version=version, before=None)
    return place
