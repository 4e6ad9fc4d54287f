"""What the last Edge TPU compiler (16.0.384591198, built in July 2021) knows.

`newest` is an operator's newest version in TensorFlow 2.6, the sources of that month: tensorflow/lite/tools/versioning/
runtime_version.cc names the release that each version needs. A newer one ends the compiler ("Didn't find op for
builtin opcode"), as reported for CONV_2D 6, TRANSPOSE_CONV 4, QUANTIZE 3 and EXP 2 (google-coral/edgetpu issues 631,
845 and 879, google-coral/libedgetpu issue 71). `mapped` operators run on the accelerator: coral.ai, "TensorFlow models
on the Edge TPU", table of supported operations; the others stay on the processor, and with them all that follows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TpuOp:
    name: str
    newest: int
    mapped: bool = True


def _op(name: str, newest: int) -> TpuOp:
    return TpuOp(name=name, newest=newest)


def _cpu(name: str, newest: int) -> TpuOp:
    return TpuOp(name=name, newest=newest, mapped=False)


TPU_OPS = {
    0: _op("ADD", 4), 1: _op("AVERAGE_POOL_2D", 3), 2: _op("CONCATENATION", 3), 3: _op("CONV_2D", 5),
    4: _op("DEPTHWISE_CONV_2D", 6), 5: _cpu("DEPTH_TO_SPACE", 2), 6: _cpu("DEQUANTIZE", 4), 8: _cpu("FLOOR", 1),
    9: _op("FULLY_CONNECTED", 9), 11: _op("L2_NORMALIZATION", 2), 14: _op("LOGISTIC", 3), 16: _op("LSTM", 4),
    17: _op("MAX_POOL_2D", 3), 18: _op("MUL", 5), 19: _op("RELU", 2), 20: _op("RELU_N1_TO_1", 1), 21: _op("RELU6", 3),
    22: _op("RESHAPE", 1), 23: _op("RESIZE_BILINEAR", 4), 25: _op("SOFTMAX", 3), 26: _op("SPACE_TO_DEPTH", 2),
    28: _op("TANH", 3), 34: _op("PAD", 4), 36: _cpu("GATHER", 5), 39: _op("TRANSPOSE", 5), 40: _op("MEAN", 3),
    41: _op("SUB", 5), 42: _cpu("DIV", 2), 43: _op("SQUEEZE", 2), 45: _op("STRIDED_SLICE", 6), 47: _cpu("EXP", 1),
    49: _op("SPLIT", 4), 53: _cpu("CAST", 1), 54: _op("PRELU", 1), 55: _op("MAXIMUM", 4), 56: _cpu("ARG_MAX", 2),
    57: _op("MINIMUM", 4), 60: _cpu("PADV2", 4), 65: _op("SLICE", 5), 67: _op("TRANSPOSE_CONV", 3),
    70: _op("EXPAND_DIMS", 1), 74: _op("SUM", 2), 76: _op("RSQRT", 2), 82: _op("REDUCE_MAX", 3), 83: _op("PACK", 3),
    88: _cpu("UNPACK", 4), 89: _op("REDUCE_MIN", 3), 97: _op("RESIZE_NEAREST_NEIGHBOR", 4), 98: _cpu("LEAKY_RELU", 2),
    99: _op("SQUARED_DIFFERENCE", 2), 107: _cpu("GATHER_ND", 3), 114: _op("QUANTIZE", 2), 117: _cpu("HARD_SWISH", 1),
    126: _cpu("BATCH_MATMUL", 4),
}  # fmt: skip
"""By the operator's number in the schema."""
