"""Scenes seen through the real detector: where it fires, what the network would be shown, and what is true."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from gateway.perception.motion import MotionDetector
from gateway.perception.motion_grid import GRID, cells_of, pair
from gateway.types import Box
from services.factory.motion import scenes
from services.factory.motion.material import Material
from services.factory.motion.planes import Bytes, Kind
from services.factory.motion.scenes import Shot

MOST_BOXES = 6
SURE, DOUBTFUL = 0.15, 0.02
"""From which share on a figure is in a cell, and below which none is; what lies between does not count."""
_KEPT_OF_SCENE = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """`pictures` uint8 `(N, H, W, 2)`; `covered` uint8 `(N, rows, columns, kinds)`: how much of every cell of the
    answer each kind covers, in 255ths; `boxes` uint8 `(N, MOST_BOXES, rows, columns)`: the cells of every box that
    the detector drew."""

    pictures: Bytes
    covered: Bytes
    boxes: Bytes

    def __len__(self) -> int:
        return len(self.pictures)


def gather(material: Material, seed: int, count: int, progress: Callable[[str], None]) -> Pairs:
    """Look at scenes until there are `count` pairs. The same seed gives the same pairs."""
    pictures: list[Bytes] = []
    covered: list[Bytes] = []
    boxes: list[Bytes] = []
    number = 0
    while len(pictures) < count:
        rng = np.random.default_rng((seed, number))
        filmed = number % 12 == 0
        shots = scenes.filmed(rng, material, number // 12) if filmed else scenes.drawn(rng, material)
        for picture, cover, drawn in _looked_at(shots, rng):
            pictures.append(picture)
            covered.append(cover)
            boxes.append(drawn)
        number += 1
        if number % 50 == 0:
            progress(f"{number} scenes, {len(pictures)} of {count} pairs")
    return Pairs(pictures=np.stack(pictures[:count]), covered=np.stack(covered[:count]), boxes=np.stack(boxes[:count]))


def _looked_at(shots: Iterable[Shot], rng: np.random.Generator) -> list[tuple[Bytes, Bytes, Bytes]]:
    """Some of the pictures in which the detector fires."""
    detector, found = MotionDetector(), []
    for shot in shots:
        verdict, known = detector.see(shot.luma, shot.t_s), detector.known
        if verdict.boxes and known is not None:
            found.append((pair(shot.luma, known)[0], cells(shot), _drawn(verdict.boxes)))
    kept = rng.permutation(len(found))[:_KEPT_OF_SCENE]
    return [found[int(n)] for n in sorted(kept)]


def cells(shot: Shot) -> Bytes:
    covers = np.zeros((*GRID, len(Kind)), np.uint8)
    for kind, covered in shot.truth.items():
        share = cv2.resize(covered, GRID[::-1], interpolation=cv2.INTER_AREA)
        covers[..., kind] = np.asarray(share * 255 + 0.5, np.uint8)
    return covers


def _drawn(boxes: tuple[Box, ...]) -> Bytes:
    masks = np.zeros((MOST_BOXES, *GRID), np.uint8)
    for mask, box in zip(masks, boxes, strict=False):
        mask[cells_of(box)] = 1
    return masks
