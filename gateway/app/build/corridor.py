"""The whole gateway, or its safe mode, opened on one exit stack."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.app.build.base import Base, Plan
from gateway.app.build.page import PageParts, open_page
from gateway.app.build.storage import open_storage
from gateway.app.build.updates import build_updates
from gateway.app.build.works import open_works
from gateway.app.choices import TwinChoices
from gateway.app.places import updater_socket
from gateway.config.settings import Settings
from gateway.errors import Problem
from gateway.types import Level, State
from gateway.updates.client import UpdaterClient
from gateway.uplink.twin.twin import Twin
from gateway.web.hub import Broadcast

if TYPE_CHECKING:
    from gateway.app.build.faces import Faces


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """What runs and how to reach it. `claim_code` is None once the gateway has an owner; `faces` where there are
    none."""

    base: Base
    url: str
    claim_code: str | None
    plan: Plan = field(default_factory=Plan)
    cameras: tuple[str, ...] = ()
    faces: "Faces | None" = None

    def report(self) -> dict[str, object]:
        return self.base.tally.report(self.base.counters, list(self.cameras))


async def build(
    stack: AsyncExitStack,
    settings: Settings,
    base: Base,
    *,
    problems: Sequence[Problem] = (),
    twin: Twin | None = None,
) -> Corridor:
    """Opens everything on the stack. With `problems` storage and page only: safe mode.

    Raises `Refused` for what a person must put right first: data directory, page port.
    """
    storage = await open_storage(stack, settings, base)
    hub = Broadcast(base.counters)
    updater = UpdaterClient(updater_socket())
    if problems:
        detail = f"{len(problems)} problems in the configuration; cameras and devices are off"
        base.board.report(State(part="config", level=Level.DOWN, key="config_invalid", detail=detail))
        base.board.listen(lambda state: hub.publish("state", state))
        updates, plan = build_updates(settings, base, storage, updater, None), Plan()
        page = await open_page(
            stack,
            settings,
            base,
            PageParts(storage=storage, hub=hub, cameras={}, problems=problems, machine=updates.view),
        )
        updates.join(plan, page.local)
        page.join(plan, base)
        return Corridor(base=base, url=page.url, claim_code=page.claim_code, plan=plan)
    works = await open_works(stack, settings, base, storage, hub, twin=twin, updater=updater)
    updates, plan = build_updates(settings, base, storage, updater, works), works.plan(settings, storage)
    parts = PageParts(
        storage=storage,
        hub=hub,
        cameras={camera.name: camera.live for camera in works.cameras},
        people=works.faces.people if works.faces else None,
        devices=works.switchboard,
        models=works.models,
        world=lambda: works.router.world,
        climate=works.climate.stage if works.climate else None,
        uplink=works.uplink.view if works.uplink else None,
        choices=None if twin is None else TwinChoices(twin),
        machine=updates.view,
    )
    page = await open_page(stack, settings, base, parts)
    updates.join(plan, page.local)
    page.join(plan, base)
    return Corridor(
        base=base,
        url=page.url,
        claim_code=page.claim_code,
        plan=plan,
        cameras=tuple(camera.name for camera in works.cameras),
        faces=works.faces,
    )
