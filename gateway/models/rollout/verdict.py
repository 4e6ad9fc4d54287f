"""What a model's raw answer says, and whether two answers say the same. Pure.

No labels are needed: a roll-out compares answers with the model in service, so all that is read out of a tensor is what
decisions hang on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.wire.model_card import Decoder, ModelCard, TensorSpec

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float64]

SURE = 0.2
"""An answer is sure whose score lies so far from the threshold, or half of the way to the end of the scale."""
SAME_VECTOR = 0.98
"""Least cosine of two embeddings of one picture."""
SAME_PLACE = 0.05
"""Largest mean distance of the points of one pose, in sides of the picture."""
SAME_FORECAST = 0.5
"""Largest difference of two forecasts in their own unit where the card has no threshold "agree"."""

_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One answer. `score` in [0, 1] where the model gives one; `label` is the best class; `vector` (N,) is what is
    compared where neither says enough. `broken` is an answer with something in it that is no number, `saturated` one
    with a tensor that holds only the ends of its range, or the same number everywhere."""

    positive: bool = False
    sure: bool = True
    score: float | None = None
    label: int | None = None
    vector: Floats | None = None
    broken: bool = False
    saturated: bool = False


def read(card: ModelCard, outputs: Sequence[Array]) -> Reading:
    """The answer of a model with that card; `outputs` in the card's order and shapes."""
    if not all(np.isfinite(np.asarray(output, np.float64)).all() for output in outputs):
        return Reading(broken=True, sure=False)
    if any(map(_saturated, outputs, card.outputs)):
        return Reading(saturated=True, sure=False)
    values = [_floats(output, spec) for output, spec in zip(outputs, card.outputs, strict=True)]
    return _READERS[card.decoder](card, values)


def same(card: ModelCard, one: Reading, other: Reading) -> bool:
    """Whether both say the same of one input."""
    if one.broken or other.broken or one.saturated != other.saturated:
        return False
    if one.label is not None or other.label is not None:
        return one.label == other.label
    if one.vector is None or other.vector is None or one.vector.size != other.vector.size:
        return one.positive == other.positive
    return _SAME_VECTORS[card.decoder](card, one, other)


def comparable(active: ModelCard, candidate: ModelCard) -> bool:
    """Whether the candidate answers the same question in the same form, so that it can take the place of the active
    one. Vectors of an embedding are only comparable where the candidate's card says so: stored ones must stay good."""
    form = [(c.role, c.decoder, c.preprocessing, _form(c.inputs), _form(c.outputs)) for c in (active, candidate)]
    if form[0] != form[1]:
        return False
    kin = active.sha256 == candidate.sha256 or active.sha256 in candidate.comparable
    return kin or active.decoder != "embedding"


def _form(specs: Sequence[TensorSpec]) -> list[tuple[object, ...]]:
    return [(spec.shape, spec.dtype) for spec in specs]


def _floats(output: Array, spec: TensorSpec) -> Floats:
    """Flat, in the unit that the quantisation stands for."""
    values = np.asarray(output, np.float64).ravel()
    return values if spec.scale is None else (values - (spec.zero_point or 0)) * spec.scale


def _saturated(output: Array, spec: TensorSpec) -> bool:
    if output.size < 2:
        return False
    if spec.dtype in {"uint8", "int8"}:
        ends = np.iinfo(spec.dtype)
        return bool(np.all((output == ends.min) | (output == ends.max)))
    return bool(np.all(output == output.flat[0]))


def _by_score(card: ModelCard, score: float, vector: Floats | None = None, least: str = "candidate") -> Reading:
    """`least` names the threshold."""
    threshold = card.thresholds.get(least, _THRESHOLD)
    sure = score >= _sure_above(threshold) or score <= threshold - min(SURE, threshold / 2)
    return Reading(positive=score >= threshold, sure=sure, score=score, vector=vector)


def _sure_above(threshold: float) -> float:
    return threshold + min(SURE, (1 - threshold) / 2)


def _probability(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(logit, -80, 80))))


def _blazeface(card: ModelCard, values: Sequence[Floats]) -> Reading:
    """The scores are the smaller output, one logit an anchor."""
    return _by_score(card, _probability(float(np.max(min(values, key=np.size)))))


def _softmax(card: ModelCard, values: Sequence[Floats]) -> Reading:
    """The first output, as probabilities or as logits."""
    scores = values[0]
    if np.min(scores) < 0 or not 0.9 < np.sum(scores) < 1.1:
        powers = np.exp(scores - np.max(scores))
        scores = powers / np.sum(powers)
    best, threshold = int(np.argmax(scores)), card.thresholds.get("candidate", _THRESHOLD)
    score = float(scores[best])
    return Reading(positive=score >= threshold, sure=score >= _sure_above(threshold), score=score, label=best)


def _grid(card: ModelCard, values: Sequence[Floats]) -> Reading:
    """The first channel of the first output holds the logits that something moves; the highest one decides."""
    moving = values[0].reshape(-1, card.outputs[0].shape[-1])[:, 0]
    return _by_score(card, _probability(float(np.max(moving))), least="moving")


def _keypoints(card: ModelCard, values: Sequence[Floats]) -> Reading:
    """The first output holds y, x and score of each point in [0, 1]; other layouts are compared as vectors."""
    if values[0].size % 3:
        return Reading(vector=values[0])
    points = values[0].reshape(-1, 3)
    return _by_score(card, float(np.clip(np.mean(points[:, 2]), 0, 1)), points[:, :2].ravel())


def _vector(_card: ModelCard, values: Sequence[Floats]) -> Reading:
    return Reading(vector=values[0])


_READERS: Mapping[Decoder, Callable[[ModelCard, Sequence[Floats]], Reading]] = {
    "blazeface": _blazeface,
    "embedding": _vector,
    "softmax": _softmax,
    "keypoints": _keypoints,
    "motion_grid": _grid,
    "forecast": _vector,
}


def _same_direction(_card: ModelCard, one: Reading, other: Reading) -> bool:
    a, b = _vector_of(one), _vector_of(other)
    return float(a @ b) >= SAME_VECTOR * float(np.linalg.norm(a) * np.linalg.norm(b))


def _same_place(card: ModelCard, one: Reading, other: Reading) -> bool:
    if one.score is None or other.score is None:
        return _same_direction(card, one, other)
    apart = (_vector_of(one) - _vector_of(other)).reshape(-1, 2) if one.positive else np.zeros((1, 2))
    return one.positive == other.positive and float(np.mean(np.linalg.norm(apart, axis=1))) <= SAME_PLACE


def _same_forecast(card: ModelCard, one: Reading, other: Reading) -> bool:
    most = card.thresholds.get("agree", SAME_FORECAST)
    return float(np.max(np.abs(_vector_of(one) - _vector_of(other)))) <= most


def _vector_of(reading: Reading) -> Floats:
    assert reading.vector is not None
    return reading.vector


_SAME_VECTORS: Mapping[Decoder, Callable[[ModelCard, Reading, Reading], bool]] = {
    "embedding": _same_direction,
    "keypoints": _same_place,
    "forecast": _same_forecast,
}
