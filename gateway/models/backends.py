"""Which runtime runs a model."""

from gateway.models.litert import LiteRtBackend
from gateway.models.onnx import OnnxBackend
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard


def backend_for(card: ModelCard) -> Backend:
    """A backend for the card's own file, not loaded yet."""
    return OnnxBackend() if card.backend == "onnx" else LiteRtBackend()
