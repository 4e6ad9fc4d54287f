"""Which channels of a Keras network belong together: whatever is added up must be cut in the same places.

Every convolution and dense layer makes channels of its own; the layers behind it pass them on, `Add` and its like tie
two of them together, `Concatenate` lays them side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from gateway.errors import Refused

Indices = npt.NDArray[np.int64]

_MAKERS = (keras.layers.Dense, keras.layers.Conv2D)
_TYING = (keras.layers.Add, keras.layers.Subtract, keras.layers.Multiply, keras.layers.Average, keras.layers.Maximum)
_PASSING = (
    keras.layers.DepthwiseConv2D, keras.layers.BatchNormalization, keras.layers.Activation, keras.layers.ReLU,
    keras.layers.Dropout, keras.layers.MaxPooling2D, keras.layers.AveragePooling2D, keras.layers.ZeroPadding2D,
    keras.layers.GlobalAveragePooling2D, keras.layers.UpSampling2D, keras.layers.Flatten,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """`width` channels of `group`, `times` over (once per place of the picture where it was flattened)."""

    group: int
    width: int
    times: int = 1


Channels = tuple[Segment, ...]


@dataclass(slots=True)
class Groups:
    """`given` and `made` are the channels that a layer (by name) takes and gives; `fixed` groups must stay whole."""

    given: dict[str, Channels] = field(default_factory=dict)
    made: dict[str, Channels] = field(default_factory=dict)
    fixed: set[int] = field(default_factory=set)
    _same_as: list[int] = field(default_factory=list)

    def new(self, width: int) -> Channels:
        self._same_as.append(len(self._same_as))
        return (Segment(len(self._same_as) - 1, width),)

    def of(self, segment: Segment) -> int:
        """The group that stands for all those tied together."""
        group = segment.group
        while self._same_as[group] != group:
            group = self._same_as[group]
        return group

    def tie(self, one: Channels, other: Channels) -> None:
        if [(s.width, s.times) for s in one] != [(s.width, s.times) for s in other]:
            raise Refused("prune_layer", cause="channels of different origin are added up")
        for first, second in zip(one, other, strict=True):
            self._same_as[self.of(second)] = self.of(first)

    def whole(self, channels: Channels) -> Iterator[int]:
        return (self.of(segment) for segment in channels)


def trace(model: Any) -> Groups:
    """Of a functional `keras.Model` whose layers are used once. What comes in and what goes out stays whole.

    Raises `Refused("prune_layer")` where a layer is of another kind."""
    groups = Groups()
    for layer in model.layers:
        if len(layer._inbound_nodes) != 1:  # noqa: SLF001 (Keras tells the use of a layer nowhere else)
            raise Refused("prune_layer", layer=layer.name, cause="used more than once")
        sources = [groups.made[source.name] for source in feeding(layer)]
        groups.made[layer.name] = _passed(layer, sources, groups)
        groups.given[layer.name] = sources[0] if sources else ()
    outputs = [tensor._keras_history.operation.name for tensor in model.outputs]  # noqa: SLF001 (as above)
    inputs = [layer.name for layer in model.layers if isinstance(layer, keras.layers.InputLayer)]
    groups.fixed = {group for name in (*outputs, *inputs) for group in groups.whole(groups.made[name])}
    return groups


def feeding(layer: Any) -> list[Any]:
    """The layers whose outputs this one takes, in order."""
    node = layer._inbound_nodes[0]  # noqa: SLF001 (as above)
    return [tensor._keras_history.operation for tensor in node.input_tensors]  # noqa: SLF001 (as above)


def _passed(layer: Any, sources: list[Channels], groups: Groups) -> Channels:
    if isinstance(layer, keras.layers.InputLayer) or makes(layer):
        return groups.new(int(layer.output.shape[-1]))
    if isinstance(layer, _TYING):
        for other in sources[1:]:
            groups.tie(sources[0], other)
        return sources[0]
    if isinstance(layer, keras.layers.Concatenate):
        return tuple(segment for source in sources for segment in source)
    if isinstance(layer, keras.layers.Flatten):
        return _flattened(layer, sources[0])
    if isinstance(layer, _PASSING):
        return sources[0]
    raise Refused("prune_layer", layer=layer.name, kind=type(layer).__name__)


def makes(layer: Any) -> bool:
    """Whether it has channels of its own."""
    return isinstance(layer, _MAKERS) and not isinstance(layer, keras.layers.DepthwiseConv2D)


def _flattened(layer: Any, source: Channels) -> Channels:
    """Row by row, the channels of a place side by side."""
    places = prod(layer.input.shape[1:-1])
    if places == 1:
        return source
    if len(source) != 1:
        raise Refused("prune_layer", layer=layer.name, cause="flattens what was concatenated")
    return (Segment(source[0].group, source[0].width, places),)


def kept_of(channels: Channels, groups: Groups, kept: dict[int, Indices]) -> Indices:
    """Places of the channels that stay, among all of them."""
    places, start = [], 0
    for segment in channels:
        one = kept[groups.of(segment)]
        for _ in range(segment.times):
            places.append(start + one)
            start += segment.width
    return np.concatenate(places)
