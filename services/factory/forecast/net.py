"""The network: dense layers from what is known to twelve changes and, for each, how far off they usually are.

Only FULLY_CONNECTED with fused ReLU: int8 throughout and what the Edge TPU's compiler takes. In kelvin, so that int8
over a few kelvin is finer than a thermometer.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from gateway.climate.forecast.features import AHEAD_S, NAMES
from services.factory.forecast.rows import Rows, batches

STEPS = len(AHEAD_S)
BATCH = 1024
_LEAST_SPREAD = 0.03
_FAR_K = 3.0
"""Beyond it errors count linearly: a shower nobody could foresee must not shape the rest."""
_SPREAD_WEIGHT = 0.1

Loss = Callable[[Any, Any], Any]


def network(*widths: int) -> Any:
    """A `keras.Model` of the hidden layers `widths`; (1, inputs) to (1, 24), first the changes, then the spreads."""
    given = keras.Input((len(NAMES),), name="given")
    x = given
    for width in widths:
        x = keras.layers.Dense(width, activation="relu")(x)
    return keras.Model(given, keras.layers.Dense(2 * STEPS, name="answer")(x), name="thermostat")


def loss(change: npt.NDArray[np.float32]) -> Loss:
    """Squared error of each horizon by its own variance to the power of 3/4, so that the near ones count too, and
    the Gaussian likelihood of the spread, which does not pull at the change."""
    scale = tf.constant(np.var(change, axis=0) ** 0.75, tf.float32)

    def of(truth: Any, answer: Any) -> Any:
        off = truth[:, :STEPS] - answer[:, :STEPS]
        spread = tf.maximum(answer[:, STEPS:], _LEAST_SPREAD)
        near = tf.where(tf.abs(off) < _FAR_K, off * off, 2 * _FAR_K * tf.abs(off) - _FAR_K**2)
        squared = tf.stop_gradient(tf.minimum(off * off, _FAR_K**2))
        likely = tf.math.log(spread) + squared / (2 * spread * spread)
        wrong = tf.nn.relu(_LEAST_SPREAD - answer[:, STEPS:])
        return tf.reduce_mean(near / scale) + _SPREAD_WEIGHT * tf.reduce_mean(tf.minimum(likely, 20.0) + wrong)

    return of


def fit(
    model: Any,
    rows: Rows,
    *,
    epochs: int,
    rng: np.random.Generator,
    progress: Callable[[str], None],
    rate: float = 2e-3,
) -> None:
    """AdamW with a cosine schedule, in place; every epoch lets other rows lack other sensors."""
    steps = len(rows.given) // BATCH
    optimiser = keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(rate, epochs * steps, 0.01), 1e-4)
    wrong = loss(rows.change)
    _start(model)

    def step(given: Any, change: Any) -> Any:
        with tf.GradientTape() as tape:
            off = wrong(change, model(given, training=True))
        weights = model.trainable_variables
        optimiser.apply_gradients(zip(tape.gradient(off, weights), weights, strict=True))
        return off

    compiled = tf.function(step)
    for epoch in range(epochs):
        losses = [compiled(given, change) for given, change in batches(rows, rng, BATCH)]
        progress(f"{model.count_params()} weights, epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.4f}")


def _start(model: Any) -> None:
    """Spreads begin at half a kelvin: below the least one nothing would pull them up."""
    kernel, bias = model.get_layer("answer").get_weights()
    if not np.any(bias):
        bias[STEPS:] = 0.5
        model.get_layer("answer").set_weights([kernel, bias])
