"""A network of ours as ONNX: the same tensors in and out as its TFLite file, so that one card fits both.

Operators as in the ONNX specification, opset 21. Pictures stay `[1, height, width, channels]` outside; inside they are
turned to ONNX's channels-first order.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from gateway.errors import Refused
from gateway.models.graph import Graph, Operator, Tensor
from gateway.models.operators import Op, Padding

Array = npt.NDArray[np.generic]

OPSET = 21
IR_VERSION = 10

_CHANNELS_FIRST = (0, 3, 1, 2)
_CHANNELS_LAST = (0, 2, 3, 1)


def export(graph: Graph, description: str) -> bytes:
    """The .onnx of a float32 network; equal graphs give equal bytes.

    Raises `Refused`: "onnx_operator" for an operator, "onnx_quantised" for weights, that are not translated."""
    work = _Export(graph)
    for operator in graph.operators:
        work.add(operator)
    model = helper.make_model(
        work.finished(),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="hearthgate",
        doc_string=description,
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


class _Export:
    """One graph under way. Four-dimensional tensors are named "/N" and channels first between the operators."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        for index in graph.inputs:
            self._turn(self._tensor(index).name, f"/{index}", index, _CHANNELS_FIRST)

    def finished(self) -> Any:
        graph = self._graph
        for index in graph.outputs:
            self._turn(f"/{index}", self._tensor(index).name, index, _CHANNELS_LAST)
        inputs, outputs = (
            [helper.make_tensor_value_info(t.name, TensorProto.FLOAT, t.shape) for t in map(self._tensor, indices)]
            for indices in (graph.inputs, graph.outputs)
        )
        return helper.make_graph(self._nodes, graph.name, inputs, outputs, self._constants)

    def add(self, operator: Operator) -> None:
        match operator.op:
            case Op.CONV_2D:
                self._convolve(operator)
            case Op.MAX_POOL_2D | Op.AVERAGE_POOL_2D:
                self._pool(operator)
            case Op.PAD:
                paddings = self._values(operator.inputs[1])[list(_CHANNELS_FIRST)]
                self._node("Pad", operator, self._constant(paddings.T.ravel().astype(np.int64)))
            case Op.ADD:
                other = f"/{operator.inputs[1]}"
                self._node("Add", operator, other, relu=_field(operator, 0) == 1)
            case Op.MEAN:
                axes = [_CHANNELS_FIRST.index(int(axis)) for axis in self._values(operator.inputs[1]).tolist()]
                self._node("ReduceMean", operator, self._constant(np.asarray(axes, np.int64)), keepdims=0)
            case Op.FULLY_CONNECTED:
                weights = [self._constant(self._values(index)) for index in operator.inputs[1:]]
                self._node("Gemm", operator, *weights, transB=1)
            case _:
                raise Refused("onnx_operator", operator=operator.op.name)

    def _convolve(self, operator: Operator) -> None:
        image, filters, bias = operator.inputs
        kernel, stride = self._tensor(filters).shape[1:3], (_field(operator, 2), _field(operator, 1))
        pads = [0, 0, 0, 0]
        if _field(operator, 0) == Padding.SAME:
            pads = _same(self._tensor(image).shape[1:3], kernel, stride)
        weights = self._constant(self._values(filters).transpose(_CHANNELS_FIRST)), self._constant(self._values(bias))
        self._node("Conv", operator, *weights, strides=stride, pads=pads, relu=_field(operator, 3) == 1)

    def _pool(self, operator: Operator) -> None:
        if _field(operator, 0) != Padding.VALID:
            raise Refused("onnx_operator", operator=f"{operator.op.name} with padding")
        kind = "MaxPool" if operator.op is Op.MAX_POOL_2D else "AveragePool"
        strides, kernel = (_field(operator, 2), _field(operator, 1)), (_field(operator, 4), _field(operator, 3))
        self._node(kind, operator, strides=strides, kernel_shape=kernel)

    def _node(self, kind: str, operator: Operator, *more: str, relu: bool = False, **attributes: object) -> None:
        """`more` are the inputs after the first; `relu` puts one behind."""
        output = f"/{operator.output}"
        made = f"{output}/linear" if relu else output
        self._nodes.append(helper.make_node(kind, [f"/{operator.inputs[0]}", *more], [made], **attributes))
        if relu:
            self._nodes.append(helper.make_node("Relu", [made], [output]))

    def _turn(self, given: str, made: str, index: int, order: tuple[int, ...]) -> None:
        if len(self._tensor(index).shape) == len(order):
            self._nodes.append(helper.make_node("Transpose", [given], [made], perm=order))
        else:
            self._nodes.append(helper.make_node("Identity", [given], [made]))

    def _constant(self, values: Array) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _values(self, index: int) -> Array:
        tensor = self._tensor(index)
        if tensor.data is None or tensor.scales:
            raise Refused("onnx_quantised", tensor=tensor.name)
        return np.frombuffer(tensor.data, tensor.dtype.newbyteorder("<")).reshape(tensor.shape)

    def _tensor(self, index: int) -> Tensor:
        return self._graph.tensors[index]


def _field(operator: Operator, number: int) -> int:
    return int(operator.options.fields[number].value)


def _same(size: Sequence[int], kernel: Sequence[int], stride: Sequence[int]) -> list[int]:
    """TensorFlow's "SAME": an answer per stride, what is odd goes behind. All begins, then all ends."""
    missing = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, stride, strict=True)]
    return [each // 2 for each in missing] + [each - each // 2 for each in missing]
