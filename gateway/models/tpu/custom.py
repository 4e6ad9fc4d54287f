"""A .tflite of nothing but one Edge TPU operator, as the compiler leaves it of a model that it could take whole.

Field numbers and codes are those of the public schema of TensorFlow Lite (tensorflow/lite/schema/schema.fbs).
"""

from collections.abc import Sequence

import flatbuffers  # type: ignore[import-untyped]

from gateway.models.flattable import (
    Slot,
    blob,
    byte,
    float32s,
    int32,
    int32s,
    int64s,
    offset,
    offsets,
    table,
    uint32,
)
from gateway.models.tflite import EDGE_TPU_OP, IDENTIFIER
from gateway.wire.model_card import TensorSpec

_CUSTOM = 32
_SCHEMA_VERSION = 3
_TYPES = {"float32": 0, "int32": 2, "uint8": 3, "int64": 4, "int8": 9}


def custom_model(inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], executable: bytes) -> bytes:
    """The file; `executable` is what the operator carries for the chip. b"" carries none, which a sound library
    refuses in order when it prepares the model."""
    builder = flatbuffers.Builder(4096 + len(executable))
    code = table(builder, 4, {0: byte(_CUSTOM), 1: offset(builder.CreateString(EDGE_TPU_OP)), 2: int32(1),
                              3: int32(_CUSTOM)})  # fmt: skip
    specs = [*inputs, *outputs]
    fields = {
        0: uint32(_SCHEMA_VERSION),
        1: offset(offsets(builder, [code])),
        2: offset(offsets(builder, [_subgraph(builder, specs, len(inputs), executable)])),
        4: offset(offsets(builder, [table(builder, 1, {})])),
    }
    builder.Finish(table(builder, 8, fields), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def _subgraph(builder: flatbuffers.Builder, specs: Sequence[TensorSpec], count: int, executable: bytes) -> int:
    given, answered = range(count), range(count, len(specs))
    fields: dict[int, Slot] = {1: offset(int32s(builder, given)), 2: offset(int32s(builder, answered))}
    if executable:
        fields[5] = offset(blob(builder, executable))
    operators = offsets(builder, [table(builder, 9, fields)])
    tensors = offsets(builder, [_tensor(builder, spec, place) for place, spec in enumerate(specs)])
    return table(
        builder,
        5,
        {
            0: offset(tensors),
            1: offset(int32s(builder, given)),
            2: offset(int32s(builder, answered)),
            3: offset(operators),
        },
    )


def _tensor(builder: flatbuffers.Builder, spec: TensorSpec, place: int) -> int:
    fields = {
        0: offset(int32s(builder, spec.shape)),
        1: byte(_TYPES[spec.dtype]),
        3: offset(builder.CreateString(spec.name or f"tensor_{place}")),
    }
    if spec.scale is not None:
        scale = {2: offset(float32s(builder, [spec.scale])), 3: offset(int64s(builder, [spec.zero_point or 0]))}
        fields[4] = offset(table(builder, 7, scale))
    return table(builder, 9, fields)
