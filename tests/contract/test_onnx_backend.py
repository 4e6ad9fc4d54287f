"""The ONNX backend keeps the promises of every backend, and answers like the TFLite file of the same network."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gateway.errors import Invalid, Refused
from gateway.models import vectors
from gateway.models.backends import backend_for
from gateway.models.litert import LiteRtBackend
from gateway.models.onnx import OnnxBackend, providers
from gateway.testing.conformance_backend import check_backend, inputs_for
from gateway.wire.model_card import ModelCard
from services.factory.onnx_graph import export
from tests.models.tiny import card, tiny_graph, tiny_model

Nodes = Sequence[Any]


def onnx_card(data: bytes, **changes: Any) -> ModelCard:
    return card(data, file="tiny.onnx", backend="onnx", **changes)


def written(folder: Path, data: bytes) -> Path:
    file = folder / "tiny.onnx"
    file.write_bytes(data)
    return file


def halves(size: int | str = 4, kind: int = TensorProto.FLOAT, change: Callable[[Any], object] | None = None) -> bytes:
    """`x (1, size)` -> `y = x * 0.5`; `change` may spoil the model before it is written."""
    half = numpy_helper.from_array(np.asarray([0.5], np.float32), "half")
    ends = [helper.make_tensor_value_info(name, kind, [1, size]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Mul", ["x", "half"], ["y"])], "halves", ends[:1], ends[1:], [half])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    if change is not None:
        change(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def halves_card(data: bytes, size: int = 4, **changes: Any) -> ModelCard:
    spec = {"shape": [1, size], "dtype": "float32"}
    return onnx_card(data, **{"inputs": [spec], "outputs": [spec], **changes})


def refused(data: bytes, folder: Path, told: ModelCard | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        OnnxBackend().load(told or halves_card(data), written(folder, data))
    return caught.value


def test_keeps_the_promises(tmp_path: Path) -> None:
    data = export(tiny_graph(), "a test model")
    folder = tmp_path / "damaged"
    folder.mkdir()
    check_backend(OnnxBackend, onnx_card(data), written(tmp_path, data), folder)


def test_answers_the_golden_vectors_of_the_tflite_file(tmp_path: Path) -> None:
    (tmp_path / "tiny.tflite").write_bytes(tiny_model())
    first = LiteRtBackend()
    first.load(card(), tmp_path / "tiny.tflite")
    asked = vectors.make(first, card(), [inputs_for(card(), seed) for seed in range(5)])
    data = export(tiny_graph(), "a test model")
    second = OnnxBackend()
    second.load(onnx_card(data), written(tmp_path, data))
    report = vectors.check(second, onnx_card(data), asked)
    assert (report.holds, report.cases) == (True, 5)
    assert report.worst_abs < 1e-3


def test_the_card_chooses_the_runtime() -> None:
    assert isinstance(backend_for(card()), LiteRtBackend)
    assert isinstance(backend_for(card(backend="onnx")), OnnxBackend)


@pytest.mark.parametrize("cut", [0, 1, 20, -1])
def test_a_truncated_model_with_a_matching_hash_is_refused(cut: int, tmp_path: Path) -> None:
    data = halves()[:cut] or b"\x12"
    assert refused(data, tmp_path).key in {"model_invalid", "model_tensors"}


@pytest.mark.parametrize("data", [b"\0" * 64, b"<html>not a model</html>", tiny_model()])
def test_what_is_no_model_is_refused(data: bytes, tmp_path: Path) -> None:
    assert refused(data, tmp_path).key == "model_invalid"


def test_damaged_models_with_a_matching_hash_never_crash(tmp_path: Path) -> None:
    whole, source = export(tiny_graph(), "a test model"), random.Random(13)
    refusals = 0
    for round_ in range(400):
        data = bytearray(whole[: source.randrange(1, len(whole))] if round_ % 5 == 0 else whole)
        for _ in range(1 + round_ % 4):
            data[source.randrange(len(data))] = source.randrange(256)
        told, backend = onnx_card(bytes(data)), OnnxBackend()
        try:
            backend.load(told, written(tmp_path, bytes(data)))
            backend.infer(inputs_for(told))
        except (Refused, Invalid):
            refusals += 1
    assert 200 < refusals < 400


@pytest.mark.parametrize(
    ("kind", "size"), [(TensorProto.FLOAT, 5), (TensorProto.DOUBLE, 4), (TensorProto.FLOAT16, 4), (TensorProto.INT8, 4)]
)
def test_a_card_that_lies_is_refused(kind: int, size: int, tmp_path: Path) -> None:
    def convert(model: Any) -> None:
        model.graph.initializer[0].CopyFrom(
            numpy_helper.from_array(np.asarray([1], helper.tensor_dtype_to_np_dtype(kind)), "half")
        )

    data = halves(size, kind, convert)
    assert refused(data, tmp_path).key in {"model_tensors", "model_invalid"}


def test_a_size_that_the_model_leaves_open_is_the_cards(tmp_path: Path) -> None:
    data = halves("any")
    backend = OnnxBackend()
    backend.load(halves_card(data, 6), written(tmp_path, data))
    assert backend.infer([np.full((1, 6), 3, np.float32)])[0].tolist() == [[1.5] * 6]
    with pytest.raises(Invalid):
        backend.infer([np.zeros((1, 7), np.float32)])


def test_an_open_size_that_turns_out_otherwise_is_refused_when_loaded(tmp_path: Path) -> None:
    data = halves("any")
    outputs = [{"shape": [1, 5], "dtype": "float32"}]
    assert refused(data, tmp_path, halves_card(data, 6, outputs=outputs)).key == "model_tensors"


def _external(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


def _external_without_saying_so(model: Any) -> None:
    model.graph.initializer[0].external_data.add(key="location", value="*/_ORT_MEM_ADDR_/*")


def _foreign(model: Any) -> None:
    model.graph.node[0].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def _of_the_vendor(model: Any) -> None:
    model.graph.node[0].op_type, model.graph.node[0].domain = "FusedMatMul", "com.microsoft"


def _hidden(model: Any) -> None:
    """External weights in the branch of a condition."""
    tensor = numpy_helper.from_array(np.zeros(1, np.float32), "inner")
    tensor.external_data.add(key="location", value="weights.bin")
    branch = helper.make_graph([helper.make_node("Constant", [], ["z"], value=tensor)], "branch", [], [])
    model.graph.node.append(helper.make_node("If", ["x"], ["z"], then_branch=branch, else_branch=branch))


def _function(model: Any) -> None:
    model.functions.append(helper.make_function("mine", "F", ["x"], ["y"], [], [helper.make_opsetid("", 21)]))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_external, "weights outside"),
        (_external_without_saying_so, "weights outside"),
        (_hidden, "weights outside"),
        (_foreign, "operators of com.example"),
        (_of_the_vendor, "operators of com.microsoft"),
        (_function, "functions"),
    ],
)
def test_what_reaches_beyond_the_file_is_refused(change: Callable[[Any], object], why: str, tmp_path: Path) -> None:
    error = refused(halves(change=change), tmp_path)
    assert error.key == "model_invalid"
    assert why in str(error.facts["cause"])


def test_an_unknown_operator_is_refused(tmp_path: Path) -> None:
    def change(model: Any) -> None:
        model.graph.node[0].op_type = "NoSuchThing"

    assert refused(halves(change=change), tmp_path).key == "model_invalid"


def test_a_model_that_fails_while_it_runs_drops_the_item_and_goes_on(tmp_path: Path) -> None:
    """Picks one of two numbers; asked for the tenth it fails."""
    numbers = numpy_helper.from_array(np.asarray([5, 7], np.float32), "numbers")
    ends = [
        helper.make_tensor_value_info("i", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, [1]),
    ]
    graph = helper.make_graph([helper.make_node("Gather", ["numbers", "i"], ["y"])], "g", ends[:1], ends[1:], [numbers])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    inputs, outputs = [{"shape": [1], "dtype": "int64"}], [{"shape": [1], "dtype": "float32"}]
    backend = OnnxBackend()
    backend.load(onnx_card(data, inputs=inputs, outputs=outputs), written(tmp_path, data))
    with pytest.raises(Invalid) as caught:
        backend.infer([np.asarray([10], np.int64)])
    assert caught.value.key == "model_failed"
    assert backend.infer([np.asarray([1], np.int64)])[0].tolist() == [7]


def test_without_the_runtime_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    error = refused(halves(), tmp_path)
    assert error.key == "runtime_missing"
    assert "hearthgate[onnx]" in str(error.facts["hint"])


@pytest.mark.parametrize(
    ("wanted", "available", "taken"),
    [
        (("tensorrt", "openvino"), ["OpenVINOExecutionProvider", "CPUExecutionProvider"], ["OpenVINO", "CPU"]),
        (("cpu",), ["OpenVINOExecutionProvider", "CPUExecutionProvider"], ["CPU"]),
        (("tensorrt",), ["AzureExecutionProvider", "CPUExecutionProvider"], ["CPU"]),
    ],
)
def test_providers_are_those_of_the_card_that_are_there(
    wanted: tuple[str, ...], available: list[str], taken: list[str]
) -> None:
    assert providers(card(providers=wanted), available) == [f"{name}ExecutionProvider" for name in taken]
