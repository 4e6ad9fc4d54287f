"""The card of a model against the tensors that the runtime really found."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gateway.errors import Refused
from gateway.wire.model_card import TensorSpec

Details = Sequence[Mapping[str, Any]]


def locate(specs: Sequence[TensorSpec], details: Details, model: str, side: str) -> tuple[int, ...]:
    """The runtime's index of every tensor of the card, in the card's order.

    Raises `Refused("model_tensors")` where one is missing or differs in shape, type or quantisation."""
    if len(specs) != len(details):
        raise Refused("model_tensors", model=model, side=side, wanted=len(specs), found=len(details))
    return tuple(_locate(spec, place, details, model) for place, spec in enumerate(specs))


def _locate(spec: TensorSpec, place: int, details: Details, model: str) -> int:
    named = [found for found in details if spec.name is None or found["name"] == spec.name]
    if not named:
        names = ", ".join(str(found["name"]) for found in details)
        raise Refused("model_tensors", model=model, wanted=spec.name, found=names)
    found = details[place] if spec.name is None else named[0]
    wanted, real = _told(spec), _described(found, quantised=spec.scale is not None)
    if wanted != real:
        raise Refused("model_tensors", model=model, tensor=str(found["name"]), wanted=str(wanted), found=str(real))
    return int(found["index"])


def _told(spec: TensorSpec) -> tuple[object, ...]:
    quantisation = () if spec.scale is None else (np.float32(spec.scale).item(), spec.zero_point or 0)
    return (spec.shape, spec.dtype, *quantisation)


def _described(found: Mapping[str, Any], *, quantised: bool) -> tuple[object, ...]:
    scale, zero_point = found["quantization"]
    quantisation = (np.float32(scale).item(), int(zero_point)) if quantised else ()
    shape = tuple(int(side) for side in found["shape"])
    return (shape, np.dtype(found["dtype"]).name, *quantisation)
