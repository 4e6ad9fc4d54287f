"""The threshold of the second look, found on scenes of the generator under seeds that do not train."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.perception.motion import MotionDetector
from gateway.perception.motion_grid import Belief, Looked, cells_of, pair
from gateway.types import Box
from services.factory.motion import scenes
from services.factory.motion.data import DOUBTFUL, SURE, cells
from services.factory.motion.material import Material
from services.factory.motion.planes import Bytes

CANDIDATES = (-3.0, -2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Logits."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A frame in which the cheap detector fired; `figures` says of every box whether a figure is in it, None where
    that is doubtful."""

    t_s: float
    picture: Bytes
    boxes: tuple[Box, ...]
    figures: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Shares: `missed` of the frames in which a box held a figure and none such stayed, `left` of the frames without
    any figure in which a box stayed."""

    logit: float
    missed: float
    left: float


def watched(material: Material, seed: int, count: int) -> list[list[Fired]]:
    """Every frame that fires, in `count` scenes."""
    found = []
    for number in range(count):
        rng, detector, fired = np.random.default_rng((seed, number)), MotionDetector(), []
        for shot in scenes.drawn(rng, material):
            boxes, known = detector.see(shot.luma, shot.t_s).boxes, detector.known
            if boxes and known is not None:
                covered = cells(shot).max(axis=-1) / 255
                held = tuple(_held(float(np.max(covered[cells_of(box)]))) for box in boxes)
                fired.append(Fired(shot.t_s, pair(shot.luma, known)[0], boxes, held))
        found.append(fired)
    return found


def _held(share: float) -> bool | None:
    return None if DOUBTFUL <= share <= SURE else share > SURE


def costs(found: Sequence[Sequence[Fired]], answer: Callable[[Bytes], npt.NDArray[np.float32]]) -> tuple[Cost, ...]:
    """Of every candidate; `answer` gives the logits `(N, rows, columns, channels)` of `(N, H, W, 2)` pictures."""
    said = [list(answer(np.stack([frame.picture for frame in scene]))) for scene in found if scene]
    return tuple(_cost(logit, [scene for scene in found if scene], said) for logit in CANDIDATES)


def _cost(logit: float, found: Sequence[Sequence[Fired]], said: Sequence[Sequence[npt.NDArray[np.float32]]]) -> Cost:
    missed, left = [], []
    least = 1 / (1 + np.exp(-logit))
    for scene, answers in zip(found, said, strict=True):
        belief = Belief()
        for frame, answer in zip(scene, answers, strict=True):
            looked = Looked(moving=answer[..., 0], movers=answer[..., 1:])
            kept = belief.keep(looked, frame.boxes, frame.t_s, least=least)
            if any(frame.figures):
                with_figure = [box for box, held in zip(frame.boxes, frame.figures, strict=True) if held]
                missed.append(not any(box in kept for box in with_figure))
            elif None not in frame.figures:
                left.append(bool(kept))
    return Cost(logit=logit, missed=float(np.mean(missed)), left=float(np.mean(left)))


def chosen(found: Sequence[Cost], most_missed: float) -> Cost:
    """The candidate that leaves least among those that miss no more than `most_missed`, or the lowest."""
    fair = [cost for cost in found if cost.missed <= most_missed]
    return min(fair, key=lambda cost: cost.left) if fair else found[0]
