"""Serving one model while another version of it is tried out."""

import logging
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gateway.errors import GatewayError
from gateway.models.owner import Owner
from gateway.models.rollout.comparison import Make, loaded
from gateway.models.rollout.evidence import Arm, Served
from gateway.models.rollout.verdict import Reading, read
from gateway.models.rollout.versions import Route, Version
from gateway.seams import Backend, subject
from gateway.wire.model_card import CardFile, ModelCard

Array = npt.NDArray[np.generic]

_log = logging.getLogger(__name__)


class Desk(Protocol):
    """What a backend asks of the roll-out and tells it; every call is thread-safe and returns at once."""

    def route(self, model: str) -> Route | None:
        """The same object until something changes; None for a model that is not rolled out here."""
        ...

    def served(self, seen: Served) -> None: ...

    def sample(self, model: str, inputs: Sequence[Array]) -> None:
        """Offer inputs for a comparison; they are copied where they are taken."""
        ...

    def unusable(self, model: str, digest: str, key: str) -> None:
        """A version could not be loaded."""
        ...

    def opened(self, file: CardFile) -> AbstractContextManager[Path]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    card: ModelCard
    backend: Backend


class RolloutBackend:
    """Implements `seams.Backend` over backends from `make`. The thread that loads owns it.

    Follows the desk's route: a new version is loaded between two inferences and takes over only once it is, so a
    switch costs one request the time of a load and loses none. Where the candidate fails on a request, or answers with
    something that is no number, the version in service answers that very request.
    """

    def __init__(self, make: Make, *, desk: Desk, model: str) -> None:
        self._make = make
        self._desk = desk
        self._model = model
        self._owner = Owner()
        self._route: Route | None = None
        self._serving: _Loaded | None = None
        self._trial: _Loaded | None = None
        self._answered_by: ModelCard | None = None

    @property
    def card(self) -> ModelCard:
        """Of the version that gave the last answer, by whose quantisation and thresholds that is to be read."""
        if self._answered_by is None:
            raise RuntimeError("no answer yet")
        return self._answered_by

    def load(self, card: ModelCard, file: Path) -> None:
        """Raises what the backends raise. A version that the route names instead is loaded at the next inference."""
        self._owner.check()
        backend = self._make(card)
        backend.load(card, file)
        self._drop(self._serving)
        self._serving = _Loaded(card=card, backend=backend)
        self._owner.take()

    def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """Raises what the version in service raises."""
        self._owner.check()
        if self._serving is None:
            raise RuntimeError("infer before load")
        route = self._desk.route(self._model)
        if route is not self._route:
            self._follow(route)
        outputs = self._tried(inputs) if route is not None and route.on_trial(subject.get()) else None
        if outputs is None:
            outputs, _ = self._answered(self._serving, inputs, Arm.ACTIVE)
        self._desk.sample(self._model, inputs)
        return outputs

    def close(self) -> None:
        self._owner.check()
        self._drop(self._serving)
        self._drop(self._trial)
        self._serving = self._trial = self._route = None
        self._owner.release()

    def _tried(self, inputs: Sequence[Array]) -> tuple[Array, ...] | None:
        """The candidate's answer; None where it has none, which is told."""
        if self._trial is None:
            return None
        try:
            outputs, reading = self._answered(self._trial, inputs, Arm.CANDIDATE)
        except GatewayError as error:
            _log.warning("candidate %s of %s failed: %s", self._trial.card.version, self._model, error)
            return None
        return None if reading.broken else outputs

    def _answered(self, asked: _Loaded, inputs: Sequence[Array], arm: Arm) -> tuple[tuple[Array, ...], Reading]:
        began = time.perf_counter()
        try:
            outputs = asked.backend.infer(inputs)
        except GatewayError as error:
            if error.key != "model_input":  # the caller's mistake, which says nothing of the model
                self._desk.served(Served(model=self._model, arm=arm, error=error.key))
            raise
        took_s = time.perf_counter() - began
        self._answered_by = asked.card
        reading = read(asked.card, outputs)
        self._desk.served(Served(model=self._model, arm=arm, took_s=took_s, reading=reading))
        return outputs, reading

    def _follow(self, route: Route | None) -> None:
        """Load what the route names; what cannot be loaded is told and changes nothing."""
        self._route = route
        if route is None or self._serving is None:
            return
        if route.serving.card != self._serving.card:
            self._take_over(route.serving)
        if route.trial is None:
            self._drop(self._trial)
            self._trial = None
        elif self._trial is None or self._trial.card != route.trial.card:
            self._drop(self._trial)
            self._trial = self._loaded(route.trial)

    def _take_over(self, version: Version) -> None:
        if self._trial is not None and self._trial.card == version.card:
            found: _Loaded | None = self._trial
            self._trial = None
        else:
            found = self._loaded(version)
        if found is not None:
            self._drop(self._serving)
            self._serving = found
            _log.info("model %s is now version %s", self._model, version.card.version)

    def _loaded(self, version: Version) -> _Loaded | None:
        try:
            backend = loaded(self._make, self._desk.opened, version.card)
        except GatewayError as error:
            _log.error("version %s of %s cannot be loaded: %s", version.card.version, self._model, error)
            self._desk.unusable(self._model, version.digest, error.key)
            return None
        return _Loaded(card=version.card, backend=backend)

    @staticmethod
    def _drop(given_up: _Loaded | None) -> None:
        if given_up is not None:
            given_up.backend.close()
