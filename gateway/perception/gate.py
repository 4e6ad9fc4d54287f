"""Which packets are worth decoding: every one, or key frames only until something moves."""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from gateway.perception.background import Learning
from gateway.perception.masks import Polygon
from gateway.perception.motion import MotionDetector, MotionSettings
from gateway.perception.motion_check import MotionCheck
from gateway.perception.showing import ShowingSettings
from gateway.types import Frame, FrameRef, Motion, Stamp

KEY_FRAMES = MotionSettings(
    floor=9.0,
    warm_s=0.0,
    most_dt_s=60.0,
    learning=Learning(outside_s=38.0, noise_s=38.0),
    showing=ShowingSettings(vote_s=0.0, flicker=2.0),
)
"""For pictures seconds apart: one picture decides, and nothing can be said about flicker."""

_JITTER_S = 0.1
_REMEMBERED_GOPS = 4


class _Suspicion:
    """After a gap nothing is believed until a sound key frame. Encoders that refresh row by row send none, so
    `most_s` ends it as well."""

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._since: Stamp | None = None
        self._gap = False

    def gap(self) -> None:
        self._gap = True

    def doubts(self, frame: Frame) -> bool:
        if frame.corrupt:
            self._gap, self._since = True, frame.stamp
        if not self._gap:
            return False
        self._since = self._since or frame.stamp
        if frame.corrupt or not (frame.key or frame.stamp.seconds_since(self._since) > self._most_s):
            return True
        self._gap, self._since = False, None
        return False


def _ref(frame: Frame) -> FrameRef:
    return FrameRef(source=frame.source, seq=frame.seq, stamp=frame.stamp)


def _judged(detector: MotionDetector, check: MotionCheck | None, frame: Frame) -> Motion:
    t_s = frame.stamp.mono_ns / 1e9
    verdict, known = detector.see(frame.luma, t_s), detector.known
    boxes = verdict.boxes
    if check is not None and known is not None:
        boxes = check.keep(frame.luma, known, boxes, t_s)
    return Motion(
        frame=_ref(frame),
        boxes=boxes,
        scene_changed=verdict.scene_changed,
        warming_up=verdict.warming_up,
    )


class EveryFrame:
    """A `Watcher` that decodes and judges every packet: nothing is missed, everything is paid for. A `check` looks
    a second time at what moved."""

    def __init__(
        self,
        *,
        settings: MotionSettings | None = None,
        masks: tuple[Polygon, ...] = (),
        doubt_most_s: float = 15.0,
        check: MotionCheck | None = None,
    ) -> None:
        self._detector = MotionDetector(settings, masks)
        self._check = check
        self._suspicion = _Suspicion(doubt_most_s)

    def wants(self, *, key: bool, stamp: Stamp) -> bool:  # noqa: ARG002  # part of the seam
        return True

    def backfill(self) -> bool:
        return False

    def see(self, frame: Frame) -> Motion:
        if self._suspicion.doubts(frame):
            return Motion(frame=_ref(frame), warming_up=True)
        return _judged(self._detector, self._check, frame)

    def gap(self) -> None:
        self._suspicion.gap()


class GateMode(StrEnum):
    """`EVERY`: key frames are too far apart, or not measured yet. `IDLE`: key frames only. `LIVE`: after a hit."""

    EVERY = "every"
    IDLE = "idle"
    LIVE = "live"


class KeyFrameGate:
    """A `Watcher` that decodes key frames only while nothing moves, then everything until `quiet_s` of quiet.

    An event of d seconds between key frames T seconds apart is missed with probability max(0, 1 - d/T); one of at
    least T never. While the measured T exceeds `max_blind_s` every packet is decoded. `on_mode(mode, blind_s)` is
    called on the camera's thread at every change; `blind_s` is the measured T, None before it is known. A `check`
    looks a second time at what moved: what it takes away wakes nothing.
    """

    def __init__(
        self,
        *,
        max_blind_s: float = 4.0,
        quiet_s: float = 5.0,
        masks: tuple[Polygon, ...] = (),
        on_mode: Callable[[GateMode, float | None], None] = lambda _mode, _blind_s: None,
        doubt_most_s: float = 15.0,
        check: MotionCheck | None = None,
    ) -> None:
        self._max_blind_s = max_blind_s
        self._quiet_s = quiet_s
        self._on_mode = on_mode
        self._idle = MotionDetector(KEY_FRAMES, masks)
        self._live = MotionDetector(None, masks)
        self._check = check
        self._suspicion = _Suspicion(doubt_most_s)
        self._spacings: deque[float] = deque(maxlen=_REMEMBERED_GOPS)
        self._key: Stamp | None = None
        self._waited_s = 0.0
        self._moved: Stamp | None = None
        self._backfill = False
        self._mode = GateMode.EVERY

    @property
    def mode(self) -> GateMode:
        return self._mode

    @property
    def blind_s(self) -> float | None:
        """The longest of the last key-frame spacings in seconds, the one under way included; None before two key
        frames were seen."""
        return max(*self._spacings, self._waited_s) if self._spacings else None

    def wants(self, *, key: bool, stamp: Stamp) -> bool:
        self._measure(key=key, stamp=stamp)
        if self._too_blind and self._mode is not GateMode.EVERY:
            self._to_every()
        return key or self._mode is not GateMode.IDLE

    def backfill(self) -> bool:
        asked, self._backfill = self._backfill, False
        return asked

    def see(self, frame: Frame) -> Motion:
        if self._suspicion.doubts(frame):
            return Motion(frame=_ref(frame), warming_up=True)
        return self._see_key(frame) if self._mode is GateMode.IDLE else self._see_live(frame)

    def gap(self) -> None:
        """The measured spacing belongs to what was before."""
        self._suspicion.gap()
        self._key = None
        self._spacings.clear()
        self._backfill = False
        if self._mode is not GateMode.EVERY:
            self._to_every()

    def _measure(self, *, key: bool, stamp: Stamp) -> None:
        waited_s = 0.0 if self._key is None else stamp.seconds_since(self._key)
        if key:
            if self._key is not None:
                self._spacings.append(waited_s)
            self._key = stamp
        self._waited_s = 0.0 if key else waited_s

    @property
    def _too_blind(self) -> bool:
        blind_s = self.blind_s
        return blind_s is None or blind_s > self._max_blind_s + _JITTER_S

    def _see_key(self, frame: Frame) -> Motion:
        motion = _judged(self._idle, self._check, frame)
        if motion.boxes:
            self._live.prime(self._idle.known)
            self._moved = frame.stamp
            self._backfill = True
            self._change(GateMode.LIVE)
        return motion

    def _see_live(self, frame: Frame) -> Motion:
        motion = _judged(self._live, self._check, frame)
        if motion.boxes or motion.warming_up or self._moved is None:
            self._moved = frame.stamp
        quiet_s = frame.stamp.seconds_since(self._moved)
        if quiet_s > self._quiet_s and not self._too_blind:
            self._idle.prime(self._live.known)
            self._change(GateMode.IDLE)
        elif self._mode is GateMode.EVERY and not self._too_blind:
            self._change(GateMode.LIVE)
        return motion

    def _to_every(self) -> None:
        if self._mode is GateMode.IDLE:
            self._live.prime(self._idle.known)
            self._moved = None
        self._change(GateMode.EVERY)

    def _change(self, mode: GateMode) -> None:
        if mode is not self._mode:
            self._mode = mode
            self._on_mode(mode, self.blind_s)
