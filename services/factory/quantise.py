"""Keras models as .tflite, with floats or with int8 throughout (TensorFlow's converter).

Post-training quantisation as in B. Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference" (arXiv:1712.05877): one scale per filter, activation ranges from samples.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from gateway.errors import Refused
from services.factory.lint import lint
from services.factory.selective import Range, float_heads

Floats = npt.NDArray[np.float32]
Sample = Floats | tuple[Floats, ...]
"""One case, a tensor per input of the model, each with or without its leading batch of 1."""


def to_float(model: Any) -> bytes:
    """float32 throughout, batch 1, all shapes fixed. `model` is a `keras.Model`."""
    return bytes(_converter(model).convert())


def to_int8(model: Any, samples: Iterable[Sample], *, keep_float_heads: bool = False) -> bytes:
    """int8 inputs, weights, activations and outputs; `samples` set the ranges and nothing else.

    With `keep_float_heads` the operators that make the outputs stay float, and so do inputs and outputs: where one
    scale over all outputs destroys them. Raises `Refused("no_samples")`, and `Refused("not_int8")` where the converter
    left something float that ought not to be."""
    cases = [_batched(sample, model) for sample in samples]
    if not cases:
        raise Refused("no_samples", hint="int8 ranges are read from what the model makes of samples")
    if keep_float_heads:
        return float_heads(to_float(model), cases, inputs=_range(cases))
    return _converted(model, cases)


def _converted(model: Any, cases: list[list[Floats]]) -> bytes:
    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: iter(cases)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    data = bytes(converter.convert())
    if not lint(data).int8_complete:
        raise Refused("not_int8", model=model.name)
    return data


def _range(cases: list[list[Floats]]) -> Range:
    """Of everything that was given."""
    values = [value for case in cases for value in case]
    return min(float(np.min(value)) for value in values), max(float(np.max(value)) for value in values)


def _converter(model: Any) -> Any:
    """From a traced function with a batch of 1: the converter would leave the batch open otherwise. It gets no model to
    go with it, which makes it freeze the weights; as variables they could not be calibrated."""
    specs = [tf.TensorSpec((1, *tensor.shape[1:]), tensor.dtype, name=tensor.name) for tensor in model.inputs]
    whole = tf.function(lambda *inputs: model(list(inputs) if len(inputs) > 1 else inputs[0], training=False))
    return tf.lite.TFLiteConverter.from_concrete_functions([whole.get_concrete_function(*specs)])


def _batched(sample: Sample, model: Any) -> list[Floats]:
    given = sample if isinstance(sample, tuple) else (sample,)
    return list(_shaped(given, model))


def _shaped(given: tuple[Floats, ...], model: Any) -> Iterator[Floats]:
    for value, tensor in zip(given, model.inputs, strict=True):
        yield np.asarray(value, np.float32).reshape((1, *tensor.shape[1:]))
