"""The CPU backend: one TensorFlow Lite model in the classic interpreter, on one thread."""

import logging
from collections.abc import Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from gateway.errors import Invalid, Refused
from gateway.models import files
from gateway.models.owner import Owner, check_inputs
from gateway.models.runtime import interpreter_class
from gateway.models.tensors import locate
from gateway.models.tflite import compiled_for_tpu
from gateway.wire.model_card import ModelCard

_log = logging.getLogger(__name__)

Array = npt.NDArray[np.generic]


class LiteRtBackend:
    """Implements `seams.Backend`. The thread that loads owns it: any other one gets a RuntimeError, which is a bug.

    One compute thread: more gain nothing on shared cores, models run in parallel by having a backend each.
    """

    def __init__(self) -> None:
        self._owner = Owner()
        self._interpreter: Any = None
        self._card: ModelCard | None = None
        self._inputs: tuple[int, ...] = ()
        self._outputs: tuple[int, ...] = ()

    def load(self, card: ModelCard, file: Path) -> None:
        """Raises `Refused`: "model_missing", "model_unreadable", "model_hash", "model_invalid", "model_needs_tpu",
        "model_tensors", "runtime_missing". Holds the interpreter lock while the model is prepared."""
        self._owner.check()
        with files.opened(file, card.sha256, card.bytes) as stream:
            _refuse_tpu(stream, card)
            interpreter = _open(stream, card)
        self._inputs = locate(card.inputs, interpreter.get_input_details(), card.id, "input")
        self._outputs = locate(card.outputs, interpreter.get_output_details(), card.id, "output")
        self._interpreter, self._card = interpreter, card
        self._owner.take()
        _log.info("model %s loaded from %s", card.id, file.name)

    def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """Raises `Invalid`: "model_input" (wrong count, shape or dtype), "model_failed" (the runtime gave up)."""
        self._owner.check()
        if self._card is None:
            raise RuntimeError("infer before load")
        check_inputs(self._card, inputs)
        try:
            for index, value in zip(self._inputs, inputs, strict=True):
                self._interpreter.set_tensor(index, value)
            self._interpreter.invoke()
            return tuple(self._interpreter.get_tensor(index) for index in self._outputs)
        except (RuntimeError, ValueError) as error:
            raise Invalid("model_failed", model=self._card.id, cause=str(error)[:200]) from None

    def close(self) -> None:
        """Frees the model; may be called twice, and then `load` may be called again."""
        self._owner.check()
        self._interpreter = self._card = None
        self._owner.release()


def _refuse_tpu(stream: BinaryIO, card: ModelCard) -> None:
    with mmap(stream.fileno(), 0, access=ACCESS_READ) as data:
        if compiled_for_tpu(data):
            raise Refused("model_needs_tpu", model=card.id, hint="compiled for an Edge TPU; the CPU needs its twin")


def _open(stream: BinaryIO, card: ModelCard) -> Any:
    """Through the descriptor of the checked file, so that what was checked is what runs; the runtime maps it, which
    costs no memory of its own as handing over the bytes would."""
    try:
        interpreter = interpreter_class()(model_path=f"/proc/self/fd/{stream.fileno()}", num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise Refused("model_invalid", model=card.id, cause=str(error)[:200]) from None
    return interpreter
