"""The uplink: what is added up, the outbox, and what empties it. Where no hub is named nothing of it is built."""

import asyncio
import logging
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gateway import __version__
from gateway.app.build.base import Base, Beat, Plan, beating, quiet
from gateway.app.build.campaigns import build_campaigns
from gateway.app.build.models import Models
from gateway.app.build.storage import Storage
from gateway.app.build.summaries import build_summaries
from gateway.app.leaving import Leaving
from gateway.app.summary_stage import SummaryStage
from gateway.app.twin_stage import TwinStage
from gateway.app.uplink_view import UplinkView
from gateway.config.secrets import Secret, read_credential
from gateway.config.settings import Settings
from gateway.errors import GatewayError
from gateway.health.clock import believed, plausible
from gateway.seams import Transport
from gateway.store.keyvalue import KeyValue
from gateway.store.outbox.outbox import Outbox
from gateway.types import Level, State
from gateway.updates.client import Updater
from gateway.uplink.campaign.book import Book
from gateway.uplink.campaign.stage import CampaignStage
from gateway.uplink.drain.drain import PART, Drain
from gateway.uplink.privacy.ledger import Ledger
from gateway.uplink.transports.kafka import KafkaTransport
from gateway.uplink.transports.mqtt import MqttTransport
from gateway.uplink.twin.twin import Twin
from gateway.uplink.words import sentence
from gateway.wire.uplink import Hello

FLUSH_S = 5.0
"""How long what still waits may take to leave when the gateway stops."""

_INSTANCE = "uplink/instance"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkParts:
    """`link` is the connection that a hub also answers on; None where there is no hub."""

    outbox: Outbox
    drain: Drain
    leaving: Leaving
    summaries: SummaryStage
    view: UplinkView
    link: MqttTransport | None
    twin: TwinStage | None
    campaigns: CampaignStage | None

    def join(self, plan: Plan, base: Base) -> None:
        plan.services += [
            beating(base, "summaries", self.summaries.run),
            beating(base, "uplink", self._carry),
            quiet("uplink/leaving", self.leaving.run),
        ]
        if self.twin is not None:
            plan.services.append(quiet("uplink/twin", self.twin.run))
        if self.campaigns is not None:
            plan.services.append(quiet("uplink/campaigns", self.campaigns.run))

    async def _carry(self, beat: Beat) -> None:
        """A service: when it is cancelled, what still waits gets a little time to leave."""
        running = asyncio.ensure_future(self.drain.run(beat))
        try:
            await asyncio.shield(running)
        finally:
            self.drain.end()
            await asyncio.wait({running}, timeout=FLUSH_S)
            running.cancel()
            await asyncio.wait({running})
            await self.leaving.flush()


async def open_uplink(
    stack: AsyncExitStack,
    settings: Settings,
    base: Base,
    storage: Storage,
    models: Models,
    *,
    twin: Twin | None,
    updater: Updater,
) -> UplinkParts | None:
    """Never raises for an outbox that cannot be opened: the house goes on, and the state of the part says why."""
    if not settings.uplink.enabled:
        return None
    try:
        outbox = await stack.enter_async_context(_outbox(settings, base))
    except GatewayError as error:
        log.error("no uplink: %s", error)
        base.board.report(State(part=PART, level=Level.DOWN, key=error.key, detail=sentence(error)))
        return None
    leaving = Leaving(storage.departures, clock=base.clock, counters=base.counters)
    instance = await _instance(storage.remember)
    link = None if settings.uplink.kafka else _mqtt(settings, base, outbox, leaving, instance)
    drain = _drain(settings, base, outbox, link or _kafka(settings, leaving))
    if link is not None:
        link.on_notice(drain.noticed)
    epsilon = settings.uplink.privacy.epsilon_per_day
    ledger = None if epsilon is None else Ledger(epsilon)
    campaigns = None
    if twin is not None and link is not None:
        campaigns = build_campaigns(settings, base, storage, models, twin=twin, link=link, updater=updater)
    return UplinkParts(
        outbox=outbox,
        drain=drain,
        leaving=leaving,
        summaries=build_summaries(settings, base, storage, models=models, outbox=outbox, ledger=ledger),
        view=UplinkView(
            settings.uplink,
            outbox,
            storage.departures,
            spent=ledger.spent if ledger else dict,
            book=lambda: Book() if campaigns is None else campaigns.book,
            twin=twin,
        ),
        link=link,
        twin=TwinStage(twin, link, base.counters) if twin is not None and link is not None else None,
        campaigns=campaigns,
    )


def _outbox(settings: Settings, base: Base) -> Outbox:
    return Outbox(
        settings.gateway.data_dir / "outbox.db",
        settings.gateway.id,
        settings.uplink.policy,
        clock=base.clock,
        believed=believed,
        plausible=plausible,
        report=base.board.report,
        counters=base.counters,
    )


async def _instance(remember: KeyValue) -> str:
    """Drawn once for a data directory: by it two gateways under one id are told apart."""
    known = await remember.get(_INSTANCE)
    if known is None:
        known = secrets.token_hex(16)
        await remember.set(_INSTANCE, known)
    return known


def _mqtt(settings: Settings, base: Base, outbox: Outbox, leaving: Leaving, instance: str) -> MqttTransport:
    return MqttTransport(
        settings=settings.uplink,
        gateway=settings.gateway.id,
        hello=lambda: Hello(online=True, instance=instance, epoch=outbox.epoch, version=__version__),
        login=lambda: _login(settings),
        clock=base.clock,
        counters=base.counters,
        left=leaving.note,
    )


def _kafka(settings: Settings, leaving: Leaving) -> KafkaTransport:
    return KafkaTransport(
        settings=settings.uplink,
        gateway=settings.gateway.id,
        login=lambda: _login(settings),
        left=leaving.note,
    )


def _login(settings: Settings) -> Secret | None:
    name = settings.uplink.credential
    return read_credential(name, settings.gateway.secrets_dir) if name else None


def _drain(settings: Settings, base: Base, outbox: Outbox, transport: Transport) -> Drain:
    return Drain(
        box=outbox,
        transport=transport,
        settings=settings.uplink,
        clock=base.clock,
        report=base.board.report,
        counters=base.counters,
    )
