"""The weights of dlib's face recognition ResNet-29, read from its published .dat file without dlib.

Every weight block lies in the file as raw little-endian float32; only the places below are needed. A convolution
holds its filters `[N, C_in, k, k]` and N biases; the affine layer behind it N gammas and N betas, which are folded
into the convolution: W' = W gamma, b' = b gamma + beta.
Source: D. King, "dlib_face_recognition_resnet_model_v1", CC0; network as in dlib's dnn_face_recognition_ex.cpp.
"""

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_PLACES = (
    (352, 19400), (19826, 56920), (57289, 94383), (94796, 131890), (132259, 169353), (169766, 206860),
    (207229, 244323), (244736, 318822), (319447, 467261), (467987, 615801), (616426, 764240), (764909, 912723),
    (913348, 1061162), (1061831, 1209645), (1210270, 1358084), (1358754, 1654281), (1655419, 2245858),
    (2247097, 2837536), (2838674, 3429113), (3430295, 4020734), (4021872, 4612311), (4613493, 5794271),
    (5796435, 8156862), (8159127, 10519554), (10521718, 12882145), (12884353, 15244780), (15246944, 17607371),
    (17609579, 19970006), (19972170, 22332597),
)  # fmt: skip
"""Byte offsets of (convolution, affine) in forward order."""
_HEAD_PLACE = 22334922
HEAD_SHAPE = (256, 128)
_WIDTHS = (32,) * 7 + (64,) * 8 + (128,) * 6 + (256,) * 8
"""Filters of each convolution in forward order: the stem, then two per block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conv:
    """`filters` `[N, k, k, C_in]` (TFLite's order) and `bias` `[N]`, the affine layer folded in. int8 filters are to be
    multiplied by `scales` `[N]`."""

    filters: Floats | npt.NDArray[np.int8]
    bias: Floats
    scales: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """`convs` in forward order; `head` `[128, 256]`."""

    convs: tuple[Conv, ...]
    head: Floats


def read_weights(data: bytes) -> Weights:
    """`data` is the whole .dat file, its SHA-256 already checked."""
    channels = (3, *_WIDTHS[:-1])
    convs = tuple(
        _conv(data, place, (width, depth, 7 if i == 0 else 3, 7 if i == 0 else 3))
        for i, (place, width, depth) in enumerate(zip(_PLACES, _WIDTHS, channels, strict=True))
    )
    head = _floats(data, _HEAD_PLACE, HEAD_SHAPE)
    return Weights(convs=convs, head=np.ascontiguousarray(head.T))


def quantised(conv: Conv) -> Conv:
    """The same with int8 filters: symmetric, one scale per filter."""
    scales = np.asarray(np.abs(conv.filters).max(axis=(1, 2, 3)) / 127, np.float32)
    steps = np.rint(conv.filters / scales[:, None, None, None])
    return Conv(filters=np.clip(steps, -127, 127).astype(np.int8), bias=conv.bias, scales=scales)


def _conv(data: bytes, place: tuple[int, int], shape: tuple[int, int, int, int]) -> Conv:
    conv, affine = place
    filters = _floats(data, conv, shape)
    bias = _floats(data, conv + 4 * prod(shape), shape[:1])
    gamma, beta = _floats(data, affine, (2, shape[0]))
    folded = filters * gamma[:, None, None, None]
    return Conv(filters=np.ascontiguousarray(folded.transpose(0, 2, 3, 1)), bias=bias * gamma + beta)


def _floats(data: bytes, place: int, shape: tuple[int, ...]) -> Floats:
    return np.frombuffer(data, "<f4", prod(shape), place).astype(np.float32).reshape(shape)
