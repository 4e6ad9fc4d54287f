"""Every backend keeps the same promises; the real one also against real models."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from gateway.errors import Invalid, Refused
from gateway.models.graph import Graph
from gateway.models.litert import LiteRtBackend
from gateway.models.operators import Op, Options
from gateway.models.serialise import serialise
from gateway.seams import Backend
from gateway.testing.backend import FakeBackend
from gateway.testing.conformance_backend import check_backend, inputs_for
from gateway.wire.model_card import ModelCard, TensorSpec
from tests.models.tiny import BIAS, FILTERS, HEAD, card, shared, tiny_model


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.tflite"
    path.write_bytes(tiny_model())
    return path


@pytest.mark.parametrize("make", [LiteRtBackend, FakeBackend])
def test_keeps_the_promises(make: Callable[[], Backend], file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    check_backend(make, card(), file, folder)


class _Sloppy(FakeBackend):
    """Answers with the same array every time."""

    def load(self, card: ModelCard, file: Path) -> None:
        super().load(card, file)
        self._kept = [np.zeros(spec.shape, spec.dtype) for spec in card.outputs]

    def infer(self, inputs: Sequence[npt.NDArray[Any]]) -> tuple[npt.NDArray[np.generic], ...]:
        super().infer(inputs)
        for output in self._kept:
            np.copyto(output, inputs[0].sum(), casting="unsafe")
        return tuple(self._kept)


def test_a_backend_that_breaks_a_promise_is_found(file: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="does not change"):
        check_backend(_Sloppy, card(), file, tmp_path)


def test_answers_are_those_of_numpy_in_the_order_of_the_card(file: Path) -> None:
    picture = inputs_for(card())[0].astype(np.float64)[0]
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
    maps = np.maximum(np.einsum("yxckl,nklc->yxn", windows, FILTERS) + BIAS, 0)
    backend = LiteRtBackend()
    backend.load(card(), file)
    scores, found = backend.infer(inputs_for(card()))
    np.testing.assert_allclose(found[0], maps, rtol=1e-4)
    np.testing.assert_allclose(scores[0], HEAD @ maps.mean((0, 1)), rtol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": [{"shape": [1, 8, 8, 1], "dtype": "float32"}]},
        {"inputs": [{"shape": [1, 8, 8, 3], "dtype": "uint8"}]},
        {"inputs": [{"name": "picture", "shape": [1, 8, 8, 3], "dtype": "float32"}]},
        {"inputs": [{"shape": [1, 8, 8, 3], "dtype": "float32", "scale": 0.5, "zero_point": 3}]},
        {"outputs": [{"name": "scores", "shape": [1, 3], "dtype": "float32"}]},
        {"outputs": [{"shape": [1, 3], "dtype": "float32"}, {"shape": [1, 8, 8, 2], "dtype": "float32"}]},
    ],
)
def test_a_card_that_does_not_fit_its_model_is_refused(changes: dict[str, Any], file: Path) -> None:
    with pytest.raises(Refused) as caught:
        LiteRtBackend().load(card(**changes), file)
    assert caught.value.key == "model_tensors"


def test_without_names_tensors_are_taken_by_their_place(file: Path) -> None:
    specs = [{"shape": [1, 8, 8, 2], "dtype": "float32"}, {"shape": [1, 3], "dtype": "float32"}]
    backend = LiteRtBackend()
    backend.load(card(outputs=specs), file)
    assert [output.shape for output in backend.infer(inputs_for(card()))] == [(1, 8, 8, 2), (1, 3)]


@pytest.mark.parametrize("cut", [12, 200, 400, 900])
def test_a_damaged_model_with_a_matching_hash_is_refused_and_does_not_crash(cut: int, tmp_path: Path) -> None:
    """The hash is what a card's author took, possibly of a broken file."""
    data = tiny_model()[:cut]
    (tmp_path / "tiny.tflite").write_bytes(data)
    with pytest.raises(Refused) as caught:
        LiteRtBackend().load(card(data), tmp_path / "tiny.tflite")
    assert caught.value.key == "model_invalid"


