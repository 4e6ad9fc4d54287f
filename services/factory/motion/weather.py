"""What light and cameras do: brightness that moves without anything moving. Each maker draws its own constants."""

from math import exp, pi, sin

import cv2
import numpy as np

from services.factory.motion.planes import HEIGHT, WIDTH, Patch, Plane, Rng, Weather, chance, soft

_Y, _X = (axis.astype(np.float32) for axis in np.mgrid[0:HEIGHT, 0:WIDTH])


def headlights(rng: Rng) -> Weather:
    """Soft cones that sweep over walls again and again, as gain, as added light or as both; posts cast shadows."""
    lamps, period = int(rng.integers(1, 3)), rng.uniform(1.0, 6.0)
    tall, wide = rng.uniform(0.15, 3.0) * HEIGHT, rng.uniform(0.04, 0.3) * WIDTH
    gain, added = rng.uniform(0.15, 2.2), rng.uniform(0, 70) * chance(rng, 0.5)
    y, slope, gap = rng.uniform(0.1, 0.9) * HEIGHT, rng.normal(0, 0.25), rng.uniform(0.08, 0.2) * WIDTH
    hard, way = rng.uniform(2, 6), rng.choice((-1, 1))
    post = rng.uniform(0, WIDTH) if chance(rng, 0.4) else None

    def weather(plane: Plane, t_s: float) -> Plane:
        share = (t_s % (period * 1.4)) / period
        if share >= 1:
            return plane
        x = (0.5 + way * (share - 0.5) * 1.6) * WIDTH
        light = np.zeros_like(plane)
        for lamp in range(lamps):
            away = np.abs((_X - x - lamp * gap + slope * (_Y - y)) / wide) ** hard + ((_Y - y) / tall) ** 2
            light += np.exp(-np.minimum(away, 30))
        if post is not None:
            light *= 1 - 0.8 * np.exp(-(((_X - post - 0.3 * (post - x)) / 8) ** 2))
        return np.asarray(plane * (1 + np.float32(gain) * light) + np.float32(added) * light, np.float32)

    return weather


def patches_of_light(rng: Rng) -> Weather:
    """Edges of clouds, sun through leaves: a pattern of brighter and darker that wanders and trembles."""
    cells = rng.choice((1.5, 3, 8, 20))
    field = soft(rng, (HEIGHT * 3, WIDTH * 3), cells * 3)
    edge, depth, level = rng.uniform(0.05, 1.2), rng.uniform(0.15, 0.6), rng.uniform(-0.7, 0.7)
    speed, turn, tremble = rng.gamma(1.5, 12), rng.uniform(0, 2 * pi), rng.uniform(0, 4)
    start = rng.uniform(2, 5)

    def weather(plane: Plane, t_s: float) -> Plane:
        way = speed * max(t_s - start, 0.0) + tremble * sin(5 * t_s) * (t_s > start)
        x, y = (int(c + f * min(way, c * 0.95)) for c, f in ((WIDTH, np.cos(turn)), (HEIGHT, np.sin(turn))))
        part = field[y : y + HEIGHT, x : x + WIDTH]
        shade = np.clip((part - level) / edge + 0.5, 0, 1)
        return np.asarray(plane * (1 - np.float32(depth) * shade), np.float32)

    return weather


