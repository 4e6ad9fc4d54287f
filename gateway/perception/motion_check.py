"""The second look: a small network judges what the cheap detector took for motion, and may only take boxes away.

It is shown what the detector saw, as two planes, and answers for a grid of cells how likely something really moves
there and what it would be. docs/motion.md tells how often it is right.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import ceil

import cv2
import numpy as np
import numpy.typing as npt

from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.perception.arrays import Luma, Plane
from gateway.perception.motion import Known
from gateway.seams import Backend, Shedding, subject
from gateway.types import Box
from gateway.wire.model_card import ModelCard

log = logging.getLogger(__name__)

SIZE = (96, 160)
"""Rows and columns of the picture that is judged, whatever the camera's shape."""
GRID = (12, 20)
"""Rows and columns of the answer."""
SHED_FROM = 2
"""From this level of shedding on boxes pass unjudged."""

_SIGN = np.uint8(0x80)


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


class MotionCheck:
    """For one camera. `open_backend` gives a loaded backend on the thread that calls, and is asked again when the
    camera is read by another thread. Whatever fails is counted and logged once, and the boxes pass: a check that
    does not work never hides anything.

    `card.thresholds["moving"]` is the least probability that a box needs to stay.
    """

    def __init__(
        self,
        camera: str,
        card: ModelCard,
        open_backend: Callable[[], Backend],
        *,
        counters: Counters,
        shedding: Shedding = lambda: 0,
    ) -> None:
        self._camera = camera
        self._card = card
        self._open = open_backend
        self._counters = counters
        self._shedding = shedding
        self._backend: Backend | None = None
        self._owner: int | None = None
        self._told = False

    def keep(self, luma: Luma, known: Known, boxes: tuple[Box, ...]) -> tuple[Box, ...]:
        """Those of `boxes` that are worth their name; `known` is the detector's, after it saw `luma`."""
        if not boxes:
            return boxes
        if self._shedding() >= SHED_FROM:
            self._counters.add("motion_check.left_out")
            return boxes
        try:
            looked = self._look(luma, known)
        except GatewayError as error:
            self._fail(error)
            return boxes
        least = self._card.thresholds["moving"]
        kept = tuple(box for box in boxes if looked.of(box) >= least)
        self._counters.add("motion_check.looked")
        self._counters.add("motion_check.vetoed", len(boxes) - len(kept))
        return kept

    def _look(self, luma: Luma, known: Known) -> Looked:
        backend = self._mine()
        shown = (pair(luma, known) ^ _SIGN).view(np.int8)
        token = subject.set(self._camera)
        try:
            (answer,) = backend.infer((shown,))
        finally:
            subject.reset(token)
        return read(answer, self._card)

    def _mine(self) -> Backend:
        """A backend belongs to one thread, and each connection to a camera has a thread of its own; what belonged to
        one that has ended cannot be closed any more and is let go."""
        if self._backend is None or self._owner != threading.get_ident():
            self._backend, self._owner = self._open(), threading.get_ident()
        return self._backend

    def _fail(self, error: GatewayError) -> None:
        self._counters.add("motion_check.failed")
        if not self._told:
            log.warning("camera %s: the second look at motion is skipped: %s", self._camera, error)
            self._told = True
