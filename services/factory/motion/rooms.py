"""Drawn backgrounds: ground and wall, bricks or boards, rectangles, poles, texture of every fineness."""

import cv2
import numpy as np

from services.factory.motion.planes import HEIGHT, WIDTH, Plane, Rng, chance, soft


def room(rng: Rng) -> Plane:
    """A background that no other seed gives."""
    plane = np.full((HEIGHT, WIDTH), rng.uniform(50, 170), np.float32)
    horizon = int(rng.uniform(0.1, 0.7) * HEIGHT)
    plane[horizon:] += np.float32(rng.normal(0, 30))
    plane += np.linspace(rng.normal(0, 20), rng.normal(0, 20), WIDTH, dtype=np.float32)[None, :]
    plane += np.linspace(rng.normal(0, 20), rng.normal(0, 20), HEIGHT, dtype=np.float32)[:, None]
    for cells in (6, 25, 80, 160):
        plane += np.float32(rng.gamma(1.5, 4)) * soft(rng, plane.shape, cells)
    if chance(rng, 0.4):
        _bricks(plane, rng)
    for _ in range(int(rng.integers(0, 12))):
        _thing(plane, rng)
    return np.asarray(np.clip(cv2.GaussianBlur(plane, (0, 0), rng.uniform(0.3, 1.0)), 5, 250), np.float32)


def _bricks(plane: Plane, rng: Rng) -> None:
    step, level = int(rng.integers(4, 24)), np.float32(rng.normal(0, 18))
    top, bottom = sorted(int(n) for n in rng.integers(0, HEIGHT, 2))
    plane[top:bottom:step] += level
    if chance(rng, 0.7):
        plane[top:bottom, :: step * 2] += level


def _thing(plane: Plane, rng: Rng) -> None:
    x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
    level = float(np.clip(plane[y, x] + rng.normal(0, 50), 0, 255))
    wide, high = int(rng.integers(3, 90)), int(rng.integers(3, 90))
    match int(rng.integers(4)):
        case 0:
            cv2.rectangle(plane, (x, y), (x + wide, y + high), level, -1)
        case 1:
            cv2.rectangle(plane, (x, y), (x + wide, y + high), level, int(rng.integers(1, 5)))
        case 2:
            far = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
            cv2.line(plane, (x, y), far, level, int(rng.integers(1, 6)), cv2.LINE_AA)
        case _:
            turn = float(rng.uniform(0, 180))
            cv2.ellipse(plane, (x, y), (wide // 2 + 1, high // 2 + 1), turn, 0, 360, level, -1, cv2.LINE_AA)
