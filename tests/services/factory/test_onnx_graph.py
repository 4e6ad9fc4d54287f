"""Networks of ours as ONNX: every operator answers as in TFLite."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from gateway.errors import Refused
from gateway.models.flattable import byte
from gateway.models.graph import Graph
from gateway.models.operators import PAD_OPTIONS, Op, Padding, add_options, conv_options, pool_options
from gateway.models.runtime import interpreter_class
from gateway.models.serialise import serialise
from services.factory.onnx_graph import export
from tests.models.tiny import tiny_graph

Floats = npt.NDArray[np.float32]


def both(graph: Graph, picture: Floats) -> tuple[Floats, Floats]:
    """The first output in TFLite and in ONNX Runtime."""
    import onnxruntime

    interpreter = interpreter_class()(model_content=serialise(graph, "test"))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    session = onnxruntime.InferenceSession(export(graph, "test"), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: picture})
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), found[0]


def picture(*shape: int) -> Floats:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", list(Padding))
def test_convolutions_are_padded_alike(side: int, size: int, stride: int, padding: Padding) -> None:
    graph = Graph("one")
    image = graph.input("image", (1, side, side, 3))
    weights = graph.constant("filters", picture(4, size, size, 3)), graph.constant("bias", picture(4))
    out = -(-side // stride) if padding is Padding.SAME else (side - size) // stride + 1
    options = conv_options(padding, stride, relu=True)
    graph.output(graph.operate(Op.CONV_2D, (image, *weights), (1, out, out, 4), options, name="maps"))
    wanted, found = both(graph, picture(1, side, side, 3))
    assert found.shape == (1, out, out, 4)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_pooling_padding_and_adding_answer_alike() -> None:
    graph = Graph("pools")
    x = graph.input("image", (1, 5, 5, 2))
    small = graph.operate(Op.AVERAGE_POOL_2D, (x,), (1, 2, 2, 2), pool_options(2, 2))
    large = graph.operate(Op.MAX_POOL_2D, (x,), (1, 2, 2, 2), pool_options(3, 2))
    sums = graph.operate(Op.ADD, (small, large), (1, 2, 2, 2), add_options(relu=True))
    paddings = graph.constant("paddings", np.asarray([[0, 0], [0, 1], [2, 0], [0, 3]], np.int32))
    graph.output(graph.operate(Op.PAD, (sums, paddings), (1, 3, 4, 5), PAD_OPTIONS, name="padded"))
    wanted, found = both(graph, picture(1, 5, 5, 2))
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_equal_graphs_give_equal_bytes_of_plain_onnx() -> None:
    data = export(tiny_graph(), "a test model")
    assert data == export(tiny_graph(), "a test model")
    model = onnx.load_from_string(data)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 21)]
    assert [i.name for i in model.graph.input] == ["image"]
    assert [o.name for o in model.graph.output] == ["maps", "scores"]


def test_quantised_weights_are_refused() -> None:
    graph = Graph("small")
    image = graph.input("image", (1, 8, 8, 3))
    filters = graph.constant("filters", np.ones((4, 3, 3, 3), np.int8), np.ones(4, np.float32))
    options = conv_options(Padding.SAME, 1, relu=False, int8_filters=True)
    weights = filters, graph.constant("bias", picture(4))
    graph.output(graph.operate(Op.CONV_2D, (image, *weights), (1, 8, 8, 4), options))
    with pytest.raises(Refused) as caught:
        export(graph, "test")
    assert caught.value.key == "onnx_quantised"


def test_a_pool_with_padding_is_refused() -> None:
    graph = Graph("pool")
    image = graph.input("image", (1, 4, 4, 1))
    padded = replace(pool_options(2, 2), fields={**pool_options(2, 2).fields, 0: byte(Padding.SAME)})
    graph.output(graph.operate(Op.MAX_POOL_2D, (image,), (1, 2, 2, 1), padded))
    with pytest.raises(Refused) as caught:
        export(graph, "test")
    assert caught.value.key == "onnx_operator"
