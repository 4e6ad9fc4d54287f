"""Structured pruning: whole channels are taken out, so that every runtime is faster, not only sparse ones.

A channel counts as much as the L1 norm of its filters (H. Li et al., "Pruning Filters for Efficient ConvNets",
arXiv:1608.08710), scaled by the batch normalisation behind them (Z. Liu et al., "Learning Efficient Convolutional
Networks through Network Slimming", arXiv:1708.06519).
"""

from collections.abc import Callable
from math import ceil
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from gateway.errors import Refused
from services.factory.channels import Groups, Indices, feeding, kept_of, makes, trace

Floats = npt.NDArray[np.float32]


def prune(model: Any, keep: float, fine_tune: Callable[[Any], None]) -> Any:
    """A smaller `keras.Model` of the same shape that keeps the share `keep` (0..1) of each layer's channels, at least
    one, and has been through `fine_tune`. Inputs and outputs stay as they are, `model` does too.

    Raises `Refused("prune_share")`, and `Refused("prune_layer")` for a network with layers of other kinds than
    convolutions, dense layers and what passes their channels on."""
    if not 0 < keep <= 1:
        raise Refused("prune_share", keep=keep)
    groups = trace(model)
    kept = _kept(model, groups, keep)
    smaller = keras.models.clone_model(model, clone_function=lambda layer: _narrowed(layer, groups, kept))
    for layer in (layer for layer in model.layers if layer.weights):
        _copy(layer, smaller.get_layer(layer.name), groups, kept)
    fine_tune(smaller)
    return smaller


def _kept(model: Any, groups: Groups, keep: float) -> dict[int, Indices]:
    """By group, the places of the weightiest channels, in their order."""
    worth: dict[int, Floats] = {}
    for layer in model.layers:
        for segment in groups.made[layer.name]:
            worth.setdefault(groups.of(segment), np.zeros(segment.width, np.float32))
        if makes(layer):
            worth[groups.of(groups.made[layer.name][0])] += _worth(layer, model)
    return {
        group: np.arange(len(own)) if group in groups.fixed else _best(own, max(1, ceil(keep * len(own))))
        for group, own in worth.items()
    }


def _best(worth: Floats, count: int) -> Indices:
    return np.sort(np.argsort(-worth, kind="stable")[:count])


def _worth(layer: Any, model: Any) -> Floats:
    """(C,) of the channels that a layer makes, relative to its strongest one: layers differ in scale."""
    kernel = np.asarray(layer.kernel, np.float32)
    norms = np.abs(kernel).sum(axis=tuple(range(kernel.ndim - 1)))
    for behind in model.layers:
        if isinstance(behind, keras.layers.BatchNormalization) and behind.scale and layer in feeding(behind):
            spread = np.sqrt(np.asarray(behind.moving_variance, np.float32) + behind.epsilon)
            norms = norms * np.abs(np.asarray(behind.gamma, np.float32)) / spread
    return np.asarray(norms / max(float(np.max(norms)), 1e-12), np.float32)


def _narrowed(layer: Any, groups: Groups, kept: dict[int, Indices]) -> Any:
    config = layer.get_config()
    if makes(layer):
        width = "units" if isinstance(layer, keras.layers.Dense) else "filters"
        config[width] = len(kept_of(groups.made[layer.name], groups, kept))
    return type(layer).from_config(config)


def _copy(old: Any, new: Any, groups: Groups, kept: dict[int, Indices]) -> None:
    """Weights of the channels that stay."""
    made = kept_of(groups.made[old.name], groups, kept)
    if makes(old):
        given = kept_of(groups.given[old.name], groups, kept)
        kernel, *bias = old.get_weights()
        new.set_weights([kernel[..., given, :][..., made], *(each[made] for each in bias)])
    elif isinstance(old, keras.layers.DepthwiseConv2D):
        kernel, *bias = old.get_weights()
        new.set_weights([kernel[..., made, :], *(each[made] for each in bias)])
    else:
        new.set_weights([each[made] for each in old.get_weights()])
