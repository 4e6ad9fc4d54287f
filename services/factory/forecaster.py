"""How much warmer a room is in an hour: where the thermostat's forecaster is trained.

A small network on one flat's data, to prove the line on what is real and open. It is measured, not shipped: the
thermostat that will use a forecaster decides what it must foresee.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from services.factory.gate import Gate, release
from services.factory.report import Report, measured, write
from services.factory.room_series import LAGS, Rows, batches, split
from services.factory.runner import Runner
from services.factory.seeds import fix_seeds
from services.factory.weights import order, say

Floats = npt.NDArray[np.float32]

NAME = "forecaster"
INPUTS = 7 + len(LAGS)
GATES = (Gate(metric="skill", at_least=0.05),)
_NOTES = (
    "OpenSmartHomeData (CC BY-SA 4.0), four rooms in the heating season, split by time, nothing shuffled across.",
    "The first 60 % trained, the next 20 % stopped the training, the last 20 % is reported.",
    "skill: 1 - RMSE / RMSE of persistence (the temperature stays as it is). RMSE in degC.",
    "linear: the same line without hidden layers, which a network must not be worse than to be worth its name.",
    "The float model stays on the processor: int8 saves nothing that counts at this size.",
)


def main(arguments: Sequence[str]) -> int:
    """Trains, prunes, distils, quantises, measures and gates; writes the distilled float model and the report."""
    given = order("forecaster", __doc__, arguments)
    rng = fix_seeds(given.seed)
    learn, choose, unseen = split(given.data / "opensmarthome")
    say(f"{len(learn.given)} rows to learn from, {len(choose.given)} to choose by, {len(unseen.given)} to report on")
    builds = _builds(learn, choose, rng)
    metrics = {name: _metrics(data, unseen) for name, data in builds.items()}
    report = Report(
        title="The forecaster", rows=measured(builds, metrics), judged="distilled", gates=GATES, notes=_NOTES
    )
    write(report, given.out, NAME)
    release(given.out / f"{NAME}.tflite", builds["distilled"], metrics["distilled"], GATES)
    return 0


def _builds(learn: Rows, choose: Rows, rng: np.random.Generator) -> dict[str, bytes]:
    import keras

    from services.factory.distil import distil
    from services.factory.prune import prune
    from services.factory.quantise import to_float, to_int8

    hard, train = keras.losses.MeanSquaredError(), _trainer(learn, choose)
    say("training")
    linear, teacher = network(0, learn), network(64, learn)
    train(linear)
    train(teacher)
    say("pruning")
    pruned = prune(teacher, 0.5, train)
    student = network(12, learn)
    distil(teacher, student, lambda: batches(learn, rng), hard=hard, soft=hard, epochs=20, rate=2e-3, progress=say)
    samples = list(learn.given[:: max(1, len(learn.given) // 500)])
    floats = {"linear": linear, "teacher": teacher, "pruned": pruned, "distilled": student}
    builds = {name: to_float(model) for name, model in floats.items()}
    return builds | {"pruned int8": to_int8(pruned, samples), "distilled int8": to_int8(student, samples)}


def network(width: int, learn: Rows) -> Any:
    """A `keras.Model` of two hidden layers, none where `width` is 0; its inputs' scales are those of `learn`."""
    import keras

    scale = keras.layers.BatchNormalization(name="scale", trainable=False, epsilon=1e-6)
    rows = keras.Input((INPUTS,), name="rows")
    x = scale(rows)
    for _ in range(2 if width else 0):
        x = keras.layers.Dense(width, activation="relu")(x)
    model = keras.Model(rows, keras.layers.Dense(1, name="change")(x), name=NAME)
    mean, variance = learn.given.mean(axis=0), learn.given.var(axis=0)
    scale.set_weights([np.ones(INPUTS), np.zeros(INPUTS), mean, variance])
    return model


def _trainer(learn: Rows, choose: Rows) -> Callable[[Any], None]:
    import keras

    def train(model: Any) -> None:
        model.compile(keras.optimizers.Adam(2e-3), keras.losses.MeanSquaredError())
        patience = keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
        model.fit(
            learn.given,
            learn.change,
            validation_data=(choose.given, choose.change),
            batch_size=256,
            epochs=30,
            verbose=0,
            callbacks=[patience],
        )

    return train


def _metrics(data: bytes, unseen: Rows) -> dict[str, float]:
    runner = Runner(data)
    foreseen = np.stack([runner.run(row[None])[0][0] for row in unseen.given])
    error = float(np.sqrt(np.mean((foreseen - unseen.change) ** 2)))
    return {"RMSE": error, "skill": 1 - error / float(np.sqrt(np.mean(unseen.change**2)))}
