"""Carrying a campaign on, one transaction at a time. The rows are all there is: whoever is killed anywhere is followed
by somebody who reads them."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.hub.campaigns import places, rows
from services.hub.campaigns.moves import moved
from services.hub.campaigns.pace import per_minute, room, tally_of, too_many, wave, window
from services.hub.campaigns.places import Place
from services.hub.campaigns.plan import Plan, shelved
from services.hub.campaigns.rows import Campaign, State
from services.hub.campaigns.standing import Standing, overtaken, stopped
from services.hub.registry import shelf_rows
from services.hub.store.database import Session


async def step(session: Session, number: int, now: datetime) -> None:
    """What is due in a campaign: homes that took too long, an end because too many failed, the next offers."""
    campaign = await rows.campaign(session, number)
    await _time_out(session, campaign, now)
    if campaign.state is State.STOPPED:
        return
    tally = tally_of(await places.counts(session, number))
    if await _is_gone(session, campaign.plan):
        await stop(session, number, now, why="bundle_removed", recall=False)
    elif too_many(campaign.plan, tally):
        await stop(session, number, now, why="failures", recall=campaign.plan.rollback)
    elif campaign.state is State.RUNNING:
        rate = per_minute(campaign.plan.pace, wave(campaign.plan, tally.confirmed))
        recent = await places.offered_since(session, number, now - window(rate))
        for gateway in await places.next_homes(session, number, room(campaign.plan, tally, recent)):
            await _offer(session, campaign, gateway, now)


async def stop(session: Session, number: int, now: datetime, *, why: str, recall: bool) -> None:
    """No more offers; with `recall` whoever may have it is sent back, else whoever is in the middle of it goes on.
    A campaign that was stopped without may still be taken back."""
    campaign = await rows.campaign(session, number)
    if campaign.state is State.STOPPED and (campaign.recall or not recall):
        return
    await rows.set_state(session, number, State.STOPPED, why=why, recall=recall)
    for place in await places.places(session, number):
        await _move(session, campaign.plan, place, stopped(place.standing, recall=recall), now)


async def _is_gone(session: Session, plan: Plan) -> bool:
    sha256 = shelved(plan.wish)
    return sha256 is not None and not await shelf_rows.is_there(session, sha256)


async def _time_out(session: Session, campaign: Campaign, now: datetime) -> None:
    plan = campaign.plan
    late = await places.overdue(
        session,
        campaign.number,
        begun_before=now - timedelta(seconds=plan.timeout_s),
        offered_before=now - timedelta(seconds=plan.answer_s),
    )
    for place in late:
        if place.standing is Standing.BEGUN:
            await _move(session, plan, replace(place, key="timed_out"), Standing.TIMED_OUT, now)
        else:
            await _move(session, plan, place, Standing.WAITING, now)


async def _offer(session: Session, campaign: Campaign, gateway: str, now: datetime) -> None:
    for earlier in await places.older(session, campaign.number, campaign.plan.lane, gateway):
        plan = await rows.plan_of(session, earlier.campaign)
        assert plan is not None
        await _move(session, plan, earlier, overtaken(earlier.standing), now)
    place = await places.place(session, campaign.number, gateway)
    assert place is not None
    await _move(session, campaign.plan, place, Standing.OFFERED, now)


async def _move(session: Session, plan: Plan, place: Place, standing: Standing, now: datetime) -> None:
    if standing is not place.standing:
        await moved(session, plan, place, standing, now)