def shadow_of(rng: Rng, patch: Patch) -> Weather:
    """The long shadow of somebody who is not in the picture crosses it."""
    tall = rng.uniform(0.3, 1.2) * HEIGHT
    size = max(4, round(tall * rng.uniform(0.3, 1.0))), round(tall)
    alpha = cv2.resize(patch.alpha, size, interpolation=cv2.INTER_AREA)
    shear, y = np.asarray([[1, rng.normal(0, 0.5), 0.3 * size[0]], [0, 1, 0]], np.float32), rng.uniform(-0.3, 0.8)
    depth, blur = rng.uniform(0.12, 0.5), rng.uniform(0.8, 6)
    wide = size[0] * 2
    alpha = cv2.GaussianBlur(cv2.warpAffine(alpha, shear, (wide, size[1])), (0, 0), blur)
    start, cross, way = rng.uniform(2, 6), rng.uniform(1.5, 6), chance(rng, 0.5)

    def weather(plane: Plane, t_s: float) -> Plane:
        share = ((t_s - start) % (cross * 1.5)) / cross
        if t_s < start or share >= 1:
            return plane
        x = -wide + (WIDTH + 2 * wide) * (share if way else 1 - share)
        move = np.asarray([[1, 0, x], [0, 1, y * HEIGHT]], np.float32)
        shade = cv2.warpAffine(alpha, move, (WIDTH, HEIGHT))
        return np.asarray(plane * (1 - np.float32(depth) * shade), np.float32)

    return weather


def lamp(rng: Rng) -> Weather:
    """A lamp, a television or a sign somewhere in the picture: on, off, flickering."""
    x, y, reach = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(0.06, 0.4) * WIDTH
    light = np.exp(-(((_X - x) / reach) ** 2) - ((_Y - y) / (reach * rng.uniform(0.5, 2))) ** 2)
    if chance(rng, 0.4):
        light = (np.abs(_X - x) < reach) * (np.abs(_Y - y) < reach * 0.6) * np.float32(1)
    hold, gain, added = rng.choice((0.15, 0.5, 2.5)), rng.uniform(0.1, 1.2), rng.uniform(0, 60)
    steps = rng.uniform(0, 1, 512)

    def weather(plane: Plane, t_s: float) -> Plane:
        on = np.float32(steps[int(t_s / hold) % 512] * (t_s > 3))
        return np.asarray(plane * (1 + np.float32(gain) * on * light) + np.float32(added) * on * light, np.float32)

    return weather


def exposure(rng: Rng) -> Weather:
    """Gain that pumps, or a curve that switches as to infrared; bright parts saturate."""
    depth, hz, start = rng.uniform(0.05, 0.35), rng.uniform(0.15, 1.2), rng.uniform(2, 6)
    curve, wobble = rng.uniform(0.5, 1.8), chance(rng, 0.6)

    def weather(plane: Plane, t_s: float) -> Plane:
        if t_s < start:
            return plane
        if wobble:
            return np.asarray(
                np.clip(plane * np.float32(1 + depth * sin(2 * pi * hz * (t_s - start))), 0, 255), np.float32
            )
        return np.asarray(255 * (np.clip(plane, 0, 255) / 255) ** np.float32(curve), np.float32)

    return weather


def shake(rng: Rng) -> Weather:
    """Knocks that die away, or a pole in the wind."""
    size, hz, windy = rng.uniform(0.6, 6), rng.uniform(1, 6), chance(rng, 0.4)
    every, turn = rng.uniform(2.5, 8), rng.uniform(0, pi)

    def weather(plane: Plane, t_s: float) -> Plane:
        since = (t_s - 2.5) % every
        much = size * (0.4 if windy else exp(-since * 1.5)) * sin(2 * pi * hz * since) * (t_s > 2.5)
        move = np.asarray([[1, 0, much * np.cos(turn)], [0, 1, much * np.sin(turn)]], np.float32)
        moved = cv2.warpAffine(plane, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)

    return weather


def codec(rng: Rng) -> Weather:
    """Between key frames detail fades block by block and comes back at once."""
    period, strength, block = rng.uniform(1, 5), rng.uniform(0.3, 1.0), int(rng.choice((4, 8)))
    loses = cv2.resize(
        rng.random((HEIGHT // block, WIDTH // block), dtype=np.float32),
        (WIDTH, HEIGHT),
        interpolation=cv2.INTER_NEAREST,
    )

    def weather(plane: Plane, t_s: float) -> Plane:
        small = cv2.resize(plane, (WIDTH // block, HEIGHT // block), interpolation=cv2.INTER_AREA)
        flat = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        share = (loses < (t_s % period) / period) * np.float32(strength)
        return np.asarray(plane + share * (flat - plane), np.float32)

    return weather
