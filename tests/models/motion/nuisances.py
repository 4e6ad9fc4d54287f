"""Scenes in which the cheap detector is wrong, for judging the second look. Nothing here is shared with what trains it:
the real ground is the held-out crop of vtest.avi, the drawn one is that of `drawn`, and so is most of the weather.

Something disturbs from second 12 on. Each comes twice: in an empty scene, where every frame with motion is false, and
with somebody who walks through, where every frame without is missed.
"""

from collections.abc import Iterator
from math import exp, pi, sin

import cv2
import numpy as np
import numpy.typing as npt

from tests.models.motion import drawn
from tests.models.motion.drawn import Paint, Scene
from tests.models.motion.scenes import FPS, FRAMES, WARM, Effect, Luma, Material, Plane, Sequence, staged

_START_S = 12.0
_WALK_S = (14.0, 24.0)
_LATER_WALK = (14.0, 10.0)
"""Begin and length in seconds."""


def passing_cars(plane: Plane, t_s: float) -> Plane:
    """Headlights, five times, each brighter than the one before."""
    for number in range(5):
        plane = drawn.headlights(_START_S + 4.5 * number, 2.5, 0.3 + 0.25 * number)(plane, t_s)
    return plane


def shadow(plane: Plane, t_s: float) -> Plane:
    """A passer-by outside of the picture throws a long shadow into it, to and fro."""
    share = ((t_s - _START_S) % 7) / 5
    if t_s < _START_S or share > 1:
        return plane
    height, width = plane.shape
    layer, x = np.zeros((height, width), np.uint8), (1.3 * share - 0.15) * width
    points = ((0.0, 1.05), (0.03, 0.6), (0.1, 0.45), (0.14, 0.35), (0.18, 0.42), (0.15, 0.6), (0.13, 1.05))
    outline = np.asarray([(x + px * width, py * height) for px, py in points], np.int32)
    cv2.fillPoly(layer, [outline], 255)
    shade = cv2.GaussianBlur(layer, (0, 0), height / 90).astype(np.float32) / 255
    return np.asarray(plane * (1 - np.float32(0.35) * shade), np.float32)


def moth(plane: Plane, t_s: float) -> Plane:
    """A bright blurred thing dances near the lens, some seconds at a time."""
    if t_s < _START_S or (t_s - _START_S) % 5 > 3:
        return plane
    height, width = plane.shape
    x = width * (0.5 + 0.3 * sin(4.1 * t_s) + 0.15 * sin(9.7 * t_s))
    y = height * (0.4 + 0.25 * sin(5.3 * t_s + 1) + 0.1 * sin(13 * t_s))
    rows, columns = np.ogrid[0:height, 0:width]
    near = ((columns - x) ** 2 + (rows - y) ** 2) / (0.035 * width) ** 2
    return np.asarray(plane + 90 * np.exp(-near.astype(np.float32)), np.float32)


def knocks(plane: Plane, t_s: float) -> Plane:
    """Something hits the camera's post each six seconds."""
    if t_s < _START_S:
        return plane
    since = (t_s - _START_S) % 6
    by = 0.006 * plane.shape[1] * exp(-since * 1.2) * sin(2 * pi * 2.3 * since)
    move = np.asarray([[1, 0, 0.4 * by], [0, 1, by]], np.float32)
    size = (plane.shape[1], plane.shape[0])
    return np.asarray(cv2.warpAffine(plane, move, size, borderMode=cv2.BORDER_REFLECT), np.float32)


