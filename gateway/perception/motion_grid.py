"""What the motion network is shown, what it answers, and which boxes stay then. Pure.

It is shown what the cheap detector saw, as two planes, and answers for a grid of cells how likely something really
moves there and what it would be.
"""

from dataclasses import dataclass
from enum import IntEnum
from math import ceil, log

import cv2
import numpy as np
import numpy.typing as npt

from gateway.perception.arrays import Luma, Plane
from gateway.perception.motion import Known
from gateway.types import Box
from gateway.wire.model_card import ModelCard

SIZE = (96, 160)
"""Rows and columns of the picture that is judged, whatever the camera's shape."""
GRID = (12, 20)
"""Rows and columns of the answer."""
HOLD_S = 5.0
"""For how long a place is believed where something moved for certain: as long as an event outlives its motion."""

_AROUND = np.ones((3, 3), np.uint8)


class Mover(IntEnum):
    """What moves, in the order of the answer's channels after the first."""

    NUISANCE = 0
    PERSON = 1
    VEHICLE = 2
    ANIMAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Logits per cell: `moving`, that something moves there, and `movers`, what it would be: float32 `GRID` and
    `(*GRID, 4)`."""

    moving: Plane
    movers: npt.NDArray[np.float32]

    def of(self, box: Box) -> float:
        """The probability that something moves in a box, by the mean of its two highest logits: a large box is not
        believed for one lucky cell."""
        inside = np.sort(self.moving[cells_of(box)], axis=None)
        return float(1 / (1 + np.exp(-inside[-2:].mean())))

    def mover(self, box: Box) -> Mover:
        """The likeliest, by the cell that most likely moves."""
        at = cells_of(box)
        movers = self.movers[at].reshape(-1, len(Mover))
        return Mover(int(movers[np.argmax(self.moving[at])].argmax()))


def pair(luma: Luma, known: Known) -> npt.NDArray[np.uint8]:
    """What the network is shown, uint8 `(1, *SIZE, 2)`: the picture shrunk to the detector's cells and what is usual
    there, both stretched to `SIZE`."""
    planes = (known.grid.shrink(luma), known.background.mean)
    scaled = [cv2.resize(plane, SIZE[::-1], interpolation=cv2.INTER_LINEAR) for plane in planes]
    return np.asarray(np.clip(np.stack(scaled, axis=-1)[None] + 0.5, 0, 255), np.uint8)


def cells_of(box: Box) -> tuple[slice, slice]:
    """The cells of the answer that a box touches; at least one."""
    rows, columns = GRID
    y0, x0 = min(int(box.y0 * rows), rows - 1), min(int(box.x0 * columns), columns - 1)
    return slice(y0, max(y0 + 1, ceil(box.y1 * rows))), slice(x0, max(x0 + 1, ceil(box.x1 * columns)))


def read(answer: npt.NDArray[np.generic], card: ModelCard) -> Looked:
    """The answer `(1, *GRID, 5)`, quantised as its card says: the first channel is `moving`, the others `movers`."""
    spec = card.outputs[0]
    logits = (np.asarray(answer[0], np.float32) - (spec.zero_point or 0)) * np.float32(spec.scale or 1.0)
    return Looked(moving=logits[..., 0], movers=logits[..., 1:])


class Belief:
    """Which boxes stay: those in which something moves with a probability of at least `least`, and what is where such
    a thing was within `HOLD_S`, since somebody seen well may stop, turn or fade. Pure: times come in with the boxes.
    """

    def __init__(self) -> None:
        self._since_s = np.full(GRID, -np.inf)

    def keep(self, looked: Looked, boxes: tuple[Box, ...], t_s: float, *, least: float) -> tuple[Box, ...]:
        for box in boxes:
            if looked.of(box) >= least:
                self._believe(looked, box, t_s, least)
        return tuple(box for box in boxes if t_s - self._since_s[cells_of(box)].max() <= HOLD_S)

    def _believe(self, looked: Looked, box: Box, t_s: float, least: float) -> None:
        """The cells that carry the verdict and those around them, not all of a box that rain or light made large."""
        at = cells_of(box)
        strong = np.zeros(GRID, np.uint8)
        strong[at] = looked.moving[at] >= log(least / (1 - least))
        self._since_s[cv2.dilate(strong, _AROUND) > 0] = t_s
