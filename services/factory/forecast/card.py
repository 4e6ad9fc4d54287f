"""The card of the forecaster's network, filled in from the file that was made, and its golden vectors."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gateway.climate.forecast.net import INPUT_LIMIT
from gateway.models import vectors
from gateway.models.litert import LiteRtBackend
from gateway.wire.model_card import CardFile, ModelCard, Preprocessing, Provenance, Shipped, TensorSpec
from services.factory.runner import Runner, quantised

ID = "thermostat_v1"


def card_of(data: bytes, questions: npt.NDArray[np.float32], *, seed: int, serial: int = 1) -> tuple[ModelCard, bytes]:
    """`questions` (n, inputs) are asked for the golden vectors, which are the second value."""
    runner = Runner(data)
    card = ModelCard(
        id=ID,
        version=f"{serial}",
        serial=serial,
        role="forecaster",
        file=f"{ID}.tflite",
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        licence="Apache-2.0",
        notice="Part of Hearthgate. Trained on houses drawn at random; no measured data of anybody's home is in it.",
        origin=Shipped(kind="shipped"),
        inputs=tuple(_tensor(detail) for detail in runner.inputs),
        outputs=tuple(_tensor(detail) for detail in runner.outputs),
        preprocessing=Preprocessing(colour="none", range=(-INPUT_LIMIT, INPUT_LIMIT)),
        decoder="forecast",
        provenance=Provenance(
            made_by="services.factory forecaster",
            data="houses, weather and people drawn at random by services/factory/forecast",
            seed=seed,
            report="services/factory/forecast/REPORT.md",
        ),
    )
    golden = _answered(data, card, questions, runner.inputs[0])
    held = CardFile(name=f"{ID}.golden.npz", sha256=hashlib.sha256(golden).hexdigest(), bytes=len(golden))
    return card.model_copy(update={"golden": held}), golden


def _tensor(detail: dict[str, Any]) -> TensorSpec:
    scale, zero = detail["quantization"]
    return TensorSpec(shape=tuple(map(int, detail["shape"])), dtype="int8", scale=float(scale), zero_point=int(zero))


def _answered(data: bytes, card: ModelCard, questions: npt.NDArray[np.float32], into: dict[str, Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / card.file
        file.write_bytes(data)
        backend = LiteRtBackend()
        backend.load(card, file)
        golden = vectors.make(backend, card, [(quantised(question[None], into),) for question in questions])
        backend.close()
    return golden
