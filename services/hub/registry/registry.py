"""Bundles, and which of them each channel holds."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from gateway.errors import Refused
from services.hub.registry import shelf_rows
from services.hub.registry.links import Links
from services.hub.registry.shelf import Shelf
from services.hub.registry.shelf_rows import Shelved
from services.hub.store import audit
from services.hub.store.database import Database, Session


class Channel(StrEnum):
    """What comes in is in DEV; people promote it from there to BETA and on to STABLE."""

    DEV = "dev"
    BETA = "beta"
    STABLE = "stable"


_BEFORE = {Channel.BETA: Channel.DEV, Channel.STABLE: Channel.BETA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`channels` that hold it now."""

    bundle: Shelved
    channels: frozenset[Channel]


class Registry:
    """`by` is who does it, for the audit. Methods raise what the database raises."""

    def __init__(self, database: Database, shelf: Shelf, now: Callable[[], datetime]) -> None:
        self._database = database
        self._shelf = shelf
        self._now = now

    async def add(self, file: Path, *, by: str) -> Shelved:
        """Into DEV; it is in the tables once it is on the disk. Raises what `Shelf.add` does."""
        kept = await asyncio.to_thread(self._shelf.add, file)
        card = kept.manifest.card
        one = Shelved(
            sha256=kept.sha256,
            model=card.id,
            version=card.version,
            serial=card.serial,
            bytes=kept.bytes,
            added=self._now(),
        )
        async with self._database.transaction() as session:
            await shelf_rows.add(session, one)
            await shelf_rows.point(session, Channel.DEV, one, self._now())
            await self._note(session, by, "model_added", one, Channel.DEV)
        return one

    async def promote(self, model: str, channel: Channel, *, by: str) -> Shelved:
        """What the channel before holds. Raises `Refused`: "channel_first" (409: nothing is promoted into DEV),
        "channel_empty" (404), "model_serial_low" (409: gateways would not go back to it)."""
        before = _BEFORE.get(channel)
        if before is None:
            raise Refused("channel_first", status=409, channel=channel.value)
        async with self._database.transaction() as session:
            found = await shelf_rows.in_channel(session, model, before)
            if found is None:
                raise Refused("channel_empty", status=404, model=model, channel=before.value)
            now_there = await shelf_rows.in_channel(session, model, channel)
            if now_there is not None and now_there.serial > found.serial:
                raise Refused("model_serial_low", status=409, serial=found.serial, there=now_there.serial)
            await shelf_rows.point(session, channel, found, self._now())
            await self._note(session, by, "model_promoted", found, channel)
        return found

    async def in_channel(self, model: str, channel: Channel) -> Shelved:
        """Raises `Refused("channel_empty", status 404)`."""
        async with self._database.transaction() as session:
            found = await shelf_rows.in_channel(session, model, channel)
        if found is None:
            raise Refused("channel_empty", status=404, model=model, channel=channel.value)
        return found

    async def remove(self, sha256: str, *, by: str) -> None:
        """It is handed out no more, and campaigns for it end; homes that have it keep it. Raises
        `Refused("bundle_unknown", status 404)`."""
        async with self._database.transaction() as session:
            found = await shelf_rows.find(session, sha256)
            if found is None:
                raise Refused("bundle_unknown", status=404, sha256=sha256)
            await shelf_rows.remove(session, sha256, self._now())
            await self._note(session, by, "model_removed", found, None)
        await asyncio.to_thread(self._shelf.remove, sha256)

    async def find(self, sha256: str) -> Shelved | None:
        async with self._database.transaction() as session:
            return await shelf_rows.find(session, sha256)

    async def all(self) -> Sequence[Listed]:
        """By model, newest serial first."""
        async with self._database.transaction() as session:
            held = _held(await shelf_rows.channels_of(session))
            return [
                Listed(bundle=bundle, channels=held.get(bundle.sha256, frozenset()))
                for bundle in await shelf_rows.all_of(session)
            ]

    async def links(self, base: str) -> Links:
        """To bundles at `base`, signed with the key of this database, which is drawn at the first call."""
        async with self._database.transaction() as session:
            key = await shelf_rows.signing_key(session, secrets.token_hex(32))
        return Links(base=base, key=bytes.fromhex(key))

    def file(self, sha256: str) -> Path:
        return self._shelf.file(sha256)

    async def _note(self, session: Session, by: str, what: str, one: Shelved, channel: Channel | None) -> None:
        detail = {"serial": str(one.serial), "sha256": one.sha256, "channel": "" if channel is None else channel.value}
        await audit.note(session, who=by, what=what, subject=one.model, at=self._now(), detail=detail)


def _held(pointers: Sequence[tuple[str, str, str]]) -> Mapping[str, frozenset[Channel]]:
    held: dict[str, frozenset[Channel]] = {}
    for _model, channel, sha256 in pointers:
        held[sha256] = held.get(sha256, frozenset()) | {Channel(channel)}
    return held
