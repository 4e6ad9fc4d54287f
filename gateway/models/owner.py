"""What every backend checks before it works: who calls, and with what."""

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gateway.errors import Invalid
from gateway.wire.model_card import ModelCard, TensorSpec


class Owner:
    """The thread that loaded a backend; any other one gets a RuntimeError, which is a bug."""

    def __init__(self) -> None:
        self._thread: int | None = None

    def check(self) -> None:
        if self._thread is not None and self._thread != threading.get_ident():
            raise RuntimeError("a backend belongs to the thread that loaded it")

    def take(self) -> None:
        self._thread = threading.get_ident()

    def release(self) -> None:
        self._thread = None


def check_inputs(card: ModelCard, inputs: Sequence[npt.NDArray[np.generic]]) -> None:
    """Raises `Invalid("model_input")` where count, shapes or dtypes are not the card's."""
    check_tensors(card.id, card.inputs, inputs)


def check_tensors(model: str, specs: Sequence[TensorSpec], inputs: Sequence[npt.NDArray[np.generic]]) -> None:
    """The same for tensors that may be others than the card's own."""
    given = [(value.shape, value.dtype.name) for value in inputs]
    wanted = [(spec.shape, spec.dtype) for spec in specs]
    if given != wanted:
        raise Invalid("model_input", model=model, wanted=str(wanted), given=str(given))
