"""A graph as a TFLite FlatBuffer (schema version 3, identifier "TFL3").

Field numbers and codes are those of the public schema of TensorFlow Lite (tensorflow/lite/schema/schema.fbs). The bytes
depend on the graph alone: same graph, same SHA-256.
"""

from collections.abc import Sequence

import flatbuffers  # type: ignore[import-untyped]
import numpy as np

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
from gateway.models.graph import Graph, Operator, Tensor
from gateway.models.operators import Op

Code = tuple[Op, int]
"""An operator and its version."""

SCHEMA_VERSION = 3
_DTYPES = {np.dtype(np.float32): 0, np.dtype(np.int32): 2, np.dtype(np.uint8): 3, np.dtype(np.int8): 9}


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


def _code(operator: Operator) -> Code:
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


def _tensor(builder: flatbuffers.Builder, tensor: Tensor, index: int) -> int:
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


def _operator(builder: flatbuffers.Builder, operator: Operator, code: int) -> int:
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
