"""`hearthgate-hub models|images`."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

from gateway.errors import Refused
from services.hub.app.enrolling import CONSOLE
from services.hub.app.updates import Updates
from services.hub.registry.images import About, about_in, about_of
from services.hub.registry.kinds import Kind, line_of
from services.hub.registry.registry import Channel
from services.hub.registry.shelf_rows import Shelved

_CHUNK = 1 << 20


class Command(Protocol):
    def __call__(self, parent: Any, name: str, work: Any, text: str) -> argparse.ArgumentParser: ...


def add_commands(models: Any, images: Any, command: Command) -> None:
    """Below the groups of both; `command` adds one."""
    command(models, "add", _add_model, "take in a bundle, into the channel dev").add_argument("file", type=Path)
    add = command(images, "add", _add_image, "take in a bundle of RAUC, into the channel dev")
    add.add_argument("file", type=Path)
    add.add_argument("--about", type=Path, help="what it is, in JSON (default: image.json beside it)")
    add.add_argument("--board", help="instead of that, with --version")
    add.add_argument("--version")
    for group, kind, what in ((models, Kind.MODEL, "model"), (images, Kind.IMAGE, "board")):
        command(group, "list", _list, "bundles, and the channels that hold them").set_defaults(kind=kind)
        promote = command(group, "promote", _promote, "give a channel what the one before it holds")
        promote.set_defaults(kind=kind)
        promote.add_argument("name", metavar=what)
        promote.add_argument("channel", choices=[Channel.BETA.value, Channel.STABLE.value])
        command(group, "remove", _remove, "hand it out no more, and end its campaigns").add_argument("sha256")


async def _add_model(updates: Updates, told: argparse.Namespace) -> str:
    return _line(await updates.registry.add_model(_chunks(told.file), by=CONSOLE))


async def _add_image(updates: Updates, told: argparse.Namespace) -> str:
    return _line(await updates.registry.add_image(_chunks(told.file), await _about(told), by=CONSOLE))


async def _about(told: argparse.Namespace) -> About:
    if told.board is not None or told.version is not None:
        return about_of({"board": told.board, "version": told.version})
    return await asyncio.to_thread(about_in, told.about or told.file.with_name("image.json"))


async def _list(updates: Updates, told: argparse.Namespace) -> str:
    rows = [
        f"{one.bundle.release.name:24} {_release(one.bundle)}  {one.bundle.sha256}  {' '.join(sorted(one.channels))}"
        for one in await updates.registry.all()
        if one.bundle.kind is told.kind
    ]
    return "\n".join(row.rstrip() for row in rows) or "no bundles"


def _release(one: Shelved) -> str:
    serial = f" {one.release.serial:>8}" if one.kind is Kind.MODEL else ""
    return f"{one.release.version:12}{serial}"


async def _promote(updates: Updates, told: argparse.Namespace) -> str:
    one = await updates.registry.promote(line_of(told.kind, told.name), Channel(told.channel), by=CONSOLE)
    return f"{told.channel}: {_line(one)}"


async def _remove(updates: Updates, told: argparse.Namespace) -> str:
    await updates.registry.remove(told.sha256, by=CONSOLE)
    return f"{told.sha256}: removed"


def _line(one: Shelved) -> str:
    serial = f", serial {one.release.serial}" if one.kind is Kind.MODEL else ""
    return f"{one.release.name} {one.release.version}{serial}: {one.sha256}"


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    try:
        stream = await asyncio.to_thread(file.open, "rb")
    except OSError as error:
        raise Refused("bundle_unreadable", file=file.name, cause=error.strerror) from None
    with stream:
        while chunk := await asyncio.to_thread(stream.read, _CHUNK):
            yield chunk
