"""Faces, where a camera's owner wants them: models, gallery, recogniser."""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gateway.app.build.models import CLOSE_UP, DETECTOR, EMBEDDER, FACES, Models
from gateway.app.build.storage import Storage
from gateway.app.evidence import Evidence
from gateway.config.settings import Settings
from gateway.errors import GatewayError
from gateway.models.backends import backend_for
from gateway.models.registry import ModelRegistry
from gateway.models.tpu.scheduler import Priority
from gateway.perception.face_thread import FaceThread
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import Gallery, Thresholds
from gateway.perception.people import People
from gateway.perception.recogniser import FaceRecogniser
from gateway.seams import Backend
from gateway.store.vault import Vault
from gateway.types import Level, State

PART = "faces"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    people: People
    recogniser: FaceRecogniser


async def open_faces(
    stack: AsyncExitStack, settings: Settings, storage: Storage, evidence: Evidence, models: Models
) -> Faces | None:
    """None where no camera asks for faces or they cannot be had: then the reason is the state of part "faces",
    and everything else goes on."""
    report = models.kit.base.board.report
    if not any(camera.faces for camera in settings.cameras):
        return None
    try:
        faces = await _open(stack, settings, storage, evidence, models)
    except GatewayError as error:
        log.error("faces are off: %s", error)
        report(State(part=PART, level=Level.DOWN, key=error.key, detail=str(error)))
        return None
    report(State(part=PART, level=Level.OK, key="running"))
    return faces


async def _open(
    stack: AsyncExitStack, settings: Settings, storage: Storage, evidence: Evidence, models: Models
) -> Faces:
    base = models.kit.base
    vault = Vault(settings.gateway.key_file, data_dir=settings.gateway.data_dir)
    card = await asyncio.to_thread(models.registry.card, EMBEDDER)
    thread = await stack.enter_async_context(FaceThread(lambda: _pipeline(models)))
    comparable = frozenset(card.comparable)
    empty = Gallery(model=card.sha256, comparable=comparable, thresholds=Thresholds.of(card.thresholds))
    recogniser = FaceRecogniser(
        faces=thread,
        gallery=empty,
        model=card.id,
        counters=base.counters,
        evidence=lambda event, picture: evidence.keep(event.id, lambda: picture),
        cooldown_s=settings.faces.announce_again_s,
        shedding=models.shedding,
    )
    people = People(
        table=storage.people,
        vault=vault,
        faces=thread,
        empty=empty,
        clock=base.clock,
        counters=base.counters,
        changed=recogniser.use,
    )
    await people.load()
    return Faces(people=people, recogniser=recogniser)


def _pipeline(models: Models) -> FacePipeline:
    """Whoever stands before a camera waits for these answers."""
    return FacePipeline(*(models.open(model, Priority.LIVE) for model in FACES), shedding=models.shedding)


def open_pipeline(models: ModelRegistry) -> FacePipeline:
    """The three models on the processor alone, on the calling thread, which owns them from now on. Raises `Refused`."""
    return FacePipeline(*(_backend(models, model) for model in (DETECTOR, CLOSE_UP, EMBEDDER)))


def _backend(models: ModelRegistry, model: str) -> Backend:
    card = models.card(model)
    backend = backend_for(card)
    with models.file(card.main) as file:
        backend.load(card, file)
    return backend
