"""A backend without a runtime: checks like the real one and answers with what the test says."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.errors import Invalid, Refused
from gateway.wire.model_card import ModelCard

Array = npt.NDArray[np.generic]
Answer = Callable[[Sequence[Array]], tuple[Array, ...]]


class FakeBackend:
    """Implements `seams.Backend`.

    `answer` maps inputs to outputs; without it every output is zeros of the card's shape. `check_file=False` takes
    a card without a file. `inputs` keeps what was inferred, `fail` makes the next inferences raise it.
    """

    def __init__(self, answer: Answer | None = None, *, check_file: bool = True) -> None:
        self.inputs: list[tuple[Array, ...]] = []
        self.fail: Exception | None = None
        self._answer = answer
        self._check_file = check_file
        self._card: ModelCard | None = None
        self._owner: int | None = None

    def load(self, card: ModelCard, file: Path) -> None:
        self._check_owner()
        if self._check_file:
            _check(card, file)
        self._card, self._owner = card, threading.get_ident()

    def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        self._check_owner()
        if self._card is None:
            raise RuntimeError("infer before load")
        if [(i.shape, i.dtype.name) for i in inputs] != [(spec.shape, spec.dtype) for spec in self._card.inputs]:
            raise Invalid("model_input", model=self._card.id)
        if self.fail is not None:
            raise self.fail
        self.inputs.append(tuple(value.copy() for value in inputs))
        if self._answer is not None:
            return self._answer(inputs)
        return tuple(np.zeros(spec.shape, spec.dtype) for spec in self._card.outputs)

    def close(self) -> None:
        self._check_owner()
        self._card = self._owner = None

    def _check_owner(self) -> None:
        if self._owner is not None and self._owner != threading.get_ident():
            raise RuntimeError("a backend belongs to the thread that loaded it")


def _check(card: ModelCard, file: Path) -> None:
    try:
        data = file.read_bytes()
    except OSError:
        raise Refused("model_missing", file=file.name, status=404) from None
    if len(data) != card.bytes or hashlib.sha256(data).hexdigest() != card.sha256:
        raise Refused("model_hash", file=file.name)
