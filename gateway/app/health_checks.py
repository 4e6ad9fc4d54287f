"""What the health gate looks at in this daemon; see `gateway.updates.gate`."""

from collections.abc import Collection
from typing import Protocol

import aiohttp

from gateway import __version__
from gateway.config.settings import Settings
from gateway.errors import GatewayError
from gateway.flow.beat import Beats
from gateway.flow.clock import Clock
from gateway.models.rollout.shadow import Golden
from gateway.rules.engine import RuleEngine
from gateway.rules.parse import rules_from
from gateway.types import World
from gateway.updates.gate import Check, once

_KEY = "updates/gate"
_ASK_S = 10.0
_NOT_OURS = frozenset({"model_missing"})
"""What no other slot would do better: the file was never fetched."""


class Memory(Protocol):
    """See `gateway.store.keyvalue.KeyValue`."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class Answering(Protocol):
    """See `gateway.models.rollout.desk.RolloutDesk`."""

    def golden(self, model: str) -> Golden | None: ...


class Waiting(Protocol):
    """See `gateway.store.outbox.outbox.Outbox`."""

    async def waiting(self) -> object: ...


def given(well: bool) -> Check:
    """What was known from the beginning."""

    async def check() -> bool:
        return well

    return check


def stages(beats: Beats) -> Check:
    """Every stage that is required has reported, and none has fallen silent."""

    async def check() -> bool:
        return beats.ready and not beats.silent()

    return check


def store(memory: Memory) -> Check:
    """The database opened, is of this version's schema, and takes a write; after that it is only read."""

    async def written() -> bool:
        await memory.set(_KEY, __version__)
        return True

    first = once(written)

    async def check() -> bool:
        return await first() and await memory.get(_KEY) == __version__

    return check


def rules(settings: Settings, clock: Clock) -> Check:
    """All rules together come to a decision; nothing is done with it."""

    async def check() -> bool:
        engine = RuleEngine(rules_from(settings.rules))
        now = clock.now()
        engine.tick(now, World(local=now.wall.astimezone()))
        return True

    return check


def models(used: Collection[str], desk: Answering) -> Check:
    """Every model at work gives its golden answers. They are asked on the comparing thread, which takes several looks,
    and again only where that could not be done."""
    asked: dict[str, Golden] = {}

    async def check() -> bool:
        return not [model for model in used if not _answers(model)]  # every one is asked, at the first look

    def _answers(model: str) -> bool:
        if model not in asked:
            golden = desk.golden(model)
            if golden is None:
                return False
            asked[model] = golden
        if not asked[model].done():
            return False
        try:
            report = asked[model].result()
        except GatewayError as error:
            if error.key in _NOT_OURS:
                return True
            del asked[model]
            raise
        return report is None or report.holds

    return once(check)


def outbox(waiting: Waiting | None) -> Check:
    """Where summaries are to leave, what holds them opens."""

    async def check() -> bool:
        if waiting is None:
            return False
        await waiting.waiting()
        return True

    return check


def page(url: str) -> Check:
    """The page answers to a request over the network, as a browser's would."""

    async def check() -> bool:
        connector = aiohttp.TCPConnector(force_close=True, ssl=False)  # a request to ourselves, by address
        timeout = aiohttp.ClientTimeout(total=_ASK_S)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.get(f"{url}api/v1/session") as answer,
            ):
                return answer.status == 200 and "claimed" in await answer.json()
        except (aiohttp.ClientError, ValueError):
            return False

    return check
