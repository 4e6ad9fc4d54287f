"""Things that do move and mean nothing: leaves, cloth, water, rain, snow, insects, noise."""

from math import pi, sin

import cv2
import numpy as np

from services.factory.motion.planes import HEIGHT, WIDTH, Plane, Rng, Weather, chance, soft

_Y, _X = (axis.astype(np.float32) for axis in np.mgrid[0:HEIGHT, 0:WIDTH])


def _place(rng: Rng) -> Plane:
    """A soft-edged oval somewhere."""
    x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
    rx, ry = rng.uniform(0.05, 0.35) * WIDTH, rng.uniform(0.08, 0.5) * HEIGHT
    return np.asarray(np.clip(3 * (1.2 - ((_X - x) / rx) ** 2 - ((_Y - y) / ry) ** 2), 0, 1), np.float32)


def foliage(rng: Rng) -> Weather:
    """A part of the picture with a strong fine texture is pushed about by a gust; cloth and water move alike."""
    where, start = _place(rng), rng.uniform(1.5, 5) * chance(rng, 0.8)
    texture = soft(rng, (HEIGHT, WIDTH), rng.uniform(20, 120)) * np.float32(rng.uniform(8, 40))
    push, hz = rng.uniform(0.8, 7), rng.uniform(0.4, 2.5)
    phases = soft(rng, (HEIGHT, WIDTH), rng.uniform(2, 18)) * np.float32(3)
    upright = np.float32(rng.uniform(0.1, 0.8))

    def weather(plane: Plane, t_s: float) -> Plane:
        leafy = plane + where * texture
        if t_s < start:
            return leafy
        wave = where * np.float32(push) * np.sin(np.float32(2 * pi * hz * t_s) + phases)
        return np.asarray(cv2.remap(leafy, _X + wave, _Y + upright * wave, cv2.INTER_LINEAR), np.float32)

    return weather


def twigs(rng: Rng) -> Weather:
    """Drawn blades and twigs, each swinging in its own time."""
    count, start = int(rng.integers(8, 90)), rng.uniform(1.5, 5)
    cx, cy, spread = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(8, 50)
    roots = rng.normal((cx, cy), spread, (count, 2))
    lengths, turns = rng.uniform(3, 22, count), rng.uniform(0, 2 * pi, count)
    levels, phases, hz = rng.uniform(15, 220, count), rng.uniform(0, 2 * pi, count), rng.uniform(0.4, 2.5, count)
    swing, thick, leaf = rng.uniform(0.05, 0.9), int(rng.integers(1, 4)), chance(rng, 0.6)

    def weather(plane: Plane, t_s: float) -> Plane:
        drawn = plane.copy()
        gust = swing if t_s > start else 0.02
        for root, length, turn, level, phase, pace in zip(roots, lengths, turns, levels, phases, hz, strict=True):
            at = turn + gust * sin(2 * pi * pace * t_s + phase)
            tip = root + length * np.asarray((np.cos(at), np.sin(at)))
            ends = [(int(x * 8), int(y * 8)) for x, y in (root, tip)]
            if leaf:
                axes = (int(length * 3), int(length * 1.5))
                cv2.ellipse(drawn, ends[1], axes, float(np.degrees(at)), 0, 360, float(level), -1, cv2.LINE_8, 3)
            else:
                cv2.line(drawn, ends[0], ends[1], float(level), thick, cv2.LINE_8, 3)
        return drawn

    return weather


def downfall(rng: Rng) -> Weather:
    """Rain or snow: streaks or flakes, new in every picture, thicker for a while."""
    most, long, slant = int(rng.integers(10, 160)), rng.uniform(1, 16), rng.normal(0, 0.3)
    thick, bright = int(rng.integers(1, 3)), rng.uniform(20, 100)
    seed = int(rng.integers(1 << 30))

    def weather(plane: Plane, t_s: float) -> Plane:
        now = np.random.default_rng((seed, round(t_s * 1000)))
        count = int(most * (0.6 + 0.4 * sin(0.7 * t_s)))
        layer = np.zeros_like(plane)
        for x, y, share in now.random((count, 3)):
            end = (int(x * WIDTH + slant * long), int(y * HEIGHT + long * (0.5 + share)))
            cv2.line(layer, (int(x * WIDTH), int(y * HEIGHT)), end, bright * (0.4 + share), thick)
        return plane + layer

    return weather


def insect(rng: Rng) -> Weather:
    """Something small near the lens and out of focus: a fly, a moth in the lamp, a thread of a spider."""
    radius, blur = rng.uniform(1.5, 16), rng.uniform(0.8, 6)
    added, pace = rng.choice((-1, 1), p=(0.25, 0.75)) * rng.uniform(25, 140), rng.uniform(0.1, 1.6)
    start, every = rng.uniform(2, 4), rng.uniform(1.0, 5)
    phases, thread = rng.uniform(0, 2 * pi, 4), chance(rng, 0.3)
    x0, y0 = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)

    def weather(plane: Plane, t_s: float) -> Plane:
        if t_s < start or (t_s - start) % (every * 1.3) > every:
            return plane
        a, b = 2 * pi * pace * t_s, 2 * pi * pace * 0.37 * t_s
        x = x0 + WIDTH * 0.35 * (sin(a + phases[0]) + 0.6 * sin(b + phases[1]))
        y = y0 + HEIGHT * 0.35 * (sin(0.8 * a + phases[2]) + 0.6 * sin(b * 1.3 + phases[3]))
        layer = np.zeros_like(plane)
        if thread:
            bend = (int(x0 + 0.15 * (x - x0)), int(HEIGHT * 0.5))
            line = [np.asarray([(int(x0), -5), bend, (int(x0 + 0.1 * (x - x0)), HEIGHT + 5)], np.int32)]
            cv2.polylines(layer, line, False, added, max(1, int(radius / 3)))
        else:
            smear = (int(radius + abs(sin(a)) * 3 * radius * pace), int(radius))
            cv2.ellipse(layer, (int(x), int(y)), smear, float(np.degrees(b)), 0, 360, added, -1)
        return np.asarray(plane + cv2.GaussianBlur(layer, (0, 0), blur), np.float32)

    return weather


def static(rng: Rng) -> Weather:
    """The sensor's gain jumps for moments, everywhere or in a part; or a band of lines breaks up."""
    sigma, every, where = rng.uniform(4, 30), rng.uniform(1, 4), _place(rng)
    seed, everywhere, band = int(rng.integers(1 << 30)), chance(rng, 0.4), chance(rng, 0.25)

    def weather(plane: Plane, t_s: float) -> Plane:
        if t_s % every > 0.5 * every or t_s < 2:
            return plane
        now = np.random.default_rng((seed, round(t_s * 1000)))
        noise = now.standard_normal(plane.shape, dtype=np.float32)
        if band:
            top = int(now.integers(0, HEIGHT - 20))
            moved = plane.copy()
            moved[top : top + 20] = np.roll(moved[top : top + 20], int(now.integers(5, 60)), axis=1)
            return moved
        smooth = cv2.GaussianBlur(noise, (0, 0), 1.2) * np.float32(3)
        return np.asarray(plane + np.float32(sigma) * smooth * (1 if everywhere else where), np.float32)

    return weather
