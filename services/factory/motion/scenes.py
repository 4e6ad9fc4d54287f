"""One random scene: a background, perhaps figures, perhaps nuisances, a camera with noise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from services.factory.motion import clutter, figures, looks, weather
from services.factory.motion.material import FPS, WINDOWS, Material
from services.factory.motion.planes import HEIGHT, WIDTH, Bytes, Figure, Kind, Plane, Rng, Weather, chance, lay
from services.factory.motion.rooms import room

Truth = dict[Kind, Plane]
"""How much of each pixel each kind of figure covers."""

NUISANCES: tuple[tuple[Callable[[Rng], Weather], float], ...] = (
    (weather.headlights, 0.2),
    (weather.patches_of_light, 0.14),
    (weather.lamp, 0.08),
    (weather.exposure, 0.05),
    (weather.shake, 0.08),
    (weather.codec, 0.04),
    (clutter.foliage, 0.14),
    (clutter.twigs, 0.1),
    (clutter.downfall, 0.06),
    (clutter.insect, 0.08),
    (clutter.static, 0.03),
)
_SHADOW = 0.1
_FAINT = 0.3


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture at a time in seconds, with its truth."""

    t_s: float
    luma: Bytes
    truth: Truth


def drawn(rng: Rng, material: Material, seconds: float = 13.0) -> Iterator[Shot]:
    """A composed scene. Light falls on figures too; leaves and rain are before them."""
    base = material.background(rng) if chance(rng, 0.5) else room(rng)
    empty = chance(rng, 0.45)
    cast = () if empty else tuple(_figure(rng, material) for _ in range(int(rng.choice((1, 1, 2)))))
    weathers = _weathers(rng, material, int(rng.choice((1, 1, 2))) if empty else int(rng.choice((0, 0, 1, 2))))
    cover = _cover(rng) if chance(rng, 0.25) else None
    camera, fps = _camera(rng), float(rng.choice((5, 8, 10, 15)))
    for number in range(round(seconds * fps)):
        t_s = number / fps
        plane = base.copy()
        truth: Truth = {}
        for figure in cast:
            placed = figure(t_s)
            if placed is not None:
                covered = lay(plane, placed)
                truth[placed.kind] = np.maximum(truth.get(placed.kind, np.float32(0)), covered)
        if cover is not None:
            plane = np.where(cover, base, plane)
            truth = {kind: np.where(cover, np.float32(0), covered) for kind, covered in truth.items()}
        for change in weathers:
            plane = change(plane, t_s)
        yield Shot(t_s, camera(plane), truth)


def filmed(rng: Rng, material: Material, number: int) -> Iterator[Shot]:
    """A window of the footage with its people, half of the time under some nuisance."""
    weathers = _weathers(rng, material, int(rng.choice((0, 1))))
    camera, step = _camera(rng), int(rng.choice((1, 2)))
    mirrored = chance(rng, 0.5)
    for index, (filmed_so, covered) in enumerate(material.window(number % len(WINDOWS))):
        if index % step:
            continue
        way = -1 if mirrored else 1
        plane = filmed_so[:, ::way].copy()
        for change in weathers:
            plane = change(plane, index / FPS)
        yield Shot(index / FPS, camera(plane), {Kind.PERSON: covered[:, ::way]})


def _figure(rng: Rng, material: Material) -> Figure:
    kind = Kind(int(rng.choice((1, 1, 1, 2, 3))))
    tall = int(np.clip(HEIGHT * rng.lognormal(-1.2, 0.6), 14, 0.95 * HEIGHT))
    cross_s = rng.uniform(2, 9)
    if kind is Kind.PERSON and chance(rng, 0.12):
        tall = int(rng.uniform(0.6, 1.1) * HEIGHT)
        look = looks.close_up(rng, tall)
    elif kind is Kind.PERSON and chance(rng, 0.5):
        patch = material.people[int(rng.integers(len(material.people)))]
        look = figures.cut_out(patch, tall, rng)
    else:
        maker = {Kind.PERSON: looks.person, Kind.VEHICLE: looks.vehicle, Kind.ANIMAL: looks.animal}[kind]
        tall = tall if kind is Kind.PERSON else max(10, tall // 2)
        look = maker(rng, tall)
    if chance(rng, _FAINT):
        look = figures.faint(look, rng.uniform(0.12, 0.6))
    return figures.crossing(look, kind, rng, start_s=rng.uniform(2, 5), seconds=cross_s)


def _weathers(rng: Rng, material: Material, count: int) -> list[Weather]:
    makers, shares = zip(*NUISANCES, strict=True)
    chosen = []
    for _ in range(count):
        if chance(rng, _SHADOW):
            patch = material.people[int(rng.integers(len(material.people)))]
            chosen.append(weather.shadow_of(rng, patch))
        else:
            chosen.append(makers[int(rng.choice(len(makers), p=np.asarray(shares) / sum(shares)))](rng))
    return chosen


def _cover(rng: Rng) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Posts, hedges, furniture that stand before the figures."""
    cover = np.zeros((HEIGHT, WIDTH), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(HEIGHT // 3, HEIGHT))
        cv2.rectangle(cover, (x, y), (x + int(rng.integers(4, 60)), HEIGHT), 1, -1)
    return cover > 0


def _camera(rng: Rng) -> Callable[[Plane], Bytes]:
    """Contrast, night, sensor noise, rounding."""
    gain = rng.uniform(0.25, 0.6) if chance(rng, 0.3) else rng.uniform(0.7, 1.15)
    level, sigma, blur = rng.uniform(0, 25), rng.gamma(2.0, 0.8), rng.uniform(0.0, 1.0)
    bank = rng.standard_normal((HEIGHT * 2, WIDTH * 2), dtype=np.float32) * np.float32(sigma)

    def camera(plane: Plane) -> Bytes:
        y, x = int(rng.integers(0, HEIGHT)), int(rng.integers(0, WIDTH))
        seen = cv2.GaussianBlur(plane, (0, 0), blur) if blur > 0.35 else plane
        seen = seen * np.float32(gain) + np.float32(level) + bank[y : y + HEIGHT, x : x + WIDTH]
        return np.asarray(np.clip(seen + 0.5, 0, 255), np.uint8)

    return camera
