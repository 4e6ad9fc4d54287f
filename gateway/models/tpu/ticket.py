"""One question on its way to the accelerator, so that it is answered once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.errors import GatewayError, Transient
from gateway.models.tpu.scheduler import Request

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """`outputs` in the types of the accelerator's tensors; seconds it ran and, before that, waited."""

    outputs: tuple[Array, ...]
    took_s: float
    waited_s: float


class Ticket:
    """Whoever asked waits on their thread, whoever answers settles it on another: the first of settling and giving up
    decides, the other one is told that it came too late. `taken` once it runs."""

    def __init__(self, request: Request, inputs: Sequence[Array]) -> None:
        self.request = request
        self.inputs = inputs
        self.taken = False
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._given_up = False
        self._result: Answer | GatewayError | None = None

    def settle(self, result: Answer | GatewayError) -> bool:
        """An answer, or why there is none. False where it was given up before."""
        with self._lock:
            if self._given_up:
                return False
            self._result = result
            self._settled.set()
            return True

    def wait(self, seconds: float) -> Answer:
        """Raises what it was settled with, or `Transient("tpu_late")` after giving up."""
        self._settled.wait(seconds)
        with self._lock:
            self._given_up = self._result is None
            if self._result is None:
                raise Transient("tpu_late", model=self.request.model, waited_s=round(seconds, 3))
            if isinstance(self._result, GatewayError):
                raise self._result
            return self._result
