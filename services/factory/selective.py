"""int8 where it does no harm, floats where it does (ai-edge-quantizer, on any float .tflite).

The quantiser has three silent traps with older files: it needs a signature, it reads only the new field of an
operator's code (and takes every operator for ADD where that is missing), and it does not see weights through a
DEQUANTIZE. `mended` removes all three.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils
from ai_edge_quantizer import quantizer, recipe

from gateway.errors import Refused
from services.factory.flatmodel import FlatModel, read_model

Floats = npt.NDArray[np.float32]
Range = tuple[float, float]
"""Least and greatest value."""

SIGNATURE = "serving_default"
_NOTHING = "(?!)"


_PASSED_ON = {2, 14, 22, 25, 28}
"""CONCATENATION, LOGISTIC, RESHAPE, SOFTMAX, TANH: behind the layer that weighs."""


def float_heads(data: bytes, cases: Sequence[Sequence[Floats]], *, inputs: Range, headroom: float = 1.0) -> bytes:
    """int8 but for the last weighing layer before each output, and what follows it; otherwise as `int8_backbone`."""
    names = _heads(read_model(data))
    keep = "|".join(re.escape(name) for name in sorted(names))
    return int8_backbone(data, cases, inputs=inputs, keep=keep, headroom=headroom)


def _heads(model: FlatModel) -> set[str]:
    names = {tensor.name for tensor in model.outputs}
    for operator in reversed(model.operators):
        if operator.outputs[0].name in names and operator.code in _PASSED_ON:
            names |= {tensor.name for tensor in operator.inputs if tensor is not None and not tensor.constant}
    return names


def int8_backbone(
    data: bytes, cases: Sequence[Sequence[Floats]], *, inputs: Range, keep: str = _NOTHING, headroom: float = 1.0
) -> bytes:
    """`data` is a float .tflite, `cases` its inputs in order, which set the activation ranges; operators whose output's
    name matches the regular expression `keep` stay float. Inputs and outputs are int8 unless a kept operator takes or
    gives them.

    `inputs` is the range that every input is made for, as black and white are known without samples. `headroom` widens
    all other ranges: samples that are tamer than life would clip life otherwise.

    Raises `Refused("quantiser_failed")`."""
    whole = mended(data)
    names = [pair.name.decode() for pair in _object(whole).signatureDefs[0].inputs]
    worker = quantizer.Quantizer(bytearray(whole), recipe.static_wi8_ai8())
    worker.update_quantization_recipe(
        regex=keep, operation_name=recipe.TFLOperationName.ALL_SUPPORTED, algorithm_key=recipe.AlgorithmName.NO_QUANTIZE
    )
    try:
        ranges = worker.calibrate({SIGNATURE: [dict(zip(names, case, strict=True)) for case in cases]})
        given = {tensor.name for tensor in read_model(whole).inputs}
        quantised = worker.quantize(_widened(ranges, dict.fromkeys(given, inputs), headroom)).quantized_model
    except (ValueError, RuntimeError) as error:
        raise Refused("quantiser_failed", cause=str(error)[:200]) from None
    return bytes(quantised or b"")


def _widened(ranges: Any, given: Mapping[str, Range], headroom: float) -> Any:
    """The quantiser's own record by tensor, its "min" and "max" replaced; other entries stay."""
    widened = {}
    for name, found in ranges.items():
        low, high = given.get(name) or (headroom * found["min"], headroom * found["max"])
        edges = {"min": np.full_like(found["min"], low), "max": np.full_like(found["max"], high)}
        widened[name] = {**found, **edges}
    return widened


def mended(data: bytes) -> bytes:
    """The same network with a signature, complete operator codes and plain float32 weights."""
    model = _object(data)
    for code in model.operatorCodes:
        code.builtinCode = max(code.builtinCode, code.deprecatedBuiltinCode)
    _fold_weights(model)
    if not model.signatureDefs:
        model.signatureDefs = [_signature(model.subgraphs[0])]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _fold_weights(model: Any) -> None:
    """float16 constants behind a DEQUANTIZE become float32 constants."""
    graph = model.subgraphs[0]
    kept = []
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        source = graph.tensors[operator.inputs[0]]
        stored = model.buffers[source.buffer].data
        if code != schema.BuiltinOperator.DEQUANTIZE or stored is None or source.type != schema.TensorType.FLOAT16:
            kept.append(operator)
            continue
        values = np.frombuffer(bytes(stored), "<f2").astype("<f4")
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        graph.tensors[operator.outputs[0]].buffer = len(model.buffers)
        model.buffers.append(buffer)
        model.buffers[source.buffer].data = None
    graph.operators = kept
    _drop_unused(graph)


def _drop_unused(graph: Any) -> None:
    """Tensors that no operator names any more."""
    operators = graph.operators
    used = [*graph.inputs, *graph.outputs]
    used += [i for operator in operators for i in (*operator.inputs, *operator.outputs) if i >= 0]
    places = {old: new for new, old in enumerate(sorted(set(used)))}
    graph.tensors = [graph.tensors[old] for old in places]
    for holder in (graph, *operators):
        holder.inputs = [places.get(i, i) for i in holder.inputs]
        holder.outputs = [places[i] for i in holder.outputs]


def _signature(graph: Any) -> Any:
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = SIGNATURE.encode(), 0
    signature.inputs = [_named(graph, index) for index in graph.inputs]
    signature.outputs = [_named(graph, index) for index in graph.outputs]
    return signature


def _named(graph: Any, index: int) -> Any:
    pair = schema.TensorMapT()
    pair.name, pair.tensorIndex = graph.tensors[index].name, index
    return pair


def _object(data: bytes) -> Any:
    return flatbuffer_utils.read_model_from_bytearray(bytearray(data))
