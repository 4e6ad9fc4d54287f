"""Does the accelerator answer as the CPU twin does?"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gateway.wire.model_card import ModelCard, TensorSpec

Array = npt.NDArray[np.generic]


def trial_inputs(card: ModelCard) -> tuple[Array, ...]:
    """One input of the card's shapes and types, always the same: slanted ramps that fill the range of values."""
    return tuple(_ramps(spec, card.preprocessing.range) for spec in card.inputs)


def distance(found: Sequence[Array], wanted: Sequence[Array]) -> float:
    """The largest, over the outputs, of the mean absolute difference in units of the wanted output's own standard
    deviation; infinite where an answer is not finite. An output that does not vary is measured in its smallest
    step: 1 for integers, a millionth for others."""
    return max((_distance(one, other) for one, other in zip(found, wanted, strict=True)), default=0.0)


def _distance(found: Array, wanted: Array) -> float:
    one, other = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    if not (np.all(np.isfinite(one)) and np.all(np.isfinite(other))):
        return float("inf")
    step = 1.0 if np.issubdtype(wanted.dtype, np.integer) else 1e-6
    return float(np.mean(np.abs(one - other))) / max(float(np.std(other)), step)


def _ramps(spec: TensorSpec, values: tuple[float, float]) -> Array:
    dtype = np.dtype(spec.dtype)
    if np.issubdtype(dtype, np.integer):
        bits = np.iinfo(np.uint8 if dtype.itemsize > 1 else dtype)
        values = (float(bits.min), float(bits.max))
    steps = np.arange(1, len(spec.shape) + 1) * 37
    slope = np.tensordot(steps, np.indices(spec.shape), axes=1) % 256
    return np.asarray(values[0] + slope / 255 * (values[1] - values[0]), dtype)
