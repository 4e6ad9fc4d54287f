"""What keeps a model off the Edge TPU, or its compiler from taking it at all.

A finding "blocks" where the compiler would give up, and leaves work on the "cpu" where it would compile all the same.
Rules: coral.ai, "TensorFlow models on the Edge TPU" (model requirements); versions: `services.factory.tpu_ops`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.factory.flatmodel import CUSTOM, FlatModel, FlatOperator, FlatTensor
from services.factory.tpu_ops import TPU_OPS

_QUANTISED = {"int8", "uint8"}
_BORDER = {6, 114}
"""DEQUANTIZE and QUANTIZE: where floats come in and go out."""
_TPU_BINARY = "edgetpu-custom-op"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`key` names the rule, `where` the operator or tensor."""

    kind: Literal["blocks", "cpu"]
    key: str
    where: str
    message: str


def name(operator: FlatOperator) -> str:
    """As the compiler's log calls it."""
    if operator.code == CUSTOM:
        return operator.custom or "CUSTOM"
    known = TPU_OPS.get(operator.code)
    return known.name if known else f"BUILTIN_{operator.code}"


def findings_of(model: FlatModel) -> Iterator[Finding]:
    """Of the whole model first, then operator by operator, then of the shapes."""
    if model.subgraphs > 1:
        yield _blocks("subgraphs", "model", f"{model.subgraphs} subgraphs; the compiler takes one")
    if any(operator.custom == _TPU_BINARY for operator in model.operators):
        yield _blocks("compiled", "model", "already compiled for an Edge TPU")
    if not any(_quantised(t) for operator in model.operators for t in operator.outputs):
        yield _blocks("not_quantised", "model", "no operator works on int8 or uint8")
    for place, operator in enumerate(model.operators):
        yield from _of_operator(f"{name(operator)} #{place}", operator)
    for tensor in _activations(model):
        yield from _of_shape(tensor)


def _of_operator(where: str, operator: FlatOperator) -> Iterator[Finding]:
    known = TPU_OPS.get(operator.code)
    if known is None:
        yield _cpu("unsupported", where, "not an operator of the accelerator")
        return
    if operator.version > known.newest:
        told = f"version {operator.version}; the compiler knows up to {known.newest}"
        yield _blocks("version", where, told)
    if operator.code in _BORDER:
        return
    if not known.mapped:
        yield _cpu("unsupported", where, "not an operator of the accelerator")
    if computes_with_floats(operator):
        yield _cpu("float", where, "computes with floats: " + ", ".join(_float_names(operator)))
    elif _weights_missing(operator):
        yield _cpu("weights", where, "weights are not in the file but computed")


def _of_shape(tensor: FlatTensor) -> Iterator[Finding]:
    if any(side < 0 for side in tensor.shape):
        yield _blocks("dynamic", tensor.name, f"shape {tensor.shape} is not fixed")
    elif len(tensor.shape) > 1 and tensor.shape[0] > 1 and len(tensor.shape) == 4:
        yield _cpu("batch", tensor.name, f"shape {tensor.shape}: batch of more than 1")
    elif any(side > 1 for side in tensor.shape[:-3]):
        yield _cpu("rank", tensor.name, f"shape {tensor.shape}: only the three inner axes may be longer than 1")


def _activations(model: FlatModel) -> list[FlatTensor]:
    """Every tensor that is given, or computed from something that is not constant, once."""
    found = {tensor.name: tensor for tensor in model.inputs}
    for operator in model.operators:
        if any(tensor is not None and not tensor.constant for tensor in operator.inputs):
            found |= {tensor.name: tensor for tensor in operator.outputs}
    return list(found.values())


def computes_with_floats(operator: FlatOperator) -> bool:
    return operator.code not in _BORDER and bool(_float_names(operator))


def _float_names(operator: FlatOperator) -> list[str]:
    given = [tensor for tensor in (*operator.inputs, *operator.outputs) if tensor is not None]
    return [tensor.name for tensor in given if tensor.dtype.startswith(("float", "bfloat"))]


def _weights_missing(operator: FlatOperator) -> bool:
    """Convolutions and dense layers: the second input must be constant."""
    if operator.code not in {3, 4, 9} or len(operator.inputs) < 2:
        return False
    weights = operator.inputs[1]
    return weights is None or not weights.constant


def _quantised(tensor: FlatTensor) -> bool:
    return tensor.dtype in _QUANTISED and bool(tensor.scales)


def _blocks(key: str, where: str, message: str) -> Finding:
    return Finding(kind="blocks", key=key, where=where, message=message)


def _cpu(key: str, where: str, message: str) -> Finding:
    return Finding(kind="cpu", key=key, where=where, message=message)
