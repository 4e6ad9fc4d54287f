"""Figures from the footage, faint ones, and how all of them cross the picture."""

from math import pi, sin

import cv2
import numpy as np

from services.factory.motion.looks import Look
from services.factory.motion.planes import HEIGHT, WIDTH, Figure, Kind, Patch, Placed, Rng, chance


def cut_out(patch: Patch, tall: int, rng: Rng) -> Look:
    """Somebody of the footage, scaled, mirrored, in other clothes; sways as walkers do."""
    share = tall / patch.alpha.shape[0]
    size = max(3, round(patch.alpha.shape[1] * share)), max(4, tall)
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    luma, alpha = (cv2.resize(plane, size, interpolation=how) for plane in (patch.luma, patch.alpha))
    gain, level = rng.uniform(0.5, 1.6), rng.uniform(-25, 25)
    luma = np.asarray(np.clip((luma - luma.mean()) * gain + luma.mean() + level, 0, 255), np.float32)
    if chance(rng, 0.15):
        luma = np.float32(255) - luma

    def look(phase: float) -> Patch:
        lean = np.asarray([[1, 0.05 * sin(2 * pi * phase), 0], [0, 1, 0]], np.float32)
        turned = (cv2.warpAffine(plane, lean, size) for plane in (luma, alpha))
        return Patch(*(np.asarray(plane, np.float32) for plane in turned))

    return look


def faint(look: Look, share: float) -> Look:
    """Hardly another brightness than what is behind: night, fog, clothes like the wall."""

    def fainter(phase: float) -> Patch:
        patch = look(phase)
        return Patch(patch.luma, patch.alpha * np.float32(share))

    return fainter


def crossing(look: Look, kind: Kind, rng: Rng, *, start_s: float, seconds: float) -> Figure:
    """In from outside on a straight way, out again; some stop and sway on their way."""
    leftward = chance(rng, 0.5)
    tall, wide = look(0.0).alpha.shape
    ends = (-wide, WIDTH) if not leftward else (WIDTH, -wide)
    y0, y1 = (rng.uniform(0.25, 1.1) * HEIGHT - tall for _ in range(2))
    rest = rng.uniform(0.2, 0.8) if chance(rng, 0.35) else None
    steps_hz = rng.uniform(0.8, 2.2)

    def figure(t_s: float) -> Placed | None:
        share = (t_s - start_s) / seconds
        if not 0 <= share < 1:
            return None
        sway = 0.0
        if rest is not None:
            sway = 0.04 * tall * sin(2.3 * t_s) if 0.35 < share < 0.75 else 0.0
            share = float(np.interp(share, (0, 0.35, 0.75, 1), (0, rest, rest, 1)))
        patch = look(steps_hz * t_s)
        if leftward:
            patch = Patch(patch.luma[:, ::-1], patch.alpha[:, ::-1])
        return Placed(patch, round(ends[0] + (ends[1] - ends[0]) * share + sway), round(y0 + (y1 - y0) * share), kind)

    return figure
