"""Reading dlib's weights and laying out its network, on made-up weights of the real size."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from gateway.models import dlib_resnet
from gateway.models.dlib_resnet import MEAN_RGB
from gateway.models.dlib_weights import _HEAD_PLACE, _PLACES, quantised, read_weights
from gateway.models.operators import Op

SIZE = 22_466_066


@cache
def made_up() -> bytes:
    """Random floats wherever the file has some: blocks begin at odd places and go on to the next one's header."""
    source, data = np.random.default_rng(5), bytearray(SIZE)
    starts = sorted([place for pair in _PLACES for place in pair] + [_HEAD_PLACE])
    for start, end in pairwise([*starts, SIZE]):
        values = source.normal(0, 0.05, (end - start) // 4).astype("<f4").tobytes()
        data[start : start + len(values)] = values
    return bytes(data)


def floats(place: int, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.frombuffer(made_up(), "<f4", count, place)


def test_the_affine_layer_is_folded_into_its_convolution() -> None:
    stem = read_weights(made_up()).convs[0]
    filters, bias = floats(352, 4704).reshape(32, 3, 7, 7), floats(352 + 4 * 4704, 32)
    gamma, beta = floats(19400, 32), floats(19400 + 128, 32)
    n, y, x, c = 5, 2, 6, 1
    assert stem.filters[n, y, x, c] == filters[n, c, y, x] * gamma[n]
    np.testing.assert_array_equal(stem.bias, bias * gamma + beta)


def test_the_network_has_29_convolutions_of_the_published_widths() -> None:
    weights = read_weights(made_up())
    shapes = [conv.filters.shape for conv in weights.convs]
    assert len(shapes) == 29
    assert shapes[0] == (32, 7, 7, 3)
    assert shapes[7] == (64, 3, 3, 32)
    assert shapes[-1] == (256, 3, 3, 256)
    assert weights.head.shape == (128, 256)
    values = sum(conv.filters.size + 3 * conv.bias.size for conv in weights.convs) + weights.head.size
    assert values == 5_614_592
    assert weights.head[3, 7] == floats(22334922, 256 * 128).reshape(256, 128)[7, 3]


def test_the_graph_is_the_published_one() -> None:
    graph = dlib_resnet.network(read_weights(made_up()))
    counts = {op: sum(operator.op == op for operator in graph.operators) for op in Op}
    assert counts == {
        Op.CONV_2D: 29,
        Op.ADD: 14,
        Op.PAD: 5,
        Op.AVERAGE_POOL_2D: 4,
        Op.MAX_POOL_2D: 1,
        Op.MEAN: 1,
        Op.FULLY_CONNECTED: 1,
    }
    sums = [graph.shape(operator.output) for operator in graph.operators if operator.op is Op.ADD]
    assert sums[2] == (1, 35, 35, 32)
    assert sums[6] == (1, 17, 17, 64)
    assert sums[9] == (1, 8, 8, 128)
    assert sums[12] == (1, 4, 4, 256)
    assert sums[13] == (1, 2, 2, 256)


def test_int8_filters_differ_by_at_most_half_a_step() -> None:
    conv = read_weights(made_up()).convs[3]
    small = quantised(conv)
    assert small.filters.dtype == np.int8
    assert small.scales is not None
    steps = small.scales[:, None, None, None]
    assert (np.abs(small.filters * steps - conv.filters) <= steps * 0.5001).all()
    assert (np.abs(small.filters).max(axis=(1, 2, 3)) == 127).all()


def test_the_mean_colour_gives_the_stem_its_bias_alone() -> None:
    stem = read_weights(made_up()).convs[0]
    folded = dlib_resnet._normalising(stem)
    picture = np.broadcast_to(np.asarray(MEAN_RGB), (7, 7, 3))
    found = (folded.filters * picture).sum((1, 2, 3)) + folded.bias
    np.testing.assert_allclose(found, stem.bias, atol=1e-5)


def test_a_short_file_does_not_become_a_model() -> None:
    with pytest.raises(ValueError, match="buffer"):
        read_weights(made_up()[:-1000])
