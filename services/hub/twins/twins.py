"""Wishes of the hub's people for one home, and what the homes say came of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from gateway.errors import Invalid, Refused
from gateway.wire.merge import stacked
from gateway.wire.uplink import MOST_BYTES, Desired, Reported, dump, load
from services.hub.ingest.words import Answer
from services.hub.store import audit, gateways
from services.hub.store.database import Database, Session
from services.hub.twins import rows
from services.hub.twins.rows import Twin

_FARTHEST = 2**52
"""No hub gets there by counting. Whoever reports a version above it would leave none to wish with."""


class Twins:
    """Safe to call from many tasks and processes; `by` is who does it, for the audit. Methods raise what the database
    raises. What changes here is published by `services.hub.campaigns.leader.Leader`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def twin(self, gateway: str) -> Twin:
        """Also of a home that has none yet. Raises `Refused("unknown_gateway", status 404)`."""
        async with self._database.transaction() as session:
            await _known(session, gateway)
            return await rows.twin(session, gateway)

    async def wish(self, gateway: str, patch: Mapping[str, Any], *, by: str) -> int:
        """Lay `patch` over what is wished: null takes a setting away, whatever the file of the home says. The new
        version. Raises `Invalid` ("wish_invalid", "wish_too_large"), `Refused("unknown_gateway")`."""
        return await self._change(gateway, lambda before: stacked(before, patch), by)

    async def replace(self, gateway: str, patch: Mapping[str, Any], *, by: str) -> int:
        """Wish `patch` and nothing else, so that `{}` leaves everything to the home. As `wish`."""
        return await self._change(gateway, lambda _before: dict(patch), by)

    async def reported(self, gateway: str, payload: bytes) -> Sequence[Answer]:
        """A handler of `Ingest` for `topics.REPORTED`. Raises `Invalid` for what is no `Reported`, or is of nobody."""
        told: Reported = load(Reported, payload)
        async with self._database.transaction() as session:
            home = await gateways.home(session, gateway)
            if home is None or home.revoked is not None:
                raise Invalid("unknown_gateway")
            before = await rows.twin(session, gateway)
            if told.version > max(before.version, _FARTHEST):
                raise Invalid("twin_version")
            await rows.report(session, gateway, told, self._now())
            if told.version > before.version:  # this hub has been set back: what it wishes must count again
                await rows.wish(session, await rows.twin(session, gateway), before.patch, self._now())
        return ()

    async def _change(self, gateway: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]], by: str) -> int:
        async with self._database.transaction() as session:
            await _known(session, gateway)
            before = await rows.twin(session, gateway)
            patch = change(before.patch)
            _check(patch)
            version = await rows.wish(session, before, patch, self._now())
            detail = {"version": str(version)}
            await audit.note(session, who=by, what="wish_made", subject=gateway, at=self._now(), detail=detail)
        return version


def _check(patch: Mapping[str, Any]) -> None:
    """Whether it can be said to a home at all."""
    try:
        wish = Desired(version=2**53 - 1, patch=dict(patch))
    except ValidationError:
        raise Invalid("wish_invalid") from None
    if len(dump(wish)) > MOST_BYTES:
        raise Invalid("wish_too_large", most_bytes=MOST_BYTES)


async def _known(session: Session, gateway: str) -> None:
    if await gateways.home(session, gateway) is None:
        raise Refused("unknown_gateway", status=404, gateway=gateway)
