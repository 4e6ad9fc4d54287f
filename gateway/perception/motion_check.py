"""The second look: a small network judges what the cheap detector took for motion, and may only take boxes away.

docs/motion.md tells how often it is right.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.perception.arrays import Luma
from gateway.perception.motion import Known
from gateway.perception.motion_grid import Belief, Looked, pair, read
from gateway.seams import Backend, Shedding, subject
from gateway.types import Box
from gateway.wire.model_card import ModelCard

log = logging.getLogger(__name__)

SHED_FROM = 2
"""From this level of shedding on boxes pass unjudged."""

_SIGN = np.uint8(0x80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A loaded model, and the card of the version that gave its last answer: it may be exchanged under way."""

    backend: Backend
    card: Callable[[], ModelCard]


class MotionCheck:
    """For one camera. `open_model` loads the model on the thread that calls, and is asked again when the camera is
    read by another thread. Whatever fails is counted and logged once, and the boxes pass: a check that
    does not work never hides anything.

    The card's `thresholds["moving"]` is the least probability of a `Belief`.
    """

    def __init__(
        self,
        camera: str,
        open_model: Callable[[], Asked],
        *,
        counters: Counters,
        shedding: Shedding = lambda: 0,
    ) -> None:
        self._camera = camera
        self._open = open_model
        self._counters = counters
        self._shedding = shedding
        self._belief = Belief()
        self._asked: Asked | None = None
        self._owner: int | None = None
        self._told = False

    def keep(self, luma: Luma, known: Known, boxes: tuple[Box, ...], t_s: float) -> tuple[Box, ...]:
        """Those of `boxes` that are worth their name; `known` is the detector's, after it saw `luma` at `t_s`."""
        if not boxes:
            return boxes
        if self._shedding() >= SHED_FROM:
            self._counters.add("motion_check.left_out")
            return boxes
        try:
            looked, least = self._look(luma, known)
        except GatewayError as error:
            self._fail(error)
            return boxes
        kept = self._belief.keep(looked, boxes, t_s, least=least)
        self._counters.add("motion_check.looked")
        self._counters.add("motion_check.vetoed", len(boxes) - len(kept))
        return kept

    def _look(self, luma: Luma, known: Known) -> tuple[Looked, float]:
        asked = self._mine()
        shown = (pair(luma, known) ^ _SIGN).view(np.int8)
        token = subject.set(self._camera)
        try:
            (answer,) = asked.backend.infer((shown,))
        finally:
            subject.reset(token)
        card = asked.card()
        return read(answer, card), card.thresholds["moving"]

    def _mine(self) -> Asked:
        """A backend belongs to one thread, and each connection to a camera has a thread of its own; what belonged to
        one that has ended cannot be closed any more and is let go."""
        if self._asked is None or self._owner != threading.get_ident():
            self._asked, self._owner = self._open(), threading.get_ident()
        return self._asked

    def _fail(self, error: GatewayError) -> None:
        self._counters.add("motion_check.failed")
        if not self._told:
            log.warning("camera %s: the second look at motion is skipped: %s", self._camera, error)
            self._told = True
