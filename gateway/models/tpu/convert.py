"""Values between the types of two twins: a float model on the processor, a quantised one on the accelerator.

real = scale * (stored - zero_point), after the quantisation specification of TensorFlow Lite; a tensor without a scale
stores the real values themselves.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gateway.errors import Invalid
from gateway.wire.model_card import TensorSpec

Array = npt.NDArray[np.generic]


def convert_all(
    values: Sequence[Array], given: Sequence[TensorSpec], wanted: Sequence[TensorSpec]
) -> tuple[Array, ...]:
    """`convert` for each; raises as it does, and ValueError where the counts differ."""
    return tuple(convert(*each) for each in zip(values, given, wanted, strict=True))


def convert(values: Array, given: TensorSpec, wanted: TensorSpec) -> Array:
    """`values`, stored as `given` says, as `wanted` stores them; the shape stays. The same array where both agree.

    What lies outside the wanted range is taken to its end. Raises `Invalid("model_input")` for NaN where integers are
    wanted, and for types that nothing is quantised to."""
    if _stored(given) == _stored(wanted):
        return values
    return _store(_real(values, given), wanted)


def _stored(spec: TensorSpec) -> tuple[str, float, int]:
    return spec.dtype, _scale(spec), spec.zero_point or 0


def _scale(spec: TensorSpec) -> float:
    return 1.0 if spec.scale is None else spec.scale


def _real(values: Array, spec: TensorSpec) -> npt.NDArray[np.float32]:
    real = np.asarray(values, np.float32)
    return real if spec.scale is None else (real - np.float32(spec.zero_point or 0)) * np.float32(spec.scale)


def _store(real: npt.NDArray[np.float32], spec: TensorSpec) -> Array:
    if spec.dtype == "float32":
        return real
    if spec.dtype not in ("int8", "uint8"):
        raise Invalid("model_input", cause=f"nothing is quantised to {spec.dtype}")
    if bool(np.isnan(real).any()):
        raise Invalid("model_input", cause="not a number")
    limits = np.iinfo(spec.dtype)
    steps = np.rint(real / np.float32(_scale(spec))) + np.float32(spec.zero_point or 0)
    return np.asarray(np.clip(steps, limits.min, limits.max), spec.dtype)
