"""A network that answers as a test says, and a room that does the same every day."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from gateway.climate.forecast.features import NAMES
from gateway.climate.forecast.net import STEPS, Net
from gateway.climate.forecast.past import Past, Series
from gateway.testing.backend import FakeBackend
from gateway.wire.model_card import ModelCard, Preprocessing, Provenance, Shipped, TensorSpec

DAY = 86400.0
SCALE = 0.05
Levels = npt.NDArray[np.int8]


def card(*, inputs: int = len(NAMES), decoder: str = "forecast") -> ModelCard:
    return ModelCard.model_validate(
        {
            "id": "asked",
            "version": "1",
            "role": "forecaster",
            "file": "asked.tflite",
            "sha256": "0" * 64,
            "bytes": 1,
            "licence": "Apache-2.0",
            "notice": "",
            "origin": Shipped(kind="shipped"),
            "inputs": (TensorSpec(shape=(1, inputs), dtype="int8", scale=0.03, zero_point=0),),
            "outputs": (TensorSpec(shape=(1, 2 * STEPS), dtype="int8", scale=SCALE, zero_point=10),),
            "preprocessing": Preprocessing(colour="none"),
            "decoder": decoder,
            "provenance": Provenance(made_by="a test"),
        }
    )


def net_of(answer: Callable[[Levels], Levels]) -> tuple[Net, FakeBackend]:
    """`answer` maps the input's levels (1, inputs) to the output's (1, 24)."""

    def answered(inputs: Sequence[npt.NDArray[np.generic]]) -> tuple[npt.NDArray[np.generic], ...]:
        return (answer(np.asarray(inputs[0], np.int8)),)

    backend = FakeBackend(answered, check_file=False)
    known = card()
    backend.load(known, None)  # type: ignore[arg-type]  # there is no file
    return Net(backend, known), backend


def level(kelvin: float) -> int:
    return round(kelvin / SCALE) + 10


def constant(change: float, spread: float) -> Callable[[Levels], Levels]:
    told = np.asarray([[level(change)] * STEPS + [level(spread)] * STEPS], np.int8)
    return lambda _given: told.copy()


def daily(days: float, *, noise: float = 0.0, seed: int = 0) -> Past:
    """A room that swings by two degrees a day, read every ten minutes."""
    times = np.asarray(np.arange(0, days * DAY, 600.0), np.float64)
    temps = 20 + np.sin(2 * np.pi * times / DAY) + np.random.default_rng(seed).normal(0, noise, len(times))
    return Past(series={"temp_c": Series.known(times, np.asarray(temps, np.float64))})
