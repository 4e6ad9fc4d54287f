"""Training: what a cell should say, and above all what a box should get, since boxes are what is taken away."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from services.factory.motion.data import DOUBTFUL, MOST_BOXES, SURE, Pairs
from services.factory.motion.planes import Kind

BATCH = 64
_OUTSIDE = 0.15
_WARM_STEPS = 100
_LOST = 1.5
"""What a figure that is taken away costs more than a nuisance that stays."""


def fit(model: Any, pairs: Pairs, epochs: int, seed: int, progress: Callable[[str], None]) -> None:
    """Adam with a cosine schedule; mirrored and brightened at random. Deterministic on one machine."""
    steps = len(pairs) // BATCH
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-4, epochs * steps - _WARM_STEPS, 0.005, warmup_target=4e-3, warmup_steps=_WARM_STEPS
    )
    model.compile(optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-4), loss=loss)
    rng = np.random.default_rng(seed)
    for epoch in range(epochs):
        losses = [float(model.train_on_batch(x, y)) for x, y in _batches(pairs, rng)]
        progress(f"epoch {epoch + 1} of {epochs}: loss {losses[-1]:.4f}")


def target(pairs: Pairs, at: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Per cell the cover of every kind and the boxes, as `loss` takes them apart."""
    covered = pairs.covered[at].astype(np.float32) / 255
    boxes = np.moveaxis(pairs.boxes[at], 1, -1).astype(np.float32)
    return np.concatenate([covered, boxes], axis=-1)


def _batches(pairs: Pairs, rng: np.random.Generator) -> Iterator[tuple[npt.NDArray[np.float32], Any]]:
    order = rng.permutation(len(pairs))
    for first in range(0, len(order) - BATCH + 1, BATCH):
        at = order[first : first + BATCH]
        pictures, truth = pairs.pictures[at].astype(np.float32) / 255, target(pairs, at)
        if rng.random() < 0.5:
            pictures, truth = pictures[:, :, ::-1], truth[:, :, ::-1]
        gain = rng.uniform(0.6, 1.25, (len(at), 1, 1, 1)).astype(np.float32)
        level = rng.uniform(-0.08, 0.08, (len(at), 1, 1, 1)).astype(np.float32)
        yield np.clip(pictures * gain + level, 0, 1), truth


def loss(truth: Any, answer: Any) -> Any:
    """Of the cells, of the boxes and of the kinds; cells and boxes that hold a shred of a figure do not count."""
    covered, boxes = truth[..., : len(Kind)], truth[..., len(Kind) :]
    figure, logit = tf.reduce_max(covered, -1), answer[..., 0]
    inside = tf.reduce_max(boxes, -1)
    weight = tf.where(inside > 0, 1.0, _OUTSIDE) * _decided(figure)
    label = tf.cast(figure > SURE, tf.float32)
    cells = _mean(tf.nn.sigmoid_cross_entropy_with_logits(label, logit), weight)
    kinds = tf.where(figure > SURE, tf.argmax(covered, -1), int(Kind.NUISANCE))
    guess = _mean(tf.nn.sparse_softmax_cross_entropy_with_logits(kinds, answer[..., 1:]), inside * _decided(figure))
    return cells + _of_boxes(figure, boxes, logit) + 0.3 * guess


def _of_boxes(figure: Any, boxes: Any, logit: Any) -> Any:
    """As the gateway does: a box is worth its two likeliest cells."""
    best, holds = [], []
    for number in range(MOST_BOXES):
        mask = boxes[..., number]
        inside = tf.reshape(tf.where(mask > 0, logit, -12.0), (tf.shape(logit)[0], -1))
        best.append(tf.reduce_mean(tf.math.top_k(inside, 2).values, -1))
        holds.append(tf.reduce_max(figure * mask, (1, 2)))
    held, there = tf.stack(holds, -1), tf.reduce_max(boxes, (1, 2))
    label = tf.cast(held > SURE, tf.float32)
    weight = there * _decided(held) * (1 + (_LOST - 1) * label)
    return _mean(tf.nn.sigmoid_cross_entropy_with_logits(label, tf.stack(best, -1)), weight)


def _decided(share: Any) -> Any:
    return tf.cast((share > SURE) | (share < DOUBTFUL), tf.float32)


def _mean(values: Any, weight: Any) -> Any:
    return tf.reduce_sum(values * weight) / (tf.reduce_sum(weight) + 1.0)
