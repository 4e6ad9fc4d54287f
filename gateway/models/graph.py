"""A TensorFlow Lite model put together by hand, without TensorFlow.

`Graph` collects tensors and operators in execution order; `serialise` writes them as a TFLite FlatBuffer (schema
version 3, identifier "TFL3"). Field numbers and codes are those of the public schema of TensorFlow Lite
(tensorflow/lite/schema/schema.fbs). The bytes depend on the input alone: same graph, same SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from gateway.models.flattable import (
    blob,
    byte,
    flag,
    float32s,
    int32,
    int32s,
    int64s,
    offset,
    offsets,
    table,
    ubyte,
    uint32,
)
from gateway.models.operators import Op, Options

Floats = npt.NDArray[np.float32]
Array = Floats | npt.NDArray[np.int32] | npt.NDArray[np.int8]

Code = tuple[Op, int]
"""An operator and its version."""

SCHEMA_VERSION = 3
_DTYPES = {np.dtype(np.float32): 0, np.dtype(np.int32): 2, np.dtype(np.uint8): 3, np.dtype(np.int8): 9}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tensor:
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    data: bytes | None = None
    scales: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operator:
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
        self.tensors: list[_Tensor] = []
        self.operators: list[_Operator] = []

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
        self.operators.append(_Operator(op=op, inputs=tuple(inputs), output=output, options=options))
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
        self.tensors.append(_Tensor(name=name, shape=shape, dtype=dtype, data=data, scales=scales))
        return len(self.tensors) - 1


def serialise(graph: Graph, description: str) -> bytes:
    """The model file. `description` is stored in it for people."""
    weights = sum(len(tensor.data or b"") for tensor in graph.tensors)
    builder = flatbuffers.Builder(weights + 65536)
    buffers = _buffers(builder, graph)
    codes = sorted({_code(operator) for operator in graph.operators})
    subgraph = offsets(builder, [_subgraph(builder, graph, codes)])
    fields = {
        0: uint32(SCHEMA_VERSION),
        1: offset(offsets(builder, [_operator_code(builder, *code) for code in codes])),
        2: offset(subgraph),
        3: offset(builder.CreateString(description)),
        4: offset(buffers),
        7: offset(offsets(builder, [_signature(builder, graph)])),
    }
    builder.Finish(table(builder, 8, fields), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _buffers(builder: flatbuffers.Builder, graph: Graph) -> int:
    """Buffer 0 is the schema's empty one; buffer n + 1 belongs to tensor n."""
    tables = [table(builder, 1, {})]
    for tensor in graph.tensors:
        fields = {} if tensor.data is None else {0: offset(blob(builder, tensor.data))}
        tables.append(table(builder, 1, fields))
    return offsets(builder, tables)


def _code(operator: _Operator) -> Code:
    return operator.op, operator.options.version


def _operator_code(builder: flatbuffers.Builder, op: Op, version: int) -> int:
    """Both the old and the new code field: readers that know only one of them take a missing one for ADD."""
    return table(builder, 4, {0: byte(op), 2: int32(version), 3: int32(op)})


def _subgraph(builder: flatbuffers.Builder, graph: Graph, codes: Sequence[Code]) -> int:
    tensors = offsets(builder, [_tensor(builder, t, i) for i, t in enumerate(graph.tensors)])
    operators = offsets(builder, [_operator(builder, o, codes.index(_code(o))) for o in graph.operators])
    fields = {
        0: offset(tensors),
        1: offset(int32s(builder, graph.inputs)),
        2: offset(int32s(builder, graph.outputs)),
        3: offset(operators),
        4: offset(builder.CreateString(graph.name)),
    }
    return table(builder, 5, fields)


def _tensor(builder: flatbuffers.Builder, tensor: _Tensor, index: int) -> int:
    fields = {
        0: offset(int32s(builder, tensor.shape)),
        1: byte(_DTYPES[tensor.dtype]),
        2: uint32(0 if tensor.data is None else index + 1),
        3: offset(builder.CreateString(tensor.name)),
        8: flag(True),
    }
    if tensor.scales:
        fields[4] = offset(_quantisation(builder, tensor.scales))
    return table(builder, 9, fields)


def _quantisation(builder: flatbuffers.Builder, scales: Sequence[float]) -> int:
    """One scale per entry of axis 0."""
    fields = {2: offset(float32s(builder, scales)), 3: offset(int64s(builder, [0] * len(scales)))}
    return table(builder, 7, fields)


def _operator(builder: flatbuffers.Builder, operator: _Operator, code: int) -> int:
    fields = {
        0: uint32(code),
        1: offset(int32s(builder, operator.inputs)),
        2: offset(int32s(builder, [operator.output])),
        3: ubyte(operator.options.kind),
        4: offset(table(builder, operator.options.size, operator.options.fields)),
    }
    return table(builder, 9, fields)


def _signature(builder: flatbuffers.Builder, graph: Graph) -> int:
    inputs = offsets(builder, [_signature_tensor(builder, graph, index) for index in graph.inputs])
    outputs = offsets(builder, [_signature_tensor(builder, graph, index) for index in graph.outputs])
    key = builder.CreateString("serving_default")
    return table(builder, 5, {0: offset(inputs), 1: offset(outputs), 2: offset(key), 4: uint32(0)})


def _signature_tensor(builder: flatbuffers.Builder, graph: Graph, index: int) -> int:
    name = builder.CreateString(graph.tensors[index].name)
    return table(builder, 2, {0: offset(name), 1: uint32(index)})
