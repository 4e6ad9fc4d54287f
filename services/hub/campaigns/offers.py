"""What lies ready for a home: one offer at a time, for there is one topic."""

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.wire.uplink import ImageTarget, ModelTarget, Offer, SettingsTarget, Target
from services.hub.campaigns.places import Place
from services.hub.campaigns.plan import ImageWish, ModelWish, Plan
from services.hub.campaigns.standing import OFFERING
from services.hub.registry.kinds import Kind

Link = Callable[[str, str, Kind, datetime], str]
"""From a home and a bundle's hash to where it may fetch it now."""


def foremost(lying: Sequence[tuple[Place, Plan]]) -> tuple[Place, Plan] | None:
    """The newest that the home has not taken up; else the newest it is in the middle of, for one that lost its disk."""

    def rank(one: tuple[Place, Plan]) -> tuple[bool, int]:
        return one[0].standing in OFFERING, one[0].campaign

    return max(lying, key=rank, default=None)


def offer(place: Place, plan: Plan, link: Link, now: datetime) -> Offer:
    target = _target(place, plan, link, now)
    return Offer(campaign=place.campaign, target=target, rollback=not place.standing.wished)


def _target(place: Place, plan: Plan, link: Link, now: datetime) -> Target:
    wish = plan.wish
    if isinstance(wish, ModelWish):
        url = link(place.gateway, wish.sha256, Kind.MODEL, now)
        return ModelTarget(url=url, sha256=wish.sha256, model=wish.model, serial=wish.serial)
    if isinstance(wish, ImageWish):
        url = wish.url or link(place.gateway, wish.sha256, Kind.IMAGE, now)
        return ImageTarget(url=url, sha256=wish.sha256, version=wish.version)
    return SettingsTarget(version=place.twin_version or 0, patch=wish.patch)
