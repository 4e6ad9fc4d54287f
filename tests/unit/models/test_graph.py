"""What the writer writes: reproducible, aligned, and readable by the runtime."""

import numpy as np

from gateway.models.graph import Graph
from gateway.models.operators import PAD_OPTIONS, Op, add_options, pool_options
from gateway.models.runtime import interpreter_class
from gateway.models.serialise import serialise
from tests.models.tiny import FILTERS, tiny_graph, tiny_model


def run(
    graph: Graph, picture: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    interpreter = interpreter_class()(model_content=serialise(graph, "test"))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    output: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = interpreter.get_tensor(
        interpreter.get_output_details()[0]["index"]
    )
    return output


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert tiny_model() == tiny_model()


def test_the_file_says_what_it_is_and_weights_lie_on_16_bytes() -> None:
    data = tiny_model()
    assert data[4:8] == b"TFL3"
    assert data.index(FILTERS.tobytes()) % 16 == 0
    assert len(data) % 16 == 0


def test_both_fields_of_an_operator_code_are_set() -> None:
    """Old readers look at the byte, new ones at the int; the larger one counts."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(tiny_model(), 0)
    codes = [model.OperatorCodes(i) for i in range(model.OperatorCodesLength())]
    found = [(code.DeprecatedBuiltinCode(), code.BuiltinCode(), code.Version()) for code in codes]
    assert found == [(op, op, 1) for op in (Op.CONV_2D, Op.FULLY_CONNECTED, Op.MEAN)]
    assert model.Version() == 3
    assert model.BuffersLength() == len(tiny_graph().tensors) + 1
    assert model.Buffers(0).DataLength() == 0


def test_the_signature_names_inputs_and_outputs() -> None:
    interpreter = interpreter_class()(model_content=tiny_model())
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["image"], "outputs": ["maps", "scores"]}}


def test_pooling_padding_and_adding_do_what_numpy_does() -> None:
    graph = Graph("pools")
    x = graph.input("image", (1, 4, 4, 2))
    small = graph.operate(Op.AVERAGE_POOL_2D, (x,), (1, 2, 2, 2), pool_options(2, 2))
    large = graph.operate(Op.MAX_POOL_2D, (x,), (1, 2, 2, 2), pool_options(2, 2))
    both = graph.operate(Op.ADD, (small, large), (1, 2, 2, 2), add_options(relu=True))
    paddings = graph.constant("paddings", np.asarray([[0, 0], [0, 1], [0, 2], [0, 3]], np.int32))
    graph.output(graph.operate(Op.PAD, (both, paddings), (1, 3, 4, 5), PAD_OPTIONS))
    picture = np.random.default_rng(3).normal(size=(1, 4, 4, 2)).astype(np.float32)
    windows = picture.reshape(2, 2, 2, 2, 2).transpose(0, 2, 4, 1, 3).reshape(2, 2, 2, 4)
    expected = np.pad(np.maximum(windows.mean(-1) + windows.max(-1), 0), ((0, 1), (0, 2), (0, 3)))
    np.testing.assert_allclose(run(graph, picture)[0], expected, atol=1e-6)
