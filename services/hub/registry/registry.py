"""Bundles, and which of them each channel holds."""

import asyncio
import secrets
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from gateway.errors import Refused
from services.hub.registry import shelf_rows
from services.hub.registry.images import About, check_image
from services.hub.registry.kinds import Kind, Release
from services.hub.registry.links import Links
from services.hub.registry.reading import model_in
from services.hub.registry.shelf import Incoming, Shelf
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

    async def add_model(self, chunks: AsyncIterable[bytes], *, by: str) -> Shelved:
        """Into DEV; it is in the tables once it is on the disk. Raises what `Incoming` and `model_in` do."""
        return await self._add(Kind.MODEL, chunks, lambda incoming: model_in(incoming.file), by)

    async def add_image(self, chunks: AsyncIterable[bytes], about: About, *, by: str) -> Shelved:
        """As `add_model`. Raises what `Incoming` and `check_image` do, `Refused("bundle_hash", status 422)`."""

        def read(incoming: Incoming) -> Release:
            check_image(incoming.file)
            if about.sha256 not in {None, incoming.sha256}:
                raise Refused("bundle_hash", status=422, sha256=incoming.sha256)
            return about.release

        return await self._add(Kind.IMAGE, chunks, read, by)

    async def _add(
        self, kind: Kind, chunks: AsyncIterable[bytes], read: Callable[[Incoming], Release], by: str
    ) -> Shelved:
        incoming = await asyncio.to_thread(self._shelf.begin, kind)
        try:
            async for chunk in chunks:
                await asyncio.to_thread(incoming.write, chunk)
            await asyncio.to_thread(incoming.sync)
            release = await asyncio.to_thread(read, incoming)
            await asyncio.to_thread(incoming.keep)
        finally:
            await asyncio.to_thread(incoming.close)
        one = Shelved(sha256=incoming.sha256, release=release, bytes=incoming.bytes, added=self._now())
        async with self._database.transaction() as session:
            await shelf_rows.add(session, one)
            await shelf_rows.point(session, Channel.DEV, one, self._now())
            await self._note(session, by, "added", one, Channel.DEV)
        return one

    async def promote(self, line: str, channel: Channel, *, by: str) -> Shelved:
        """What the channel before holds. Raises `Refused`: "channel_first" (409: nothing is promoted into DEV),
        "channel_empty" (404), "model_serial_low" (409: gateways would not go back to it)."""
        before = _BEFORE.get(channel)
        if before is None:
            raise Refused("channel_first", status=409, channel=channel.value)
        async with self._database.transaction() as session:
            found = await shelf_rows.in_channel(session, line, before)
            if found is None:
                raise Refused("channel_empty", status=404, line=line, channel=before.value)
            now_there = await shelf_rows.in_channel(session, line, channel)
            serial = found.release.serial
            if now_there is not None and now_there.release.serial > serial:
                raise Refused("model_serial_low", status=409, serial=serial, there=now_there.release.serial)
            await shelf_rows.point(session, channel, found, self._now())
            await self._note(session, by, "promoted", found, channel)
        return found

    async def in_channel(self, line: str, channel: Channel) -> Shelved:
        """Raises `Refused("channel_empty", status 404)`."""
        async with self._database.transaction() as session:
            found = await shelf_rows.in_channel(session, line, channel)
        if found is None:
            raise Refused("channel_empty", status=404, line=line, channel=channel.value)
        return found

    async def remove(self, sha256: str, *, by: str) -> None:
        """It is handed out no more, and campaigns for it end; homes that have it keep it. Raises
        `Refused("bundle_unknown", status 404)`."""
        async with self._database.transaction() as session:
            found = await shelf_rows.find(session, sha256)
            if found is None:
                raise Refused("bundle_unknown", status=404, sha256=sha256)
            await shelf_rows.remove(session, sha256, self._now())
            await self._note(session, by, "removed", found, None)
        await asyncio.to_thread(self._shelf.remove, sha256, found.kind)

    async def find(self, sha256: str) -> Shelved | None:
        async with self._database.transaction() as session:
            return await shelf_rows.find(session, sha256)

    async def all(self) -> Sequence[Listed]:
        """By line, newest first."""
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

    def file(self, one: Shelved) -> Path:
        return self._shelf.file(one.sha256, one.kind)

    async def _note(self, session: Session, by: str, what: str, one: Shelved, channel: Channel | None) -> None:
        """`what` was done, as "model_added" or "image_promoted"."""
        detail = {
            "version": one.release.version,
            "sha256": one.sha256,
            "channel": "" if channel is None else channel.value,
        }
        word = f"{one.kind.value}_{what}"
        await audit.note(session, who=by, what=word, subject=one.release.name, at=self._now(), detail=detail)


def _held(pointers: Sequence[tuple[str, str, str]]) -> Mapping[str, frozenset[Channel]]:
    held: dict[str, frozenset[Channel]] = {}
    for _line, channel, sha256 in pointers:
        held[sha256] = held.get(sha256, frozenset()) | {Channel(channel)}
    return held
