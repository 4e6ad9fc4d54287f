"""One model in the accelerator's process: its interpreter and the memory its tensors are exchanged through."""

import mmap
from typing import Any

import numpy as np

from gateway.errors import Refused
from gateway.models.runtime import interpreter_class
from gateway.models.tensors import locate
from gateway.models.tflite import compiled_for_tpu
from gateway.models.tpu import shared
from gateway.models.tpu.errors import TpuFailed
from gateway.models.tpu.protocol import LoadOrder


class Runner:
    """`run` answers from and into the shared memory."""

    def __init__(self, interpreter: Any, area: shared.Area, order: LoadOrder) -> None:
        self._interpreter = interpreter
        inputs = locate(order.inputs, interpreter.get_input_details(), order.model, "input")
        outputs = locate(order.outputs, interpreter.get_output_details(), order.model, "output")
        self._inputs = tuple(zip(inputs, area.inputs, strict=True))
        self._outputs = tuple(zip(outputs, area.outputs, strict=True))

    def run(self) -> None:
        """Raises `TpuFailed("tpu_invoke_failed")`."""
        try:
            self._run()
        except (RuntimeError, ValueError, TypeError) as error:
            raise TpuFailed("tpu_invoke_failed", cause=_last_line(error)) from None

    def _run(self) -> None:
        for index, view in self._inputs:
            self._interpreter.set_tensor(index, view)
        self._interpreter.invoke()
        for index, view in self._outputs:
            np.copyto(view, self._interpreter.tensor(index)(), casting="no")


def load(delegate: Any, order: LoadOrder, file: int, memory: int) -> Runner:
    """From two descriptors, which stay the caller's; `delegate` None means the processor.

    Raises `TpuFailed`: "tpu_prepare_failed", "tpu_model_refused"."""
    _check_kind(file, compiled=delegate is not None)
    delegates = None if delegate is None else [delegate]
    try:
        interpreter = interpreter_class()(
            model_path=f"/proc/self/fd/{file}", num_threads=1, experimental_delegates=delegates
        )
        interpreter.allocate_tensors()
    except ValueError as error:
        raise TpuFailed("tpu_model_refused", cause=_last_line(error)) from None
    except RuntimeError as error:
        raise TpuFailed("tpu_prepare_failed", cause=_last_line(error)) from None
    try:
        return Runner(interpreter, shared.attach(memory, order.inputs, order.outputs), order)
    except Refused as error:
        raise TpuFailed("tpu_model_refused", cause=str(error)) from None


def _check_kind(file: int, *, compiled: bool) -> None:
    """A plain model would run on the processor without anybody noticing, a compiled one nowhere else than here."""
    try:
        with mmap.mmap(file, 0, access=mmap.ACCESS_READ) as data:
            found = compiled_for_tpu(data)
    except (Refused, ValueError, OSError) as error:
        raise TpuFailed("tpu_model_refused", cause=str(error)) from None
    if found != compiled:
        cause = "it is not compiled for an Edge TPU" if compiled else "it is compiled for an Edge TPU"
        raise TpuFailed("tpu_model_refused", cause=cause)


def _last_line(error: Exception) -> str:
    """The runtime's text grows with every failure; its end is about this one."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][-300:]
