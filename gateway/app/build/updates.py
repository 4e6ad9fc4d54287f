"""The machine underneath: its updater, the health gate of this start, and what the hub and the page hear of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from gateway import __version__
from gateway.app import health_checks as checks
from gateway.app.build.base import Base, Plan, quiet
from gateway.app.build.storage import Storage
from gateway.app.build.works import Works
from gateway.app.recorder import written
from gateway.config.settings import Settings
from gateway.health.clock import plausible
from gateway.updates.client import Updater
from gateway.updates.gate import Check, HealthGate
from gateway.updates.inbox import Inbox
from gateway.updates.stage import UpdatesStage
from gateway.updates.telling import UpdateTeller
from gateway.web.parts import Underneath
from gateway.wire.update import Machine

INBOX = "updates"
"""Within the data directory; see `gateway.wire.update.INBOX`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """`view` is for the page. The page itself is looked at once it is there."""

    gate: HealthGate
    stage: UpdatesStage
    view: Underneath

    def join(self, plan: Plan, page: str) -> None:
        self.gate.add("page", checks.page(page))
        plan.services.append(quiet("updates", self.stage.run))


def build_updates(settings: Settings, base: Base, storage: Storage, updater: Updater, works: Works | None) -> Updates:
    """Without `works` the gateway runs in safe mode, which is no sound start; all else works then."""
    gate = HealthGate(_checks(settings, base, storage, works))
    inbox = Inbox(settings.gateway.data_dir / INBOX, reserve_bytes=settings.retention.reserve_mb << 20)
    stage = UpdatesStage(
        updater=updater,
        gate=gate,
        settings=settings.updates,
        version=__version__,
        clock=base.clock,
        local=lambda: _local(base),
        report=base.board.report,
        changed=_teller(base, storage, works),
    )
    view = Underneath(updater=updater, inbox=inbox, failing=lambda: stage.failing, index=settings.updates.index)
    return Updates(gate=gate, stage=stage, view=view)


def _checks(settings: Settings, base: Base, storage: Storage, works: Works | None) -> dict[str, Check]:
    found = {
        "config": checks.given(works is not None),
        "stages": checks.stages(base.beats),
        "store": checks.store(storage.remember),
        "rules": checks.rules(settings, base.clock),
    }
    if works is not None:
        found["models"] = checks.models(works.models.used, works.models.desk)
    if works is not None and settings.uplink.enabled:
        found["outbox"] = checks.outbox(works.uplink.outbox if works.uplink else None)
    return found


def _teller(base: Base, storage: Storage, works: Works | None) -> Callable[[Machine], Awaitable[None]]:
    if works is None or works.uplink is None:
        return _untold
    teller = UpdateTeller(works.uplink.outbox, storage.remember, base.clock, plausible)

    async def tell(machine: Machine) -> None:
        await written("updates", teller.hear(machine), base.counters)

    return tell


async def _untold(_machine: Machine) -> None:
    return


def _local(base: Base) -> datetime | None:
    wall = plausible(base.clock.now().wall)
    return None if wall is None else wall.astimezone()
