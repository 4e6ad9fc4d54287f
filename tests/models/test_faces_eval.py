"""`hearthgate eval faces|embed` on folders of drawn photos."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from gateway.app.eval_faces import evaluate_embed, evaluate_faces
from gateway.errors import Invalid
from gateway.perception.blazeface import Rgb
from gateway.perception.faces import FacePipeline
from gateway.testing.drawn_face import draw_face
from tests.models.faces import real_pipeline
from tests.models.test_faces_drawn import ANN, BEN


@pytest.fixture(scope="module")
def pipeline() -> Iterator[FacePipeline]:
    with real_pipeline() as opened:
        yield opened


def _save(path: Path, picture: Rgb) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[..., ::-1])


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for width in (80, 100, 120):
        _save(tmp_path / "gallery" / "Ann" / f"{width}.jpg", draw_face(ANN, width_px=width))
    probes = tmp_path / "probes"
    _save(probes / "Ann" / "near.jpg", draw_face(ANN, size=(200, 200), width_px=130))
    _save(probes / "Ann" / "large.jpg", draw_face(ANN, size=(2400, 1800), width_px=500))
    _save(probes / "ben.png", draw_face(BEN, width_px=100))
    _save(probes / "grey.pgm", np.asarray(cv2.cvtColor(draw_face(ANN), cv2.COLOR_RGB2GRAY), np.uint8)[..., None])
    _save(probes / "empty.png", np.full((200, 200, 3), 90, np.uint8))
    (probes / "cut.jpg").write_bytes((probes / "Ann" / "near.jpg").read_bytes()[:1500])
    (probes / "nothing.jpg").write_bytes(b"")
    (probes / "page.png").write_bytes(b"<html>404</html>")
    (probes / "notes.txt").write_text("not a photo", encoding="utf-8")
    return tmp_path


def test_every_probe_gets_a_name_or_a_reason(photos: Path, pipeline: FacePipeline) -> None:
    result = evaluate_faces(photos / "gallery", photos / "probes", pipeline)
    answers = {probe.probe: (probe.name, probe.reason) for probe in result.probes}
    assert answers == {
        "Ann/near.jpg": ("Ann", None),
        "Ann/large.jpg": ("Ann", None),
        "ben.png": ("unknown", None),
        "grey.pgm": (answers["grey.pgm"][0], None),
        "empty.png": ("unknown", "no_face"),
        "cut.jpg": ("unknown", "photo_truncated"),
        "nothing.jpg": ("unknown", "photo_empty"),
        "page.png": ("unknown", "photo_not_image"),
    }
    assert result.people == {"Ann": 3}
    widths = {probe.probe: probe.face_px for probe in result.probes}
    assert widths["Ann/large.jpg"] == pytest.approx(500, rel=0.2)
    assert widths["empty.png"] == 0
    scores = {probe.probe: probe.score for probe in result.probes}
    assert scores["Ann/near.jpg"] > 0.943 > scores["ben.png"] > 0
    assert {probe.nearest for probe in result.probes if probe.reason is None} == {"Ann"}


def test_embeddings_are_written_with_what_was_missed(photos: Path, pipeline: FacePipeline) -> None:
    evaluate_embed(photos / "probes", photos / "out.npz", pipeline)
    with np.load(photos / "out.npz", allow_pickle=False) as kept:
        files, vectors = kept["files"].tolist(), kept["embeddings"]
        assert files == ["Ann/large.jpg", "Ann/near.jpg", "ben.png", "grey.pgm"]
        assert (vectors.shape, vectors.dtype.name) == ((4, 128), "float32")
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert kept["face_px"].shape == kept["score"].shape == (4,)
        assert kept["missed"].tolist() == ["cut.jpg", "empty.png", "nothing.jpg", "page.png"]


def test_a_folder_without_faces_gives_empty_arrays(tmp_path: Path, pipeline: FacePipeline) -> None:
    (tmp_path / "in").mkdir()
    result = evaluate_embed(tmp_path / "in", tmp_path / "out.npz", pipeline)
    assert result.embeddings.shape == (0, 128)


@pytest.mark.parametrize(
    ("gallery", "probes", "key"),
    [
        ("nowhere", "probes", "folder_missing"),
        ("gallery", "nowhere", "folder_missing"),
        ("hollow", "probes", "gallery_empty"),
    ],
)
def test_missing_folders_are_named(photos: Path, pipeline: FacePipeline, gallery: str, probes: str, key: str) -> None:
    (photos / "hollow").mkdir()
    with pytest.raises(Invalid) as told:
        evaluate_faces(photos / gallery, photos / probes, pipeline)
    assert told.value.key == key
