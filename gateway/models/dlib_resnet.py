"""dlib's face recognition ResNet-29 as a TFLite graph: float32 RGB `[1, 150, 150, 3]` 0..255 -> float32 `[1, 128]`.

Structure: K. He et al., "Deep Residual Learning" (arXiv 1512.03385) as laid out in dlib's
dnn_face_recognition_ex.cpp: strided convolutions and pools have no padding, where the two branches of a block
differ the smaller one is zero-padded at the bottom, the right and in the upper channels.
"""

from dataclasses import replace
from math import fsum

import numpy as np

from gateway.models.dlib_weights import Conv, Floats, Weights, quantised, read_weights
from gateway.models.graph import Graph
from gateway.models.operators import (
    DENSE_OPTIONS,
    MEAN_OPTIONS,
    PAD_OPTIONS,
    Op,
    Padding,
    add_options,
    conv_options,
    pool_options,
)
from gateway.models.serialise import serialise

SIDE_PX = 150
MEAN_RGB = (122.782, 117.001, 104.298)
SCALE = 256.0

_LEVELS = ((False, 3), (True, 3), (True, 2), (True, 2), (True, 0))
"""Per level, input side first: whether it begins with a halving block, and how many plain blocks follow."""


def build(data: bytes) -> bytes:
    """The .tflite made of the whole .dat file `data`, whose SHA-256 was checked. Equal input gives equal bytes."""
    return serialise(network(read_weights(data)), "dlib face recognition ResNet v1 (CC0), float32")


def build_int8(data: bytes) -> bytes:
    """The same with int8 filters and activations quantised as they come ("dynamic range"): a quarter of the size and
    a third of the time. The stem stays float: it is a hundredth of the work and sees the picture itself."""
    weights = read_weights(data)
    stem, *rest = weights.convs
    convs = (stem, *(quantised(conv) for conv in rest))
    return serialise(network(replace(weights, convs=convs)), "dlib face recognition ResNet v1 (CC0), int8 filters")


def network(weights: Weights) -> Graph:
    """The layers in TFLite's operators; filters may be quantised."""
    graph = Graph("dlib_resnet_v1")
    convs = iter(weights.convs)
    x = graph.input("image", (1, SIDE_PX, SIDE_PX, 3))
    x = _convolve(graph, x, _normalising(next(convs)), stride=2, relu=True)
    x = _pool(graph, Op.MAX_POOL_2D, x, size=3)
    for halves, plain in _LEVELS:
        if halves:
            x = _down(graph, x, next(convs), next(convs))
        for _ in range(plain):
            x = _plain(graph, x, next(convs), next(convs))
    graph.output(_head(graph, x, weights.head))
    return graph


def _normalising(stem: Conv) -> Conv:
    """(x - mean) / 256 folded into the stem; exact, because the stem has no padding.

    Summed exactly, so that the bytes do not depend on how a NumPy build adds up."""
    filters = (stem.filters / np.float32(SCALE)).astype(np.float32)
    mean = np.asarray(MEAN_RGB)
    shift = [fsum((kernel.astype(np.float64) * mean).ravel().tolist()) for kernel in filters]
    bias = stem.bias.astype(np.float64) - np.asarray(shift)
    return Conv(filters=filters, bias=bias.astype(np.float32))


def _plain(graph: Graph, x: int, first: Conv, second: Conv) -> int:
    y = _convolve(graph, x, first, stride=1, relu=True)
    return _add(graph, _convolve(graph, y, second, stride=1, relu=False), x)


def _down(graph: Graph, x: int, first: Conv, second: Conv) -> int:
    y = _convolve(graph, x, first, stride=2, relu=True)
    y = _convolve(graph, y, second, stride=1, relu=False)
    shortcut = _pool(graph, Op.AVERAGE_POOL_2D, x, size=2)
    shape = tuple(max(pair) for pair in zip(graph.shape(y), graph.shape(shortcut), strict=True))
    return _add(graph, _pad(graph, y, shape), _pad(graph, shortcut, shape))


def _convolve(graph: Graph, x: int, conv: Conv, *, stride: int, relu: bool) -> int:
    _, height, width, _ = graph.shape(x)
    count, size, _, _ = conv.filters.shape
    padding = Padding.SAME if stride == 1 else Padding.VALID
    shape = (1, height, width, count)
    if padding is Padding.VALID:
        shape = (1, (height - size) // stride + 1, (width - size) // stride + 1, count)
    filters = graph.constant(f"filters_{len(graph.operators)}", conv.filters, conv.scales)
    bias = graph.constant(f"bias_{len(graph.operators)}", conv.bias)
    options = conv_options(padding, stride, relu=relu, int8_filters=conv.scales is not None)
    return graph.operate(Op.CONV_2D, (x, filters, bias), shape, options)


def _pool(graph: Graph, op: Op, x: int, *, size: int) -> int:
    _, height, width, channels = graph.shape(x)
    shape = (1, (height - size) // 2 + 1, (width - size) // 2 + 1, channels)
    return graph.operate(op, (x,), shape, pool_options(size, 2))


def _pad(graph: Graph, x: int, shape: tuple[int, ...]) -> int:
    """Zeros behind the values of every axis up to `shape`."""
    if graph.shape(x) == shape:
        return x
    missing = [(0, wanted - given) for wanted, given in zip(shape, graph.shape(x), strict=True)]
    paddings = graph.constant(f"paddings_{len(graph.operators)}", np.asarray(missing, np.int32))
    return graph.operate(Op.PAD, (x, paddings), shape, PAD_OPTIONS)


def _add(graph: Graph, x: int, y: int) -> int:
    return graph.operate(Op.ADD, (x, y), graph.shape(x), add_options(relu=True))


def _head(graph: Graph, x: int, weights: Floats) -> int:
    axes = graph.constant("axes", np.asarray([1, 2], np.int32))
    mean = graph.operate(Op.MEAN, (x, axes), (1, weights.shape[1]), MEAN_OPTIONS)
    head = graph.constant("head", weights)
    shape = (1, weights.shape[0])
    return graph.operate(Op.FULLY_CONNECTED, (mean, head), shape, DENSE_OPTIONS, name="embedding")
