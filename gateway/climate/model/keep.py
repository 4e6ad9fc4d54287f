"""A learned model as JSON, and back."""

from collections.abc import Mapping

import numpy as np

from gateway.climate.model.guards import plausible
from gateway.climate.model.room_model import RoomModel
from gateway.climate.saved import number, numbers
from gateway.climate.words import Floats

_SHAPES = {"parameters": 8, "usual": 192, "usual_duty": 192}


def model_of(model: RoomModel) -> dict[str, object]:
    arrays: dict[str, Floats] = {name: getattr(model, name) for name in _SHAPES}
    return {"unrest": model.unrest, **{name: array.tolist() for name, array in arrays.items()}}


def model_from(kept: Mapping[str, object]) -> RoomModel:
    """Raises ValueError where `kept` is no model, or one that cannot be a room's."""
    arrays = {name: np.array(numbers(kept, name)) for name in _SHAPES}
    unrest = number(kept, "unrest", 1e-3, 100)
    whole = all(len(array) == _SHAPES[name] for name, array in arrays.items())
    if unrest is None or not whole or np.any(arrays["parameters"] <= 0):
        raise ValueError("not a model")
    model = RoomModel(unrest=unrest, **arrays)
    if not plausible(model.parameters, model.discrete):
        raise ValueError("not a room")
    return model
