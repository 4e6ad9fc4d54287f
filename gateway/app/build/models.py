"""The models at work: a stack of backends each, the accelerator they share, the roll-out of new versions.

From the outside in: `RolloutBackend` chooses the version, `FailoverBackend` the accelerator or the processor, and
LiteRT or ONNX Runtime computes.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal

from gateway.app.build import releases
from gateway.app.build.base import Base
from gateway.app.build.storage import Storage
from gateway.app.places import registry, store
from gateway.config.settings import Settings
from gateway.health.heat import hottest_c
from gateway.models.backends import backend_for
from gateway.models.packaged import packaged_cards
from gateway.models.registry import ModelRegistry
from gateway.models.rollout.backend import RolloutBackend
from gateway.models.rollout.desk import RolloutDesk
from gateway.models.rollout.from_store import StoreVersions
from gateway.models.rollout.intake import Intake
from gateway.models.rollout.ports import Ports
from gateway.models.rollout.shadow import Shadow
from gateway.models.tpu.backend import FailoverBackend
from gateway.models.tpu.host import TpuHost
from gateway.models.tpu.process import TpuChild
from gateway.models.tpu.scheduler import Priority
from gateway.models.tpu.shed import Shedder
from gateway.seams import Backend, Shedding
from gateway.types import Event, Level, State
from gateway.web.parts import ModelView
from gateway.wire.model_card import ModelCard

DETECTOR, CLOSE_UP, EMBEDDER = "blazeface_full", "blazeface_short", "dlib_resnet_v1"
MOTION_CHECK = "motion_check_v1"
THERMOSTAT = "thermostat_v1"
FACES = (DETECTOR, CLOSE_UP, EMBEDDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What backends are made of. `host` is None where no accelerator is wanted."""

    base: Base
    registry: ModelRegistry
    host: TpuHost | None
    shedder: Shedder

    def maker(self, priority: Priority) -> Callable[[ModelCard], Backend]:
        """Makes an empty backend for a model with that card."""

        def make(card: ModelCard) -> Backend:
            return FailoverBackend(
                backend_for(card),
                host=self.host,
                opened=self.registry.file,
                meters=self.base.meters,
                priority=priority,
                named=_metered,
            )

        return make


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What runs models here."""

    kit: Kit
    desk: RolloutDesk
    used: tuple[str, ...]

    @property
    def registry(self) -> ModelRegistry:
        return self.kit.registry

    @property
    def shedding(self) -> Shedding:
        return self.kit.shedder.level

    def open(self, model: str, priority: Priority = Priority.NORMAL) -> RolloutBackend:
        """Loaded, and owned by the calling thread from now on. Raises what loading raises."""
        backend = RolloutBackend(self.kit.maker(priority), desk=self.desk, model=model)
        card = self.registry.card(model)
        with self.registry.file(card.main) as file:
            backend.load(card, file)
        return backend

    def all(self) -> Sequence[ModelView]:
        """Implements `web.parts.Models`."""
        return [view for model in self.used for view in self._views(model)]

    def _views(self, model: str) -> list[ModelView]:
        route = self.desk.route(model)
        if route is None:
            return []
        views = [self._view(route.serving.card, "serving")]
        candidate = self.desk.candidate(model)
        if candidate is not None:
            views.append(self._view(candidate.card, "shadow" if route.trial is None else "canary"))
        return views

    def _view(self, card: ModelCard, phase: Literal["serving", "shadow", "canary"]) -> ModelView:
        on_tpu = self.kit.host is not None and self.kit.host.serves(card)
        backend: Literal["cpu", "tpu", "onnx"] = "tpu" if on_tpu else "onnx" if card.backend == "onnx" else "cpu"
        return ModelView(
            id=card.id, version=card.version, role=card.role, phase=phase, backend=backend, metered=_metered(card)
        )


async def open_models(
    stack: AsyncExitStack, settings: Settings, base: Base, storage: Storage, tell: Callable[[Event], None]
) -> Models:
    """`tell` gets the decisions of roll-outs, which are in the log already. What the check at this start found of the
    releases of a model is a state of part "models/<id>"; where one is damaged the one before, or the packaged one,
    serves, until a promotion, which checks the files again. "model/<id>" tells of the roll-out."""
    kept = store(settings)
    await asyncio.to_thread(releases.checked, kept, base.board)
    shedder = Shedder(clock=base.clock, report=base.board.report)
    host = await _host(stack, settings, base, shedder)
    models = registry(settings.models.directory, store=kept)
    kit, used = Kit(base=base, registry=models, host=host, shedder=shedder), _used(settings)
    versions = StoreVersions(kept, packaged_cards(), opened=models.file)
    ports = _ports(kit, versions, storage, releases.mending(base.board, tell), settings.gateway.id)
    desk = await stack.enter_async_context(RolloutDesk(ports, used, shedding=shedder.level, temperature=hottest_c))
    return Models(kit=kit, desk=desk, used=used)


def _used(settings: Settings) -> tuple[str, ...]:
    faces = FACES if any(camera.faces for camera in settings.cameras) else ()
    check = (MOTION_CHECK,) if any(camera.motion_check for camera in settings.cameras) else ()
    forecaster = (THERMOSTAT,) if settings.climate.rooms else ()
    return faces + check + forecaster


async def _host(stack: AsyncExitStack, settings: Settings, base: Base, shedder: Shedder) -> TpuHost | None:
    if settings.models.accelerator == "off":
        state = State(part="accelerator", level=Level.OFF, key="off", detail="models.accelerator is off")
        base.board.report(state)
        return None
    library = settings.models.tpu_library
    return await stack.enter_async_context(
        TpuHost(
            lambda: TpuChild(library),
            clock=base.clock,
            report=base.board.report,
            counters=base.counters,
            shedder=shedder,
        )
    )


def _ports(kit: Kit, versions: StoreVersions, storage: Storage, tell: Callable[[Event], None], device: str) -> Ports:
    """The comparing thread stays off the accelerator, whose cache holds what serves; golden answers are asked of it."""
    intake = Intake()
    shadow = Shadow(
        make=backend_for,
        make_serving=kit.maker(Priority.OPTIONAL),
        opened=versions.opened,
        told=intake.put,
    )
    return Ports(
        versions=versions,
        table=storage.rollouts,
        corrections=storage.corrections,
        shadow=shadow,
        intake=intake,
        clock=kit.base.clock,
        report=kit.base.board.report,
        tell=tell,
        counters=kit.base.counters,
        device=device,
    )


def _metered(card: ModelCard) -> str:
    """Versions that answer side by side are told apart."""
    return f"{card.id}@{card.version}"
