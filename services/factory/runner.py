"""A .tflite as a function of floats, and what it costs: on the runtime that gateways have, on one thread."""

import time
from collections.abc import Mapping
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from gateway.errors import Refused
from gateway.models.runtime import interpreter_class

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]


class Runner:
    """`run` quantises and dequantises where the file asks for integers, so that builds compare like with like."""

    def __init__(self, data: bytes) -> None:
        """Raises `Refused("model_invalid")`."""
        try:
            self._interpreter: Any = interpreter_class()(model_content=data, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise Refused("model_invalid", cause=str(error)[:200]) from None
        self._inputs = self._interpreter.get_input_details()
        self._outputs = self._interpreter.get_output_details()

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """As the runtime tells them: name, shape, dtype, quantization."""
        return list(self._inputs)

    @property
    def outputs(self) -> list[dict[str, Any]]:
        return list(self._outputs)

    def run(self, *values: Floats) -> tuple[Floats, ...]:
        """One float32 array per input and output, in the file's order."""
        for detail, value in zip(self._inputs, values, strict=True):
            self._interpreter.set_tensor(detail["index"], quantised(value, detail))
        self._interpreter.invoke()
        return tuple(_floats(self._interpreter.get_tensor(detail["index"]), detail) for detail in self._outputs)

    def took_ms(self) -> float:
        """Processor time of the calling thread for one more inference on what was last given."""
        began = time.thread_time()
        self._interpreter.invoke()
        return 1000 * (time.thread_time() - began)


def quantised(value: Floats, detail: Mapping[str, Any]) -> Array:
    """`value` as the tensor of the runtime's `detail` wants it."""
    dtype, (scale, zero) = np.dtype(detail["dtype"]), detail["quantization"]
    if dtype.kind == "f" or scale == 0:
        return np.asarray(value, dtype)
    limits = np.iinfo(dtype)
    return np.asarray(np.clip(np.rint(value / scale + zero), limits.min, limits.max), dtype)


def _floats(value: Array, detail: Mapping[str, Any]) -> Floats:
    scale, zero = detail["quantization"]
    if value.dtype.kind == "f" or scale == 0:
        return np.asarray(value, np.float32)
    return np.asarray((value.astype(np.float32) - zero) * scale, np.float32)


def cpu_ms(models: Mapping[str, bytes], rounds: int = 15) -> dict[str, float]:
    """Median over interleaved rounds, so that a change of the machine's pace meets all alike; noise as input."""
    rng = np.random.default_rng(0)
    runners = {name: Runner(data) for name, data in models.items()}
    for runner in runners.values():
        runner.run(*(rng.random(tuple(detail["shape"]), np.float32) for detail in runner.inputs))
    took: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(rounds):
        for name, runner in runners.items():
            took[name].append(runner.took_ms())
    return {name: median(each) for name, each in took.items()}