def television(plane: Plane, t_s: float) -> Plane:
    """A window in which a television flickers, cut after cut."""
    if t_s < _START_S:
        return plane
    height, width = plane.shape
    rng = np.random.default_rng(int(t_s / 0.7))
    lit = plane.copy()
    lit[height // 5 : height // 2, width // 8 : width // 3] += np.float32(rng.uniform(0, 70))
    return lit


def dappled(plane: Plane, t_s: float) -> Plane:
    """Sun between branches: bright spots that sway to and fro on the ground."""
    height, width = plane.shape
    sway = 0.02 * width * sin(2 * pi * 0.35 * t_s) * (t_s > _START_S)
    layer = np.zeros((height, width), np.float32)
    for x, y, radius in np.random.default_rng(23).uniform((0, 0.4, 0.01), (1, 1, 0.045), (45, 3)):
        cv2.circle(layer, (round(x * width + sway), round(y * height + 0.3 * sway)), round(radius * width), 1.0, -1)
    return np.asarray(plane * (1 + np.float32(0.45) * cv2.GaussianBlur(layer, (0, 0), width / 160)), np.float32)


def thread(plane: Plane, t_s: float) -> Plane:
    """A spider's thread before the lens swings in the wind and shines in the infrared lamp."""
    height, width = plane.shape
    much = 0.05 * width * sin(2 * pi * 0.5 * t_s) * (t_s > _START_S)
    rows = np.linspace(0, 1, 24)
    line = np.stack([0.4 * width + 0.2 * width * rows + much * np.sin(pi * rows), rows * height], axis=1)
    layer = np.zeros((height, width), np.float32)
    cv2.polylines(layer, [line.astype(np.int32)], False, 75.0, max(2, width // 90))
    return np.asarray(plane + cv2.GaussianBlur(layer, (0, 0), width / 200), np.float32)


GUST = drawn.leaves(gust_s=_START_S, amplitude=0.012)

NUISANCES: dict[str, Paint] = {
    "headlights": passing_cars,
    "gust": GUST,
    "shadow": shadow,
    "moth": moth,
    "knocks": knocks,
    "television": television,
    "dappled": dappled,
    "thread": thread,
}


def nuisance_sequences(m: Material) -> Iterator[Sequence]:
    """Empty and walked through, on real ground and on drawn."""
    for number, (name, paint) in enumerate(NUISANCES.items()):
        effect = _effect(paint)
        yield staged(m, f"{name}, real", sigma=2.5, seed=40 + number, effect=effect)
        yield staged(m, f"{name}, real, walk", sigma=2.5, seed=60 + number, effect=effect, walker=lambda f: f)
        yield empty_scene(name)
        yield walked_scene(name)


def empty_scene(name: str) -> Sequence:
    """Drawn ground, one of `NUISANCES`, nobody."""
    return _drawn(f"{name}, drawn", 80 + list(NUISANCES).index(name), NUISANCES[name])


def walked_scene(name: str) -> Sequence:
    """The same, with somebody who walks through."""
    walker = drawn.figure(drawn.walk(_WALK_S[0], _WALK_S[1] - _WALK_S[0]), size=0.35, level=55)
    return _drawn(f"{name}, drawn, walk", 80 + list(NUISANCES).index(name), walker, NUISANCES[name], walks=True)


def people_sequences() -> Iterator[Sequence]:
    """What must not be lost on drawn ground: small, slow, dark, standing, close."""
    for name, seed, paints in (
        ("small", 101, (drawn.figure(drawn.walk(14, 10, y=0.5), size=0.1, level=60),)),
        ("dark", 102, (drawn.figure(drawn.walk(14, 10), size=0.5, level=60), drawn.dark(0.3))),
        ("under a cloud", 103, (drawn.figure(drawn.walk(14, 10), size=0.4, level=60), drawn.cloud(11))),
    ):
        yield _drawn(f"{name}, drawn, walk", seed, *paints, walks=True)
    yield _scene("standing", 104, (drawn.figure(drawn.visit(12, 34, sway=0.012), size=0.6, level=40),), (13.5, 34.0))
    yield _scene("close", 105, (drawn.head(12),), (13.5, 40.0))
    yield _scene("car", 106, (drawn.car(12, 34),), (12.5, 18.0))


def flag(plane: Plane, t_s: float) -> Plane:
    """A striped cloth hangs still, then waves."""
    height, width = plane.shape
    x0, y0, x1, y1 = width // 2, height // 6, width // 2 + width // 5, height // 2
    rows, columns = np.mgrid[0 : y1 - y0, 0 : x1 - x0].astype(np.float32)
    wave = 0.025 * width * np.sin(columns / (0.03 * width) - 7 * t_s) * (t_s > _START_S)
    shown = plane.copy()
    shown[y0:y1, x0:x1] = np.where((rows + wave) % (height // 12) < height // 24, 200.0, 70.0)
    return shown


LATER: dict[str, Paint] = {
    "slow headlights": lambda plane, t_s: drawn.headlights(20.0, 7.0, 0.5)(
        drawn.headlights(_START_S, 6.0, 0.45)(plane, t_s), t_s
    ),
    "hard cloud": drawn.cloud(_START_S, depth=0.5, edge_s=0.5, cross_s=6.0),
    "two gusts": lambda plane, t_s: drawn.leaves((0.05, 0.5, 0.3, 0.9), 0.01, 0.8, 20.0)(
        drawn.leaves((0.4, 0.0, 0.8, 0.3), 0.02, 2.0, _START_S)(plane, t_s), t_s
    ),
    "flag": flag,
}


def later_sequences() -> Iterator[Sequence]:
    """Drawn up after network and threshold were fixed: other disturbances, another walker, other ground."""
    for number, (name, paint) in enumerate(LATER.items()):
        yield _drawn(f"{name}, later", 201 + number, paint)
        walker = drawn.figure(drawn.walk(*_LATER_WALK, y=0.7), size=0.22, level=185)
        yield _drawn(f"{name}, later, walk", 301 + number, walker, paint, walks=True)


def _effect(paint: Paint) -> Effect:
    return lambda plane, number, _rng: paint(plane, number / FPS)


def _drawn(name: str, seed: int, *paints: Paint, walks: bool = False) -> Sequence:
    inside = (_WALK_S[0] + 1.2, _WALK_S[1] - 1.2) if walks else None
    return _scene(name, seed, paints, inside)


def _scene(name: str, seed: int, paints: tuple[Paint, ...], inside: tuple[float, float] | None) -> Sequence:
    """Only what is certain is judged: the time before anybody comes, and while somebody is wholly in the picture."""
    scene = Scene(paints=paints, seed=seed, width=640, height=360)

    def frames() -> Iterator[Luma]:
        yield from (luma for _, luma in scene.frames(FPS, FRAMES / FPS))

    truth: npt.NDArray[np.int8] = np.zeros(FRAMES, np.int8)
    if inside is not None:
        first, last = (round(at * FPS) for at in inside)
        truth[:] = -1
        truth[first:last] = 1
    truth[:WARM] = -1
    return Sequence(name=name, truth=truth, frames=frames)
