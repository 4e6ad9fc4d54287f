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
    wanted, real = _told(spec, found), _described(spec, found)
    if wanted != real:
        raise Refused("model_tensors", model=model, tensor=str(found["name"]), wanted=str(wanted), found=str(real))
    return int(found["index"])


def _told(spec: TensorSpec, found: Mapping[str, Any]) -> tuple[object, ...]:
    told = _quantised(spec, found)
    return (spec.shape, spec.dtype, *((np.float32(spec.scale).item(), spec.zero_point or 0) if told else ()))


def _described(spec: TensorSpec, found: Mapping[str, Any]) -> tuple[object, ...]:
    """A side that the model leaves open (None) is the card's to fix."""
    sides = found["shape"]
    wanted = spec.shape if len(spec.shape) == len(sides) else sides
    shape = tuple(mine if side is None else int(side) for side, mine in zip(sides, wanted, strict=True))
    described = (shape, np.dtype(found["dtype"]).name)
    if not _quantised(spec, found):
        return described
    scale, zero_point = found["quantization"]
    return (*described, np.float32(scale).item(), int(zero_point))


def _quantised(spec: TensorSpec, found: Mapping[str, Any]) -> bool:
    """Whether both have something to say of it: a format without quantised tensors has `None`."""
    return spec.scale is not None and found["quantization"] is not None
