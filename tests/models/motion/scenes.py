"""Motion sequences with known truth: what a fixed camera sees, frame by frame, and which frames hold a person.

`synthetic` scenes are drawn with numpy alone. `vtest` scenes are composited from OpenCV's vtest.avi, whose natural
crop (48, 320, 448x252) was labelled by hand (the README beside the clip); every composite's truth is known by
construction. All are 15 fps and luma only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

WIDTH, HEIGHT, FPS, FRAMES, WARM = 1280, 720, 15, 600, 145
WALK = (521, 724)
PEOPLE = ((233, 251), (266, 277), (355, 368), (476, 486), (521, 724), (764, 794))
EDGE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """`frames()` yields luma `(720, 1280)`; `truth` holds per frame 1 person, 0 empty, -1 not judged."""

    name: str
    truth: npt.NDArray[np.int8]
    frames: Callable[[], Iterator[Luma]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The natural crop at 720p: its empty scene and its frames on demand."""

    empty: Plane
    crops: Callable[[int, int], Iterator[Plane]]


def read_material(video: Path) -> Material:
    """The natural crop of vtest.avi, scaled to 720p; the empty scene is the median of every 8th frame."""

    def crops(first: int, last: int) -> Iterator[Plane]:
        with av.open(str(video)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number > last:
                    return
                if number >= first:
                    yield _upscale(_crop(frame))

    with av.open(str(video)) as container:
        kept = [_crop(frame) for number, frame in enumerate(container.decode(video=0)) if not number % 8]
    return Material(
        empty=_upscale(np.asarray(np.median(np.stack(kept).astype(np.float32), axis=0), np.uint8)), crops=crops
    )


def _crop(frame: av.VideoFrame) -> Luma:
    return np.asarray(frame.to_ndarray(format="gray"), np.uint8)[320:572, 48:496]


def _upscale(crop: Luma) -> Plane:
    return np.asarray(cv2.resize(crop, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32)


class Noise:
    """Temporal Gaussian noise of unit sigma: sixteen planes, rolled at random, because a fresh plane is dear."""

    def __init__(self, seed: int, width: int = WIDTH, height: int = HEIGHT) -> None:
        self._rng = np.random.default_rng(seed)
        self._bank = [self._rng.standard_normal((height, width), dtype=np.float32) for _ in range(16)]

    def plane(self) -> Plane:
        bank = self._bank[self._rng.integers(16)]
        dy, dx = self._rng.integers(0, bank.shape)
        return np.roll(bank, (int(dy), int(dx)), axis=(0, 1))


def texture(seed: int, sigma: float, width: int = WIDTH, height: int = HEIGHT) -> Plane:
    """Fixed fine texture: what upscaling took away."""
    fine = np.random.default_rng(seed).standard_normal((height // 2, width // 2), dtype=np.float32)
    return cv2.resize(fine, (width, height)) * np.float32(sigma)


def as_luma(plane: Plane) -> Luma:
    return np.asarray(np.clip(plane + 0.5, 0, 255), np.uint8)


def rain(plane: Plane, rng: np.random.Generator, streaks: int = 150) -> Plane:
    """150 bright, thin, slanting streaks, new in every frame."""
    layer = np.zeros_like(plane)
    for _ in range(streaks):
        x, y = int(rng.integers(0, plane.shape[1])), int(rng.integers(0, plane.shape[0]))
        length = int(rng.integers(20, 60))
        cv2.line(layer, (x, y), (x + length // 6, y + length), float(rng.uniform(30, 70)), 2)
    return plane + layer


def cloud_gain(
    width: int, height: int, t_s: float, *, depth: float = 0.35, edge_s: float = 5.0, cross_s: float = 15.0
) -> Plane:
    """A soft-edged shadow that crosses in `cross_s`: each point takes `edge_s` down, stays, and comes up again."""
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :] * cross_s
    into = np.clip((t_s - x) / edge_s, 0, 1)
    out = np.clip((t_s - x - edge_s - 4) / edge_s, 0, 1)
    return np.repeat((1 - depth * (into - out)).astype(np.float32), height, axis=0)


def infrared(plane: Plane) -> Plane:
    """Another spectral answer: foliage and cloth turn bright, contrast drops, a lamp falls off to the edges."""
    height, width = plane.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray((60 + 0.5 * plane + 25 * np.sin(plane / 18)) * np.exp(-0.5 * (x * x + y * y)), np.float32)


def _walk_truth() -> npt.NDArray[np.int8]:
    truth = np.zeros(FRAMES, np.int8)
    start = WARM + 75
    truth[start : start + WALK[1] - WALK[0] + 1] = 1
    return _edges(truth)


def _edges(truth: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Warm-up and `EDGE` frames either side of every change are not judged."""
    judged = truth.copy()
    for change in np.flatnonzero(np.diff(truth)):
        judged[max(0, change + 1 - EDGE) : change + 1 + EDGE] = -1
    judged[:WARM] = -1
    return judged


def _natural_truth() -> npt.NDArray[np.int8]:
    truth = np.zeros(795, np.int8)
    for first, last in PEOPLE:
        truth[first : last + 1] = 1
    return _edges(truth)


Effect = Callable[[Plane, int, np.random.Generator], Plane]


def staged(
    m: Material,
    name: str,
    *,
    sigma: float,
    seed: int,
    effect: Effect | None = None,
    walker: Callable[[Plane], Plane] | None = None,
) -> Sequence:
    """The empty scene, optionally with the walk (its difference from the empty scene passed through `walker`)."""

    def frames() -> Iterator[Luma]:
        noise, rng, fixed = Noise(seed), np.random.default_rng(seed), texture(7, 4.0)
        walk, start = (iter(m.crops(*WALK)) if walker else iter(())), WARM + 75
        for number in range(FRAMES):
            plane = m.empty.copy()
            person = next(walk, None) if number >= start else None
            if person is not None and walker is not None:
                plane = plane + walker(_figure(person, m.empty))
            plane = plane + fixed + np.float32(2 * np.sin(number / 90))
            plane = effect(plane, number, rng) if effect else plane
            yield as_luma(plane + np.float32(sigma) * noise.plane())

    truth = _walk_truth() if walker else _edges(np.zeros(FRAMES, np.int8))
    return Sequence(name=name, truth=truth, frames=frames)


def _figure(crop: Plane, empty: Plane) -> Plane:
    """What the walker adds to the empty scene; the clip's own noise outside of the figure is cut away."""
    diff = crop - empty
    near = cv2.GaussianBlur((np.abs(cv2.GaussianBlur(diff, (0, 0), 3)) > 12).astype(np.float32), (0, 0), 5)
    return diff * np.clip(near * 2, 0, 1)


def _quarter(figure: Plane) -> Plane:
    small = cv2.resize(figure, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)
    layer = np.zeros_like(figure)
    layer[300 : 300 + HEIGHT // 4, 480 : 480 + WIDTH // 4] = small
    return layer


def _whole(figure: Plane) -> Plane:
    return figure


def sequences(m: Material) -> list[Sequence]:
    """The thirteen sequences of the quality table, in its order."""
    s0 = WARM + 30

    def natural() -> Iterator[Luma]:
        yield from (as_luma(crop) for crop in m.crops(0, 794))

    def ramp(p: Plane, n: int, _: np.random.Generator) -> Plane:
        return p - 30 + 60 * np.float32(np.clip((n - s0) / 150, 0, 1))

    def lights(p: Plane, n: int, _: np.random.Generator) -> Plane:
        return p * np.float32(0.35) if (n // 100) % 2 and n > s0 else p

    def ir(p: Plane, n: int, _: np.random.Generator) -> Plane:
        return infrared(p) if 260 <= n < 430 else p

    def cloud(p: Plane, n: int, _: np.random.Generator) -> Plane:
        return p * cloud_gain(WIDTH, HEIGHT, (n - s0) / FPS)

    def wet(p: Plane, _: int, rng: np.random.Generator) -> Plane:
        return rain(p, rng)

    def night(p: Plane, _: int, __: np.random.Generator) -> Plane:
        return p * np.float32(0.45)

    return [
        Sequence(name="natural", truth=_natural_truth(), frames=natural),
        staged(m, "noise_day", sigma=2.5, seed=1),
        staged(m, "noise_night", sigma=7, seed=2, effect=night),
        staged(m, "ramp", sigma=2.5, seed=3, effect=ramp),
        staged(m, "lights", sigma=2.5, seed=4, effect=lights),
        staged(m, "rain", sigma=2.5, seed=5, effect=wet),
        staged(m, "infrared", sigma=2.5, seed=6, effect=ir),
        staged(m, "cloud", sigma=2.5, seed=7, effect=cloud),
        staged(m, "walk_day", sigma=2.5, seed=8, walker=_whole),
        staged(m, "walk_night", sigma=7, seed=9, effect=night, walker=_whole),
        staged(m, "walk_faint", sigma=4, seed=10, walker=lambda f: f * np.float32(0.18)),
        staged(m, "walk_rain", sigma=2.5, seed=11, effect=wet, walker=_whole),
        staged(m, "walk_ramp", sigma=2.5, seed=12, effect=ramp, walker=_whole),
        staged(m, "walk_quarter", sigma=2.5, seed=13, walker=_quarter),
    ]
