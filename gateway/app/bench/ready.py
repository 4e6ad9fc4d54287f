"""The models that are ready on this machine, in every form that runs on a processor."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.app.places import registry
from gateway.errors import Refused
from gateway.models.registry import FileState
from gateway.wire.model_card import ModelCard

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A model that may be loaded from `file`; `card.backend` names the runtime."""

    card: ModelCard
    file: Path

    @property
    def name(self) -> str:
        return f"{self.card.id} {self.card.backend}"


def ready_models() -> list[Ready]:
    """Raises `Refused("bench_needs_models")` where there is none; nothing is fetched."""
    models = registry()
    found = [
        Ready(card=card, file=models.path(card.id))
        for card in models.cards()
        if models.verify(card.id) is FileState.READY
    ]
    if not found:
        raise Refused("bench_needs_models", hint="hearthgate models pull")
    return found


def exported(folder: Path) -> list[Ready]:
    """What `python -m services.factory onnx --to FOLDER` wrote."""
    cards = [ModelCard.model_validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
    return [Ready(card=card, file=folder / card.file) for card in cards]


def question(card: ModelCard) -> tuple[Array, ...]:
    """Noise of the card's shapes, types and range."""
    least, most = card.preprocessing.range
    noise = np.random.default_rng(1)
    return tuple(
        (least + noise.random(spec.shape) * (most - least)).astype(spec.dtype)
        if spec.dtype == "float32"
        else noise.integers(0, 100, spec.shape).astype(spec.dtype)
        for spec in card.inputs
    )
