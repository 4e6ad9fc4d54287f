"""Asking two versions of a model the same."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.errors import GatewayError
from gateway.models.rollout.evidence import Compared, Unusable
from gateway.models.rollout.verdict import Reading, read, same
from gateway.models.rollout.versions import Version
from gateway.seams import Backend
from gateway.wire.model_card import CardFile, ModelCard

Array = npt.NDArray[np.generic]
Inputs = Sequence[Array]
Make = Callable[[ModelCard], Backend]
"""An empty backend for a model with that card."""
Opened = Callable[[CardFile], AbstractContextManager[Path]]
"""A verified file, readable for as long as the block lasts."""

_log = logging.getLogger(__name__)

_CREDIT_S = 1.0
"""So much of unspent budget is kept at most."""


class Budget:
    """At most the share `duty` of the time in the long run. Times in seconds of one clock; not thread-safe."""

    def __init__(self, duty: float, now_s: float) -> None:
        self._duty = duty
        self._credit_s = 0.0
        self._seen_s = now_s

    def allows(self, now_s: float) -> bool:
        self._credit_s = min(_CREDIT_S, self._credit_s + self._duty * (now_s - self._seen_s))
        self._seen_s = now_s
        return self._credit_s > 0

    def spend(self, took_s: float) -> None:
        self._credit_s -= took_s


def loaded(make: Make, opened: Opened, card: ModelCard) -> Backend:
    """A backend of that model, owned by this thread. Raises what loading raises."""
    backend = make(card)
    with opened(card.main) as file:
        backend.load(card, file)
    return backend


class Comparison:
    """Loads both versions at the first question. Belongs to the thread that asks."""

    def __init__(self, model: str, active: Version, candidate: Version, *, make: Make, opened: Opened) -> None:
        self._model = model
        self._active = active
        self._candidate = candidate
        self._make = make
        self._opened = opened
        self._backends: list[Backend] = []
        self._unusable = False
        self._turns = 0

    def ask(self, inputs: Inputs) -> Compared | Unusable | None:
        """None where the active version fails, which says nothing of the candidate."""
        if self._unusable:
            return None
        try:
            self._load()
        except GatewayError as error:
            self._unusable = True
            _log.warning("the versions of %s cannot be compared: %s", self._model, error)
            if not self._backends:
                return None
            return Unusable(model=self._model, digest=self._candidate.digest, key=error.key)
        return self._compared(inputs)

    def close(self) -> None:
        for backend in self._backends:
            backend.close()
        self._backends.clear()

    def _load(self) -> None:
        for version in (self._active, self._candidate)[len(self._backends) :]:
            self._backends.append(loaded(self._make, self._opened, version.card))

    def _compared(self, inputs: Inputs) -> Compared | None:
        """Each goes first every other time: who comes second finds warm caches."""
        self._turns += 1
        if self._turns % 2:
            active, active_s, _ = self._asked(0, inputs)
            candidate, candidate_s, error = self._asked(1, inputs)
        else:
            candidate, candidate_s, error = self._asked(1, inputs)
            active, active_s, _ = self._asked(0, inputs)
        if active is None:
            return None
        return Compared(
            model=self._model,
            active=active,
            candidate=candidate,
            same=candidate is not None and same(self._active.card, active, candidate),
            active_s=active_s,
            candidate_s=candidate_s,
            error=error,
        )

    def _asked(self, place: int, inputs: Inputs) -> tuple[Reading | None, float, str]:
        """The answer, the seconds it took, and the key of the error in place of it."""
        began = time.perf_counter()
        try:
            outputs = self._backends[place].infer(inputs)
        except GatewayError as error:
            return None, 0.0, error.key
        took_s = time.perf_counter() - began
        return read((self._active, self._candidate)[place].card, outputs), took_s, ""
