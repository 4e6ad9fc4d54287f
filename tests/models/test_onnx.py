"""The real face embedding as ONNX: the same answers as the TFLite file of the same network."""

import json
from pathlib import Path

import pytest

from gateway.models import vectors
from gateway.models.onnx import OnnxBackend
from gateway.models.packaged import packaged_cards
from gateway.testing.conformance_backend import check_backend
from gateway.wire.model_card import ModelCard
from services.factory import onnx_export

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("onnx")
    assert onnx_export.main(["--to", str(made)]) == 0
    return made


@pytest.fixture(scope="module")
def card(folder: Path) -> ModelCard:
    return ModelCard.model_validate(json.loads((folder / "dlib_resnet_v1.json").read_text(encoding="utf-8")))


def test_keeps_the_promises(folder: Path, card: ModelCard, tmp_path: Path) -> None:
    check_backend(OnnxBackend, card, folder / card.file, tmp_path)


def test_people_enrolled_with_the_tflite_file_stay_known(card: ModelCard) -> None:
    assert packaged_cards()["dlib_resnet_v1"].sha256 in card.comparable


def test_answers_the_golden_vectors_of_the_tflite_file(folder: Path, card: ModelCard) -> None:
    assert card.golden is not None
    backend = OnnxBackend()
    backend.load(card, folder / card.file)
    report = vectors.check(backend, card, (folder / card.golden.name).read_bytes())
    backend.close()
    assert (report.holds, report.cases) == (True, 3)
    assert report.worst_abs < 1e-4
    assert report.cosine > 0.999999
