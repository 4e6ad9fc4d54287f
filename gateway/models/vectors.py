"""Golden vectors: inputs of a model and what it must answer, to be asked on the device itself.

The file is an .npz of stored (not deflated) .npy members "in0"... and "out0"..., each `(cases, *shape)` of the card's
tensor.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.models import npz
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard, TensorSpec

Array = npt.NDArray[np.generic]
Tensors = tuple[Array, ...]

LEAST_COSINE = 0.9995
"""Of an embedding."""
MOST_LSB = 6
"""Of a quantised output: what was seen between the kernels of different runtimes."""
MOST_OFF = 1e-3
"""Of a float output: absolute, and the same again relative to the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question and its answer, in the card's order, shapes and dtypes."""

    inputs: Tensors
    outputs: Tensors


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorReport:
    """`worst_abs` is the largest difference of any output (in steps where it is quantised, infinite where an answer
    holds no number); `cosine` the smallest between an answer and the expected one."""

    cases: int
    worst_abs: float
    cosine: float
    holds: bool


def check(backend: Backend, card: ModelCard, data: bytes) -> VectorReport:
    """Ask a loaded backend every question of the file. Embeddings hold by their cosine, quantised outputs by steps,
    integers exactly, other floats by `MOST_OFF`. Raises as `read` and `Backend.infer` do."""
    cases = read(card, data)
    pairs = [
        (spec, wanted, found)
        for case in cases
        for spec, wanted, found in zip(card.outputs, case.outputs, backend.infer(case.inputs), strict=True)
    ]
    return VectorReport(
        cases=len(cases),
        worst_abs=max(_worst(wanted, found) for _, wanted, found in pairs),
        cosine=min(_cosine(wanted, found) for _, wanted, found in pairs),
        holds=all(_holds(card, *pair) for pair in pairs),
    )


def ask_made_up(backend: Backend, card: ModelCard) -> None:
    """Ask a loaded backend one question, of values within the range that pictures have for this model; what it answers
    is judged elsewhere. Raises what `Backend.infer` raises."""
    source, (low, high) = np.random.default_rng(0), card.preprocessing.range
    backend.infer([np.asarray(source.uniform(low, high, spec.shape)).astype(spec.dtype) for spec in card.inputs])


def make(backend: Backend, card: ModelCard, questions: Sequence[Sequence[Array]]) -> bytes:
    """The file of these questions with the answers of a loaded backend; equal arrays give equal bytes.
    Raises as `read` does where questions or answers do not fit the card."""
    answers = [backend.infer(inputs) for inputs in questions]
    data = npz.write(
        {
            f"{prefix}{place}": np.stack(column)
            for prefix, rows in (("in", questions), ("out", answers))
            for place, column in enumerate(zip(*rows, strict=True))
        }
    )
    read(card, data)
    return data


def read(card: ModelCard, data: bytes) -> tuple[Case, ...]:
    """At least one case. Raises `Refused("vectors_invalid")` for what is damaged, too large, not finite or does not fit
    the card."""
    sides = {"in": card.inputs, "out": card.outputs}
    specs = {f"{prefix}{place}": spec for prefix, side in sides.items() for place, spec in enumerate(side)}
    columns = npz.read(data, specs)
    if len({len(column) for column in columns.values()}) != 1:
        raise npz.invalid("tensors with different numbers of cases")
    if not all(np.isfinite(column).all() for column in columns.values()):
        raise npz.invalid("not a number")
    inputs, outputs = (
        zip(*(columns[f"{prefix}{place}"] for place in range(len(side))), strict=True) for prefix, side in sides.items()
    )
    return tuple(Case(inputs=asked, outputs=answered) for asked, answered in zip(inputs, outputs, strict=True))


def _holds(card: ModelCard, spec: TensorSpec, wanted: Array, found: Array) -> bool:
    if not np.isfinite(found).all():
        return False
    if spec.dtype in {"uint8", "int8"}:
        return _worst(wanted, found) <= MOST_LSB
    if spec.dtype != "float32":
        return bool(np.array_equal(wanted, found))
    if card.decoder == "embedding":
        return _cosine(wanted, found) >= LEAST_COSINE
    return bool(np.allclose(_doubles(found), _doubles(wanted), rtol=MOST_OFF, atol=MOST_OFF))


def _worst(wanted: Array, found: Array) -> float:
    worst = float(np.max(np.abs(_doubles(wanted) - _doubles(found))))
    return worst if math.isfinite(worst) else math.inf


def _cosine(wanted: Array, found: Array) -> float:
    a, b = _doubles(wanted), _doubles(found)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    if not math.isfinite(lengths):
        return -1.0
    return float(a @ b) / lengths if lengths else float(np.array_equal(a, b))


def _doubles(array: Array) -> npt.NDArray[np.float64]:
    return np.asarray(array, np.float64).ravel()
