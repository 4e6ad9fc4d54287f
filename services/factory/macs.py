"""Multiply-accumulate operations of one inference, counted from the file.

Convolutions, dense layers and products of matrices only, as is usual; additions, activations and pooling are left out.
"""

from math import prod

from services.factory.flatmodel import FlatOperator, FlatTensor, read_model


def macs(data: bytes) -> int:
    """Of a .tflite whose shapes are fixed. Raises `Refused("model_invalid")` for a damaged file."""
    return sum(_macs(operator) for operator in read_model(data).operators)


def _macs(operator: FlatOperator) -> int:
    count = _COUNTS.get(operator.code)
    if count is None or len(operator.inputs) < 2 or not operator.outputs:
        return 0
    return count(operator)


def _conv(operator: FlatOperator) -> int:
    """Filters are [C_out, height, width, C_in]."""
    return operator.outputs[0].size * prod(_shape(operator.inputs[1])[1:])


def _depthwise(operator: FlatOperator) -> int:
    """Filters are [1, height, width, C_out]."""
    return operator.outputs[0].size * prod(_shape(operator.inputs[1])[1:3])


def _dense(operator: FlatOperator) -> int:
    """Weights are [C_out, C_in]."""
    return operator.outputs[0].size * _shape(operator.inputs[1])[-1]


def _transposed(operator: FlatOperator) -> int:
    """Every input value meets every tap: inputs are the output's shape, filters as above, values."""
    taps = _shape(operator.inputs[1])
    return prod(_shape(operator.inputs[2])) * prod(taps[:3])


def _matmul(operator: FlatOperator) -> int:
    return operator.outputs[0].size * _shape(operator.inputs[0])[-1]


def _shape(tensor: FlatTensor | None) -> tuple[int, ...]:
    return (0,) if tensor is None or not tensor.shape else tensor.shape


_COUNTS = {3: _conv, 4: _depthwise, 9: _dense, 67: _transposed, 126: _matmul}
"""By the operator's number in the schema."""