def test_a_file_that_is_swapped_after_the_check_is_not_what_runs(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swapping(_stream: object, _card: ModelCard) -> None:
        (tmp_path / "other").write_bytes(b"TFL3 something else")
        (tmp_path / "other").replace(file)

    monkeypatch.setattr("gateway.models.litert._refuse_tpu", swapping)
    backend = LiteRtBackend()
    backend.load(card(), file)
    assert backend.infer(inputs_for(card()))[0].shape == (1, 3)


def real_card(file: Path, inputs: list[TensorSpec], outputs: list[TensorSpec]) -> ModelCard:
    return card(file.read_bytes(), id=file.stem, file=file.name, inputs=inputs, outputs=outputs)


def spec(dtype: str, *shape: int) -> TensorSpec:
    return TensorSpec.model_validate({"dtype": dtype, "shape": shape})


@pytest.mark.shared
def test_a_real_quantised_classifier_keeps_the_promises(tmp_path: Path) -> None:
    file = shared("models/mobilenet_v1_0.25_128_quant.tflite")
    check_backend(
        LiteRtBackend, real_card(file, [spec("uint8", 1, 128, 128, 3)], [spec("uint8", 1, 1001)]), file, tmp_path
    )


@pytest.mark.shared
def test_a_real_classifier_sees_the_cat() -> None:
    file = shared("models/mobilenet_v1_0.25_128_quant.tflite")
    labels = shared("models/imagenet_labels.txt").read_text(encoding="utf-8").splitlines()
    picture = cv2.imread(str(shared("models/cat.bmp")))
    assert picture is not None
    rgb = cv2.cvtColor(cv2.resize(picture, (128, 128), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    backend = LiteRtBackend()
    backend.load(real_card(file, [spec("uint8", 1, 128, 128, 3)], [spec("uint8", 1, 1001)]), file)
    best = backend.infer([rgb[None]])[0][0].argmax()
    assert "cat" in labels[int(best)]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["person_detect.tflite", "model_invoking_error.tflite"])
def test_a_model_that_the_runtime_does_not_take_is_refused(name: str) -> None:
    """One has quantisation that this runtime rejects, the other an operator that nobody has."""
    file = shared(f"models/{name}")
    with pytest.raises(Refused) as caught:
        LiteRtBackend().load(real_card(file, [], []), file)
    assert caught.value.key == "model_invalid"


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "mobilenet_v1_0.25_128_quant_edgetpu.tflite",
        "movenet_single_pose_lightning_ptq_edgetpu.tflite",
        "face-detector-quantized_edgetpu.tflite",
    ],
)
def test_a_model_compiled_for_the_edge_tpu_is_refused_on_the_cpu(name: str) -> None:
    file = shared(f"models/{name}")
    with pytest.raises(Refused) as caught:
        LiteRtBackend().load(real_card(file, [], []), file)
    assert caught.value.key == "model_needs_tpu"


def gather_model() -> bytes:
    """Picks one of two numbers; asked for the tenth it fails while it runs."""
    graph = Graph("gather")
    index = graph.input("index", (1,), np.int32)
    numbers = graph.constant("numbers", np.asarray([5, 7], np.float32))
    options = Options(kind=23, size=2)
    graph.output(graph.operate(cast("Op", 36), (numbers, index), (1,), options, name="number"))
    return serialise(graph, "gather")


def test_a_model_that_fails_while_it_runs_drops_the_item_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "gather.tflite"
    file.write_bytes(gather_model())
    backend = LiteRtBackend()
    backend.load(real_card(file, [spec("int32", 1)], [spec("float32", 1)]), file)
    with pytest.raises(Invalid) as caught:
        backend.infer([np.asarray([10], np.int32)])
    assert caught.value.key == "model_failed"
    assert backend.infer([np.asarray([1], np.int32)])[0].tolist() == [7]
