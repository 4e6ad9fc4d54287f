"""The network: depthwise-separable convolutions down to a sixteenth of the picture, and back up to an eighth.

Only CONV_2D, DEPTHWISE_CONV_2D and ADD with fused ReLU6 and one RESIZE_BILINEAR: what the Edge TPU compiler
takes; batch normalisation folds away. The blocks are those of MobileNet (A. Howard et al., arXiv:1704.04861) with
shortcuts; handing coarse maps back to finer ones is that of feature pyramids (T.-Y. Lin et al., arXiv:1612.03144).
"""

from typing import Any

import keras

from gateway.perception.motion_grid import SIZE
from services.factory.motion.planes import Kind

CHANNELS = 1 + len(Kind)
"""Of the answer: a logit that something moves, then the logits of the kinds."""
_DEEP = 3
_MOMENTUM = 0.97


def build(widths: tuple[int, int, int, int]) -> Any:
    """`widths` of the scales of a half, a quarter, an eighth and a sixteenth. Input float32 `(1, *SIZE, 2)` in [0, 1].

    What the coarsest scale sees of the whole picture is handed back to the cells of the answer: light is told from
    people by what happens around."""
    half, quarter, eighth, sixteenth = widths
    picture = keras.Input((*SIZE, 2), name="picture")
    x = _normal(keras.layers.Conv2D(half, 3, 2, "same", use_bias=False)(picture))
    x = _block(_block(x, quarter, 2), quarter, 1)
    fine = _block(_block(x, eighth, 2), eighth, 1)
    x = _block(fine, sixteenth, 2)
    for _ in range(_DEEP):
        x = _block(x, sixteenth, 1)
    around = keras.layers.UpSampling2D(2, interpolation="bilinear")(_linear(x, eighth))
    x = keras.layers.ReLU(6.0)(keras.layers.Add()([fine, around]))
    x = _block(_block(x, eighth, 1), eighth, 1)
    answer = keras.layers.Conv2D(CHANNELS, 1, name="answer")(x)
    return keras.Model(picture, answer, name="motion")


def _block(x: Any, width: int, stride: int) -> Any:
    y = _normal(keras.layers.DepthwiseConv2D(3, stride, "same", use_bias=False)(x))
    y = _linear(y, width)
    if stride == 1 and x.shape[-1] == width:
        y = keras.layers.Add()([x, y])
    return keras.layers.ReLU(6.0)(y)


def _linear(x: Any, width: int) -> Any:
    return keras.layers.BatchNormalization(momentum=_MOMENTUM)(keras.layers.Conv2D(width, 1, use_bias=False)(x))


def _normal(x: Any) -> Any:
    return keras.layers.ReLU(6.0)(keras.layers.BatchNormalization(momentum=_MOMENTUM)(x))
