"""A .tflite as lists of tensors and operators, read without any runtime.

Field numbers are those of the public schema (tensorflow/lite/schema/schema.fbs, version 3).
"""

from dataclasses import dataclass
from math import prod
from typing import TypeVar

from gateway.errors import Refused
from gateway.models.tflite import IDENTIFIER
from services.factory.tables import Table, root

_DTYPES = {
    0: "float32", 1: "float16", 2: "int32", 3: "uint8", 4: "int64", 5: "string", 6: "bool", 7: "int16",
    8: "complex64", 9: "int8", 10: "float64", 12: "uint64", 15: "uint32", 16: "uint16", 17: "int4", 18: "bfloat16",
}  # fmt: skip
CUSTOM = 32
_NO_TENSOR = -1

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatTensor:
    """`shape` has -1 where an axis is not fixed. `scales` is empty for a tensor that is not quantised; `constant`
    ones lie in the file, `bytes` of them."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    constant: bool
    bytes: int

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatOperator:
    """`code` is the number in the schema, `custom` the name of one that is not TFLite's own; `options` its table of
    options. Inputs that an operator leaves out are None."""

    code: int
    version: int
    custom: str
    inputs: tuple[FlatTensor | None, ...]
    outputs: tuple[FlatTensor, ...]
    options: Table | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatModel:
    """`operators` in execution order, those of the first subgraph; `subgraphs` is how many there are."""

    operators: tuple[FlatOperator, ...]
    inputs: tuple[FlatTensor, ...]
    outputs: tuple[FlatTensor, ...]
    subgraphs: int


def read_model(data: bytes) -> FlatModel:
    """Raises `Refused("model_invalid")` for a damaged file or one that is not TFLite's."""
    model = root(data, IDENTIFIER)
    subgraphs, buffers = model.tables(2), model.tables(4)
    if not subgraphs:
        raise Refused("model_invalid", cause="no graph in the file")
    graph = subgraphs[0]
    tensors = tuple(_tensor(table, buffers) for table in graph.tables(0))
    codes = model.tables(1)
    return FlatModel(
        operators=tuple(_operator(table, codes, tensors) for table in graph.tables(3)),
        inputs=tuple(_pick(tensors, index) for index in graph.integers(1)),
        outputs=tuple(_pick(tensors, index) for index in graph.integers(2)),
        subgraphs=len(subgraphs),
    )


def _tensor(table: Table, buffers: tuple[Table, ...]) -> FlatTensor:
    buffer = _pick(buffers, table.integer(2, "I")) if buffers else None
    stored = 0 if buffer is None else buffer.length(0) or buffer.integer(2, "Q")
    quantised = table.table(4)
    scales = () if quantised is None else tuple(float(scale) for scale in quantised.numbers(2, "f"))
    return FlatTensor(
        name=table.text(3),
        shape=table.integers(7) or table.integers(0),
        dtype=_DTYPES.get(table.integer(1, "b"), f"type_{table.integer(1, 'b')}"),
        scales=scales,
        zero_points=() if quantised is None else quantised.integers(3, "q"),
        constant=stored > 0,
        bytes=stored,
    )


def _operator(table: Table, codes: tuple[Table, ...], tensors: tuple[FlatTensor, ...]) -> FlatOperator:
    code = _pick(codes, table.integer(0, "I"))
    return FlatOperator(
        code=max(code.integer(0, "b"), code.integer(3, "i")),
        version=code.integer(2, "i", 1),
        custom=code.text(1),
        inputs=tuple(None if i == _NO_TENSOR else _pick(tensors, i) for i in table.integers(1)),
        outputs=tuple(_pick(tensors, i) for i in table.integers(2)),
        options=table.table(4),
    )


def _pick(entries: tuple[T, ...], index: int) -> T:
    if not 0 <= index < len(entries):
        raise Refused("model_invalid", cause="an index points nowhere")
    return entries[index]
