"""A small network that learns from a large one (G. Hinton et al., "Distilling the Knowledge in a Neural Network",
arXiv:1503.02531)."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

Floats = npt.NDArray[np.float32]
Batch = tuple[Floats, Floats]
"""Inputs and true answers."""
Loss = Callable[[Any, Any], Any]
"""(truth, answer) -> loss; any Keras loss will do."""


def soften(temperature: float) -> Loss:
    """For networks that give logits over classes: cross-entropy between both softened by `temperature`, times its
    square, which keeps the gradients at the size of the hard ones (section 2 of the paper)."""

    def loss(taught: Any, answer: Any) -> Any:
        soft = tf.nn.softmax(taught / temperature)
        entropy = tf.nn.softmax_cross_entropy_with_logits(labels=soft, logits=answer / temperature)
        return tf.reduce_mean(entropy) * temperature**2

    return loss


def distil(
    teacher: Any,
    student: Any,
    batches: Callable[[], Iterable[Batch]],
    *,
    hard: Loss,
    soft: Loss,
    share: float = 0.7,
    epochs: int = 10,
    rate: float = 1e-3,
    progress: Callable[[str], None] = lambda _line: None,
) -> None:
    """Train `student` in place: `share` of its loss is `soft` (against the teacher's answers), the rest is `hard`
    (against the truth). `batches` is asked anew for each epoch; `progress` gets a line per epoch. Both are
    `keras.Model`s with one input and one output of the same shape."""
    optimiser = keras.optimizers.Adam(rate)

    def step(inputs: Any, truth: Any) -> Any:
        taught = teacher(inputs, training=False)
        with tf.GradientTape() as tape:
            answer = student(inputs, training=True)
            loss = share * soft(taught, answer) + (1 - share) * tf.reduce_mean(hard(truth, answer))
        weights = student.trainable_variables
        optimiser.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    compiled = tf.function(step, reduce_retracing=True)
    for epoch in range(epochs):
        losses = [float(compiled(tf.constant(inputs), tf.constant(truth))) for inputs, truth in batches()]
        progress(f"distil {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}")
