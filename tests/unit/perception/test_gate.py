"""The key-frame gate keeps its law; both watchers mistrust what follows a gap."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest

from gateway.perception.gate import EveryFrame, GateMode, KeyFrameGate
from gateway.types import Frame, Motion
from tests.unit.perception.watching import frame, stamp

FPS = 10
Luma = npt.NDArray[np.uint8]
_ROOM = np.random.default_rng(3).integers(90, 140, (90, 160), dtype=np.uint8).repeat(2, axis=0).repeat(2, axis=1)


def picture(*, person: bool, n: int) -> Luma:
    """A textured room, with a bright upright shape that walks to and fro."""
    luma = _ROOM.copy()
    if person:
        left = 60 + 3 * abs(n % 60 - 30)
        luma[50:150, left : left + 50] = 230
    return luma


@dataclass
class Camera:
    """Packets with a key frame each `gop`; feeds a watcher as the camera thread does, ring and back-fill included."""

    watcher: KeyFrameGate
    moving: range
    gop: Callable[[int], int] = lambda _n: 20
    judged: dict[int, Motion] = field(default_factory=dict)
    order: list[Frame] = field(default_factory=list)
    decoded: int = 0
    _next_key: int = 0
    _ring: list[Frame] = field(default_factory=list)

    def run(self, first: int, last: int) -> None:
        for n in range(first, last):
            key = n >= self._next_key
            if key:
                self._next_key = n + self.gop(n)
            self._packet(frame(picture(person=n in self.moving, n=n), n / FPS, seq=n, key=key))

    def _packet(self, at: Frame) -> None:
        if at.key:
            keys = [i for i, kept in enumerate(self._ring) if kept.key]
            self._ring = self._ring[keys[-1] :] if keys else []
        self._ring.append(at)
        if self.watcher.wants(key=at.key, stamp=at.stamp):
            self._see(at)
            if self.watcher.backfill():
                for kept in self._ring:
                    self._see(kept)

    def _see(self, at: Frame) -> None:
        self.decoded += 1
        self.order.append(at)
        motion = self.watcher.see(at)
        if at.seq not in self.judged or not self.judged[at.seq].boxes:
            self.judged[at.seq] = motion

    def hits(self) -> list[int]:
        return sorted(n for n, motion in self.judged.items() if motion.boxes)


def idle_camera(moving: range, *, until: int = 200, **gate: float) -> Camera:
    camera = Camera(KeyFrameGate(**gate), moving)  # type: ignore[arg-type]
    camera.run(0, until)
    assert camera.watcher.mode is GateMode.IDLE
    return camera


def test_idle_decodes_key_frames_only() -> None:
    camera = idle_camera(range(0))
    before = camera.decoded
    camera.run(200, 400)
    assert camera.decoded - before == 10


@pytest.mark.parametrize("phase", [1, 5, 10, 14])
def test_an_event_between_two_key_frames_is_lost(phase: int) -> None:
    """d = 6 of T = 20 frames, begun `phase` frames after a key frame: unseen, as max(0, 1 - d/T) says."""
    camera = idle_camera(range(200 + phase, 206 + phase))
    camera.run(200, 300)
    assert camera.hits() == []


@pytest.mark.parametrize("phase", [15, 17, 19, 20])
def test_an_event_that_covers_a_key_frame_is_seen(phase: int) -> None:
    """The other d/T of the phases."""
    camera = idle_camera(range(200 + phase, 206 + phase))
    camera.run(200, 300)
    assert 220 in camera.hits()


@pytest.mark.parametrize("phase", range(0, 20, 3))
def test_an_event_of_a_whole_spacing_is_never_lost(phase: int) -> None:
    moving = range(201 + phase, 221 + phase)
    camera = idle_camera(moving)
    camera.run(200, 300)
    assert camera.hits()
    assert set(camera.hits()) <= set(moving)


def test_backfill_judges_the_kept_frames_in_order_with_their_own_stamps() -> None:
    camera = idle_camera(range(205, 260))
    seen = len(camera.order)
    camera.run(200, 260)
    burst = [at.seq for at in camera.order[seen:]]
    assert burst[:2] == [200, 220]
    assert burst[2:23] == list(range(200, 221))
    assert burst[23:] == list(range(221, 260))
    assert [camera.judged[n].frame.stamp for n in (206, 219)] == [stamp(20.6), stamp(21.9)]
    assert set(range(207, 260)) <= set(camera.hits())
    assert not camera.watcher.backfill()


def test_quiet_makes_it_idle_again() -> None:
    camera = idle_camera(range(205, 245), quiet_s=5.0)
    camera.run(200, 290)
    assert [camera.watcher.mode] == [GateMode.LIVE]
    camera.run(290, 330)
    assert [camera.watcher.mode] == [GateMode.IDLE]
    before = camera.decoded
    camera.run(330, 430)
    assert camera.decoded - before == 5


def test_a_growing_spacing_trips_the_cap_and_says_so() -> None:
    told: list[tuple[GateMode, float | None]] = []
    watcher = KeyFrameGate(max_blind_s=4.0, on_mode=lambda mode, blind_s: told.append((mode, blind_s)))
    camera = Camera(watcher, range(0), gop=lambda n: 20 if n < 200 else 120)
    camera.run(0, 200)
    assert told[-1][0] is GateMode.IDLE
    camera.run(200, 330)
    mode, blind_s = told[-1]
    assert mode is GateMode.EVERY
    assert blind_s is not None
    assert 4.1 < blind_s <= 4.3
    before = camera.decoded
    camera.run(330, 430)
    assert camera.decoded - before == 100


def test_it_never_starts_gated_where_key_frames_are_far_apart() -> None:
    camera = Camera(KeyFrameGate(max_blind_s=4.0), range(0), gop=lambda _n: 60)
    camera.run(0, 300)
    assert camera.watcher.mode is GateMode.EVERY
    assert camera.decoded == 300
    assert camera.watcher.blind_s == pytest.approx(6.0)


def test_a_reconnect_forgets_the_spacing_and_decodes_everything() -> None:
    camera = idle_camera(range(0))
    camera.watcher.gap()
    assert camera.watcher.mode is GateMode.EVERY
    assert camera.watcher.blind_s is None
    before = camera.decoded
    camera.run(200, 230)
    assert camera.decoded - before == 30


@pytest.mark.parametrize("watcher", [EveryFrame(), KeyFrameGate()], ids=["every", "gated"])
def test_nothing_is_believed_from_a_gap_to_a_sound_key_frame(watcher: EveryFrame | KeyFrameGate) -> None:
    for n in range(40):
        watcher.see(frame(picture(person=False, n=n), n / FPS, seq=n, key=n == 0))
    watcher.gap()
    shown = range(40, 60)
    for n in shown:
        corrupt_key = frame(picture(person=True, n=n), n / FPS, seq=n, key=n == 50, corrupt=n == 50)
        assert not watcher.see(corrupt_key).boxes
    found = [watcher.see(frame(picture(person=True, n=n), n / FPS, seq=n, key=n == 60)).boxes for n in range(60, 70)]
    assert any(found)


def test_a_stream_without_key_frames_is_believed_again_after_a_while() -> None:
    watcher = EveryFrame(doubt_most_s=2.0)
    watcher.gap()
    moved = [
        n
        for n in range(100)
        if watcher.see(frame(picture(person=n >= 10 and n not in range(25, 80), n=n), n / FPS, seq=n)).boxes
    ]
    assert moved
    assert min(moved) >= 80
