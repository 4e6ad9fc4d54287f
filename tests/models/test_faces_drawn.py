"""The real models on faces that belong to nobody."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from gateway.perception.blazeface import Floats, Rgb
from gateway.perception.enrol import from_photos
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import Gallery, Template, Verdict
from gateway.perception.photo import faces_in, meant
from gateway.testing.drawn_face import DrawnFace, draw_face
from tests.models.faces import real_pipeline

ANN = DrawnFace(skin=(245, 210, 190), hair=(200, 170, 90), eyes_apart=21, mouth_down=42, beard=True)
BEN = DrawnFace(skin=(120, 80, 60), hair=(20, 15, 10), eyes_apart=27, mouth_down=50)


@pytest.fixture(scope="module")
def pipeline() -> Iterator[FacePipeline]:
    with real_pipeline() as opened:
        yield opened


def _vector(pipeline: FacePipeline, picture: Rgb) -> Floats:
    (face,) = pipeline.find(picture)
    return pipeline.embed(pipeline.portrait(picture, pipeline.refine(picture, face)).chip)


@pytest.mark.parametrize("width", [40, 60, 90, 130])
@pytest.mark.parametrize("centre", [(150.0, 150.0), (110.0, 180.0)])
def test_a_face_is_found_where_it_was_drawn(pipeline: FacePipeline, width: int, centre: tuple[float, float]) -> None:
    (face,) = pipeline.find(draw_face(ANN, width_px=width, centre=centre))
    scale = width / 120
    eyes = [(centre[0] + side * 21 * scale, centre[1] - 10 * scale) for side in (-1, 1)]
    assert face.points[0].tolist() == pytest.approx(eyes[0], abs=0.08 * width)
    assert face.points[1].tolist() == pytest.approx(eyes[1], abs=0.08 * width)
    assert face.points[3].tolist() == pytest.approx((centre[0], centre[1] + 42 * scale), abs=0.12 * width)
    assert face.width == pytest.approx(width, rel=0.25)


def test_nothing_is_found_where_nobody_is(pipeline: FacePipeline) -> None:
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (300, 300, 3), dtype=np.uint8)
    assert pipeline.find(np.full((300, 300, 3), 128, np.uint8)) == []
    assert pipeline.find(noise) == []
    assert pipeline.find(np.asarray(cv2.GaussianBlur(noise, (0, 0), 12), np.uint8)) == []


def test_a_face_that_fills_the_picture_is_found_from_near(pipeline: FacePipeline) -> None:
    picture = draw_face(ANN, size=(160, 160), width_px=130)
    found = meant(faces_in(pipeline, picture), 160, 160)
    assert found is not None
    assert found.centre == pytest.approx((80, 85), abs=20)


def test_the_second_look_is_steadier(pipeline: FacePipeline) -> None:
    """Of a small face in large regions the first look jumps with the grid; alignment needs points that do not."""
    places = [(200.0, 300.0), (213.0, 287.0), (261.0, 255.0), (307.0, 321.0), (333.0, 274.0)]
    looks: list[list[Floats]] = [[], []]
    for x, y in places:
        picture = draw_face(ANN, size=(560, 560), width_px=60, centre=(x, y))
        (face,) = pipeline.find(picture)
        for seen, one in zip(looks, (face, pipeline.refine(picture, face)), strict=True):
            seen.append(one.points[:4] - np.array([x, y], np.float32))
    spread = [float(np.stack(seen).std(axis=0).mean()) for seen in looks]
    assert spread[1] < 0.8 * spread[0]


def test_vectors_tell_two_drawn_people_apart_at_any_size(pipeline: FacePipeline) -> None:
    ann = [_vector(pipeline, draw_face(ANN, width_px=width)) for width in (60, 90, 130)]
    ben = [_vector(pipeline, draw_face(BEN, width_px=width)) for width in (60, 90, 130)]
    assert all(float(np.linalg.norm(v)) == pytest.approx(1, abs=1e-5) for v in ann + ben)
    within = min(float(a @ b) for group in (ann, ben) for a in group for b in group)
    across = max(float(a @ b) for a in ann for b in ben)
    assert within > 0.97
    assert across < 0.943


def test_a_mirror_image_is_averaged_in(pipeline: FacePipeline) -> None:
    picture = draw_face(BEN)
    (face,) = pipeline.find(picture)
    chip = pipeline.portrait(picture, face).chip
    both = pipeline.embed_both_ways(chip)
    assert float(both @ pipeline.embed(chip)) > 0.98
    assert np.allclose(both, pipeline.embed_both_ways(np.ascontiguousarray(chip[:, ::-1])), atol=1e-4)


def test_enrolled_from_pictures_and_recognised_in_another(pipeline: FacePipeline) -> None:
    photos = []
    for width in (70, 100, 120):
        _, data = cv2.imencode(".jpg", draw_face(ANN, width_px=width)[..., ::-1])
        photos.append(data.tobytes())
    learnt = from_photos(pipeline, photos)
    assert [photo.refused for photo in learnt.photos] == [None] * 3
    assert learnt.template is not None
    house = Gallery(model="m", templates=(Template(person="a", name="Ann", model="m", vector=learnt.template),))
    night = np.asarray(draw_face(ANN, width_px=80) // 2, np.uint8)
    assert house.match(_vector(pipeline, night)).verdict is Verdict.RECOGNISED
    assert house.match(_vector(pipeline, draw_face(BEN, width_px=80))).verdict is Verdict.UNKNOWN
