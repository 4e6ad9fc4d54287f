"""The models that want to run on the accelerator, and how each of them stands."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import Refused
from gateway.models.tpu.agree import distance
from gateway.models.tpu.child import Array
from gateway.models.tpu.convert import convert_all
from gateway.wire.model_card import ModelCard

RETRY_S = 300.0
"""A model that did not pass is tried again after so long, while others serve."""
MOST_KILLS = 2
"""A model that took the child with it so often, the last time from others that had passed, is left out for a while, so
that it does not keep them off."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A question in the card's types and the answer of the CPU twin."""

    inputs: tuple[Array, ...]
    wanted: tuple[Array, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Hosted:
    """`card.id` names this very file, so that two versions of one `model` may be loaded at once. `reason` is why it
    does not serve. What may change belongs to the host."""

    model: str
    card: ModelCard
    stream_fd: int
    trials: tuple[Trial, ...]
    users: int = 1
    serving: bool = False
    reason: str = ""
    retry_s: float = 0.0
    kills: int = 0

    @property
    def tolerance(self) -> float:
        assert self.card.tpu is not None
        return self.card.tpu.tolerance

    @property
    def sram_bytes(self) -> int:
        assert self.card.tpu is not None
        return self.card.tpu.sram_bytes

    def asked(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """In the types of the accelerator's tensors. Raises `Invalid("model_input")`."""
        assert self.card.tpu is not None
        return convert_all(inputs, self.card.inputs, self.card.tpu.inputs or self.card.inputs)

    def answered(self, outputs: Sequence[Array]) -> tuple[Array, ...]:
        """In the types of the card."""
        assert self.card.tpu is not None
        return convert_all(outputs, self.card.tpu.outputs or self.card.outputs, self.card.outputs)

    def apart(self, trial: Trial, outputs: Sequence[Array]) -> float:
        """How far the accelerator is from the twin; see `agree.distance`."""
        return distance(self.answered(outputs), trial.wanted)

    def passes(self) -> None:
        self.serving, self.reason, self.kills = True, "", 0

    def fails(self, reason: str, retry_s: float) -> None:
        self.serving, self.reason, self.retry_s = False, reason, retry_s


def distinct(card: ModelCard) -> ModelCard:
    """The card under a name that belongs to its compiled file alone."""
    if card.tpu is None:
        raise Refused("tpu_model_refused", model=card.id, cause="the card names no file for the accelerator")
    return card.model_copy(update={"id": f"{card.id[:48]}.{card.tpu.file.sha256[:12]}"})


class Roster:
    """By name. Thread-safe; the host alone changes what is in a `Hosted`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: dict[str, Hosted] = {}
        self._left: list[Hosted] = []

    def all(self) -> list[Hosted]:
        with self._lock:
            return list(self._models.values())

    def join(self, card: ModelCard, stream_fd: int, trials: tuple[Trial, ...]) -> Hosted:
        """The same file is hosted once, however many ask for it. The descriptor stays the caller's."""
        named = distinct(card)
        with self._lock:
            hosted = self._models.get(named.id)
            if hosted is not None:
                hosted.users += 1
                return hosted
            hosted = self._models[named.id] = Hosted(
                model=card.id, card=named, stream_fd=os.dup(stream_fd), trials=trials
            )
            return hosted

    def serves(self, card: ModelCard) -> bool:
        hosted = None if card.tpu is None else self._models.get(distinct(card).id)
        return hosted is not None and hosted.serving

    def any_serving(self) -> bool:
        return any(hosted.serving for hosted in self.all())

    def leave(self, hosted: Hosted) -> None:
        with self._lock:
            hosted.users -= 1
            if hosted.users == 0:
                self._left.append(self._models.pop(hosted.card.id))

    def left(self) -> list[Hosted]:
        """Who left since the last time; theirs is to be unloaded and the descriptor closed."""
        with self._lock:
            left, self._left = self._left, []
            return left

    def pending(self, now_s: float) -> list[Hosted]:
        """Who waits to be tried; last those that took the child with them, so that the others are through by then."""
        waiting = [hosted for hosted in self.all() if not hosted.serving and hosted.retry_s <= now_s]
        return sorted(waiting, key=lambda hosted: hosted.kills)
