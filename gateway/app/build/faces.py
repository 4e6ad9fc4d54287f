"""Faces, where a camera's owner wants them: models, gallery, recogniser."""

import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gateway.app.build.base import Base
from gateway.app.build.storage import Storage
from gateway.app.evidence import Evidence
from gateway.app.places import registry
from gateway.config.settings import Settings
from gateway.errors import GatewayError
from gateway.models.litert import LiteRtBackend
from gateway.models.registry import ModelRegistry
from gateway.perception.face_thread import FaceThread
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import Gallery, Thresholds
from gateway.perception.people import People
from gateway.perception.recogniser import FaceRecogniser
from gateway.seams import Backend
from gateway.store.vault import Vault
from gateway.types import Level, State

PART = "faces"
DETECTOR, CLOSE_UP, EMBEDDER = "blazeface_full", "blazeface_short", "dlib_resnet_v1"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    people: People
    recogniser: FaceRecogniser


async def open_faces(
    stack: AsyncExitStack, settings: Settings, base: Base, storage: Storage, evidence: Evidence
) -> Faces | None:
    """None where no camera asks for faces or they cannot be had: then the reason is the state of part "faces",
    and everything else goes on."""
    if not any(camera.faces for camera in settings.cameras):
        return None
    try:
        faces = await _open(stack, settings, base, storage, evidence)
    except GatewayError as error:
        log.error("faces are off: %s", error)
        base.board.report(State(part=PART, level=Level.DOWN, key=error.key, detail=str(error)))
        return None
    base.board.report(State(part=PART, level=Level.OK, key="running"))
    return faces


async def _open(stack: AsyncExitStack, settings: Settings, base: Base, storage: Storage, evidence: Evidence) -> Faces:
    models = registry(settings.models.directory)
    vault = Vault(settings.gateway.key_file, data_dir=settings.gateway.data_dir)
    card = models.card(EMBEDDER)
    thread = await stack.enter_async_context(FaceThread(lambda: open_pipeline(models)))
    empty = Gallery(model=card.sha256, thresholds=Thresholds.of(card.thresholds))
    recogniser = FaceRecogniser(
        faces=thread,
        gallery=empty,
        model=card.id,
        counters=base.counters,
        evidence=lambda event, picture: evidence.keep(event.id, lambda: picture),
        cooldown_s=settings.faces.announce_again_s,
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


def open_pipeline(models: ModelRegistry) -> FacePipeline:
    """The three models, on the calling thread, which owns them from now on. Raises `Refused`."""
    return FacePipeline(*(_backend(models, model) for model in (DETECTOR, CLOSE_UP, EMBEDDER)))


def _backend(models: ModelRegistry, model: str) -> Backend:
    backend = LiteRtBackend()
    backend.load(models.card(model), models.path(model))
    return backend
