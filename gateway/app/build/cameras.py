"""From a camera's settings to its stage and its live view."""

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gateway.app.build.base import Base
from gateway.app.build.models import MOTION_CHECK, Models
from gateway.app.camera_stage import CameraStage
from gateway.app.evidence import Evidence
from gateway.app.router import Tick
from gateway.config.cameras import Camera
from gateway.config.secrets import read_credential
from gateway.config.settings import Settings
from gateway.errors import Refused
from gateway.flow.channel import Channel
from gateway.models.tpu.scheduler import Priority
from gateway.perception.gate import EveryFrame, GateMode, KeyFrameGate
from gateway.perception.motion_check import Asked, MotionCheck
from gateway.perception.segments import MotionSegmenter
from gateway.perception.zones import Zones
from gateway.seams import StateReport, Stimulus, Watcher
from gateway.sources.camera import CameraSource
from gateway.sources.live import LiveView
from gateway.sources.locator import FileLocator, Locator, RtspLocator, V4l2Locator
from gateway.sources.ring import PacketRing
from gateway.types import Event, Level, Seen, State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltCamera:
    name: str
    stage: CameraStage
    live: LiveView


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMaker:
    """What all cameras share. `faces` gets the sightings of cameras that asked for faces."""

    settings: Settings
    base: Base
    stack: AsyncExitStack
    stimuli: Channel[Stimulus | Tick]
    evidence: Evidence
    models: Models
    faces: Callable[[Seen], object] | None
    made: Callable[[Event], None]

    def build_all(self) -> list[BuiltCamera]:
        """A camera whose credential cannot be read is left out; its state says why."""
        built = []
        for camera in self.settings.cameras:
            try:
                built.append(self._build(camera))
            except Refused as error:
                log.error("camera %s is off: %s", camera.name, error)
                state = State(part=f"camera/{camera.name}", level=Level.DOWN, key=error.key, detail=str(error))
                self.base.board.report(state)
        return built

    def _build(self, camera: Camera) -> BuiltCamera:
        base = self.base
        ring = PacketRing(int(camera.ring_mb * (1 << 20)))
        live = LiveView(ring, name=camera.name, counters=base.counters)
        self.stack.callback(live.close)
        source = CameraSource(
            name=camera.name,
            locator=locator(camera, self.settings),
            watcher=watcher(camera, base.board.report, motion_check(camera, self.models, base)),
            ring=ring,
            report=base.board.report,
            counters=base.counters,
            live=camera.file is None,
        )
        stage = CameraStage(
            name=camera.name,
            source=source,
            segmenter=segmenter(camera),
            evidence=self.evidence,
            stimuli=self.stimuli,
            clock=base.clock,
            report=base.board.report,
            shown=live.show,
            faces=self.faces if camera.faces else None,
            made=self.made,
        )
        return BuiltCamera(name=camera.name, stage=stage, live=live)


def locator(camera: Camera, settings: Settings) -> Locator:
    """Raises `Refused` for a credential that cannot be read."""
    if camera.file is not None:
        return FileLocator(path=camera.file, loop=camera.loop, rest_s=camera.rest_s, realtime=camera.realtime)
    if camera.device is not None:
        return V4l2Locator(
            device=camera.device,
            width=camera.width,
            height=camera.height,
            fps=camera.fps,
            input_format=camera.input_format,
        )
    assert camera.url is not None
    if camera.credential is None:
        return RtspLocator(url=camera.url)
    login = read_credential(camera.credential, settings.gateway.secrets_dir)
    return RtspLocator(url=camera.url, user=login.user, password=login.password)


def motion_check(camera: Camera, models: Models, base: Base) -> MotionCheck | None:
    """The model is opened when something moves for the first time, on the thread that reads the camera."""
    if not camera.motion_check:
        return None

    def opened() -> Asked:
        backend = models.open(MOTION_CHECK, Priority.OPTIONAL)
        return Asked(backend=backend, card=lambda: backend.card)

    return MotionCheck(camera.name, opened, counters=base.counters, shedding=models.shedding)


def watcher(camera: Camera, report: StateReport, check: MotionCheck | None) -> Watcher:
    if camera.decode == "every":
        return EveryFrame(masks=camera.masks, check=check)
    part = f"camera/{camera.name}/decode"

    def told(mode: GateMode, blind_s: float | None) -> None:
        blind = "not measured yet" if blind_s is None else f"{blind_s:.1f} s"
        report(State(part=part, level=Level.OK, key=mode.value, detail=f"key frames every {blind}"))

    return KeyFrameGate(max_blind_s=camera.max_blind_s, masks=camera.masks, on_mode=told, check=check)


def segmenter(camera: Camera) -> MotionSegmenter:
    zones = Zones({zone.name: zone.polygon for zone in camera.zones})
    return MotionSegmenter(camera.name, quiet_s=camera.quiet_s, zones=zones)
