"""A TensorFlow Lite model put together by hand, without TensorFlow.

`Graph` collects tensors and operators in execution order; `gateway.models.serialise` writes them to a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.models.operators import Op, Options

Floats = npt.NDArray[np.float32]
Array = Floats | npt.NDArray[np.int32] | npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    data: bytes | None = None
    scales: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    op: Op
    inputs: tuple[int, ...]
    output: int
    options: Options


class Graph:
    """One subgraph; tensors are named by the index that adding them returns."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs: list[int] = []
        self.outputs: list[int] = []
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []

    def input(self, name: str, shape: tuple[int, ...], dtype: type[np.generic] = np.float32) -> int:
        self.inputs.append(self._tensor(name, shape, np.dtype(dtype)))
        return self.inputs[-1]

    def constant(self, name: str, values: Array, scales: Floats | None = None) -> int:
        """Weights, biases, paddings; stored little-endian and row by row. `scales` has one factor per entry of the
        first axis where `values` are quantised (zero points are 0)."""
        data = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
        factors = () if scales is None else tuple(scales.tolist())
        return self._tensor(name, values.shape, values.dtype, data, factors)

    def operate(self, op: Op, inputs: Sequence[int], shape: tuple[int, ...], options: Options, name: str = "") -> int:
        """Add an operator; `shape` is its output's. Inputs must exist already."""
        dtype = self.tensors[inputs[0]].dtype
        output = self._tensor(name or f"{op.name.lower()}_{len(self.operators)}", shape, dtype)
        self.operators.append(Operator(op=op, inputs=tuple(inputs), output=output, options=options))
        return output

    def output(self, tensor: int) -> None:
        self.outputs.append(tensor)

    def shape(self, tensor: int) -> tuple[int, ...]:
        return self.tensors[tensor].shape

    def _tensor(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[np.generic],
        data: bytes | None = None,
        scales: tuple[float, ...] = (),
    ) -> int:
        self.tensors.append(Tensor(name=name, shape=shape, dtype=dtype, data=data, scales=scales))
        return len(self.tensors) - 1
