"""The shipped network, asked through whichever backend runs it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.climate.forecast.features import AHEAD_S, NAMES, Inputs
from gateway.errors import Invalid, Refused
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard, TensorSpec

STEPS = len(AHEAD_S)
INPUT_LIMIT = 4.0
"""K: what is further from 0 is told as that, so that int8 is fine enough for what is usual."""
LEAST_SPREAD = 0.03
_MOST_CHANGE = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Per row and step of `AHEAD_S`: how much warmer it will be, and the usual error of that, in K; both (n, 12)."""

    change: Inputs
    spread: Inputs


class Net:
    """Belongs to the thread that loaded `backend`."""

    def __init__(self, backend: Backend, card: ModelCard, answered: Callable[[], ModelCard] | None = None) -> None:
        """`backend` has loaded `card`; `answered` is the card of the version that gave its last answer, where that may
        be exchanged under way. Raises `Refused("model_tensors")` where the card is no forecaster's of these
        inputs."""
        shapes = [spec.shape for spec in (*card.inputs, *card.outputs)]
        if card.decoder != "forecast" or shapes != [(1, len(NAMES)), (1, 2 * STEPS)]:
            raise Refused("model_tensors", model=card.id, hint="not a forecaster of this version's inputs")
        self._backend, self._card = backend, card
        self._answered = answered or (lambda: card)

    def ask(self, given: Inputs) -> Answer:
        """Of rows (n, inputs), which must be finite. Raises `Invalid("model_answer")` where an answer is not a
        temperature's, and what `Backend.infer` raises."""
        (into,) = self._card.inputs
        limited = np.clip(given, -INPUT_LIMIT, INPUT_LIMIT)
        answers = np.empty((len(given), 2 * STEPS), np.float32)
        for number, row in enumerate(_stored(limited, into)):
            (answer,) = self._backend.infer((row[None],))
            answers[number] = _floats(answer, self._answered().outputs[0])[0]
        if not np.all(np.abs(answers) <= _MOST_CHANGE):
            raise Invalid("model_answer", model=self._card.id)
        return Answer(change=answers[:, :STEPS], spread=np.maximum(answers[:, STEPS:], np.float32(LEAST_SPREAD)))


def _stored(values: Inputs, spec: TensorSpec) -> npt.NDArray[np.generic]:
    """As the tensor wants them."""
    if spec.scale is None:
        return np.asarray(values, spec.dtype)
    limits = np.iinfo(spec.dtype)
    levels = np.rint(values / spec.scale + (spec.zero_point or 0))
    return np.asarray(np.clip(levels, limits.min, limits.max), spec.dtype)


def _floats(values: npt.NDArray[np.generic], spec: TensorSpec) -> Inputs:
    if spec.scale is None:
        return np.asarray(values, np.float32)
    return np.asarray((values.astype(np.float32) - (spec.zero_point or 0)) * spec.scale, np.float32)
