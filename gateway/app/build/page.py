"""The local page."""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gateway import __version__
from gateway.app.build.base import Base, Plan, quiet
from gateway.app.build.door import Door, find_door, given_code, note_owned
from gateway.app.build.storage import Storage
from gateway.app.build.things import Switchboard
from gateway.config.secrets import read_token
from gateway.config.settings import Settings
from gateway.errors import Problem, Refused
from gateway.health.doctor import run_checks
from gateway.health.finding import Grade
from gateway.health.heat import temperatures
from gateway.types import Level, State, World
from gateway.updates.accounts import BrokerAccounts
from gateway.web.auth import Auth
from gateway.web.hub import Broadcast
from gateway.web.parts import Choices, Climate, LiveView, Models, People, Underneath, Uplink, WebParts
from gateway.web.server import Running, serve
from gateway.wire.accounts import FOLDER

_LEVELS = {Grade.OK: Level.OK, Grade.WARN: Level.DEGRADED, Grade.FAIL: Level.DOWN}

_USUAL = {"http": 80, "https": 443}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageParts:
    """What differs between a gateway at work and one in safe mode."""

    storage: Storage
    hub: Broadcast
    cameras: Mapping[str, LiveView]
    people: People | None = None
    devices: Switchboard | None = None
    models: Models | None = None
    climate: Climate | None = None
    uplink: Uplink | None = None
    choices: Choices | None = None
    machine: Underneath | None = None
    world: Callable[[], World] | None = None
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`local` is where this machine itself finds it."""

    url: str
    local: str
    claim_code: str | None
    door: Door

    def join(self, plan: Plan, base: Base) -> None:
        if self.door.tls is not None:
            plan.services.append(quiet("page/certificate", lambda _beat: self.door.keep_current(base)))


async def open_page(stack: AsyncExitStack, settings: Settings, base: Base, given: PageParts) -> Page:
    """Raises `Refused("page_port")` where the address cannot be had."""
    auth = await stack.enter_async_context(
        Auth(given.storage.remember, base.clock, code=given_code(settings), owned=lambda: note_owned(settings))
    )
    door = await asyncio.to_thread(find_door, settings, base)
    parts = WebParts(
        name=settings.gateway.name,
        version=__version__,
        auth=auth,
        board=base.board,
        counters=base.counters,
        hub=given.hub,
        clock=base.clock,
        cameras=given.cameras,
        events=given.storage.events,
        corrections=given.storage.corrections,
        journal=given.storage.journal,
        media=given.storage.media,
        people=given.people,
        devices=given.devices,
        world=given.world,
        problems=given.problems,
        doctor=lambda: _doctor(settings, given.problems),
        models=given.models,
        climate=given.climate,
        uplink=given.uplink,
        choices=given.choices,
        machine=given.machine,
        accounts=BrokerAccounts(settings.gateway.data_dir / FOLDER, base.clock),
        authority=door.authority if door.files else None,
        meters=base.meters,
        lag=base.lag,
        heat=temperatures,
        metrics_token=_metrics_token(settings, base),
    )
    host, port = settings.web.host, settings.web.port
    try:
        running = await stack.enter_async_context(serve(parts, host=host, port=port, tls=door.tls, handed=door.handed))
    except OSError as error:
        raise Refused("page_port", host=host, port=port, reason=error.strerror or "unknown") from error
    return Page(url=_reachable(running), local=running.local, claim_code=auth.claim_code(), door=door)


def _metrics_token(settings: Settings, base: Base) -> str | None:
    """None where none was asked for, and where it cannot be had: the page is worth more than the metrics."""
    name = settings.web.metrics_credential
    if name is None:
        return None
    try:
        return read_token(name, settings.gateway.secrets_dir)
    except Refused as error:
        log.error("metrics are for signed-in people only: %s", error)
        base.board.report(State(part="metrics", level=Level.DOWN, key=error.key, detail=str(error)))
        return None


def _reachable(running: Running) -> str:
    """An address that another machine of the house can open."""
    scheme, _, _ = running.url.partition(":")
    if running.host not in {"0.0.0.0", "::"}:  # noqa: S104  # compared with, not listened on
        return running.url
    port = "" if running.port == _USUAL[scheme] else f":{running.port}"
    return f"{scheme}://{socket.gethostname()}{port}/"


async def _doctor(settings: Settings, problems: Sequence[Problem]) -> list[State]:
    found = await run_checks(settings, problems)
    return [
        State(
            part=one.worry,
            level=_LEVELS[one.level],
            key=one.key,
            detail=f"{one.message} ({one.hint})" if one.hint else one.message,
        )
        for one in found
    ]
