import pytest

from gateway.flow.board import Counters
from gateway.perception.blazeface import Floats, Rgb
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import Gallery, Template
from gateway.perception.watch import FaceWatch, Finding
from gateway.seams import subject
from gateway.types import Box, Kind
from tests.unit.perception.painted import Painted, blank, paint, pipeline, seen, stamp, vector_of

ANN = Template(person="a", name="Ann", model="m", vector=vector_of(1))
HOUSE = Gallery(model="m", templates=(ANN,))
MOVED = Box(x0=0.4, y0=0.3, x1=0.6, y1=0.7)
WIDE = (1280, 720)


def _watch(cooldown_s: float = 30.0) -> FaceWatch:
    return FaceWatch(model="net", counters=Counters(), cooldown_s=cooldown_s)


def _visit(watch: FaceWatch, who: int, times: list[float], *, width: int = 80) -> list[Finding | None]:
    eyes = pipeline()
    picture = paint(blank(*WIDE), 640, 360, width, who)
    return [watch.look(seen(picture, at, MOVED), eyes, HOUSE) for at in times]


def test_a_known_face_is_announced_once_with_place_and_picture() -> None:
    found = _visit(_watch(), 1, [0, 0.2, 0.4])
    assert found[0] is not None
    assert found[1:] == [None, None]
    event, picture = found[0].event, found[0].picture
    assert (event.kind, event.label, event.source) == (Kind.FACE_RECOGNISED, "Ann", "door")
    assert (event.stamp, event.began) == (stamp(0), stamp(0))
    (detection,) = event.detections
    assert (detection.label, detection.model) == ("Ann", "net")
    assert detection.score == pytest.approx(1, abs=1e-4)
    assert detection.track is not None
    middle = (detection.box.x0 + detection.box.x1) / 2, (detection.box.y0 + detection.box.y1) / 2
    assert middle == pytest.approx((0.5, 0.5), abs=0.01)
    assert detection.box.x1 - detection.box.x0 == pytest.approx(80 / 1280, abs=0.01)
    assert picture.shape == pytest.approx((160, 160, 3), abs=12)
    assert picture[80, 80, 0] > 200


def test_the_models_are_told_whose_picture_they_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    about: list[str] = []
    embed = FacePipeline.embed

    def spied(self: FacePipeline, aligned: Rgb) -> Floats:
        about.append(subject.get())
        return embed(self, aligned)

    monkeypatch.setattr(FacePipeline, "embed", spied)
    _visit(_watch(), 1, [0])
    assert (about, subject.get()) == (["door"], "")


def test_a_stranger_is_announced_once_after_five_looks() -> None:
    found = _visit(_watch(), 3, [0.2 * i for i in range(9)])
    said = [(i, finding.event) for i, finding in enumerate(found) if finding is not None]
    assert [(i, event.kind, event.label) for i, event in said] == [(4, Kind.FACE_UNKNOWN, None)]
    assert said[0][1].began == stamp(0)
    assert said[0][1].detections[0].label == "face"


def test_a_stranger_who_stays_costs_one_look_a_second_only() -> None:
    watch = _watch()
    _visit(watch, 3, [0.2 * i for i in range(5)])
    assert watch.counters.get("faces.matched") == 5
    _visit(watch, 3, [0.8 + 0.2 * i for i in range(1, 11)])
    assert watch.counters.get("faces.matched") == 7
    assert watch.counters.get("faces.found") == 15


def test_the_same_person_again_within_the_cooldown_is_no_news() -> None:
    watch = _watch(cooldown_s=30)
    found = _visit(watch, 1, [0, 10, 20, 31])
    assert [finding is not None for finding in found] == [True, False, False, True]
    assert watch.counters.get("faces.repeated") == 2


def test_another_person_within_the_cooldown_is_news() -> None:
    watch = _watch()
    _visit(watch, 1, [0])
    assert any(_visit(watch, 3, [5 + 0.2 * i for i in range(5)]))


def test_a_face_too_small_is_counted_never_named() -> None:
    watch = _watch()
    assert _visit(watch, 1, [0, 0.2, 0.4], width=32) == [None] * 3
    assert watch.counters.get("faces.face_too_small") == 3
    assert watch.counters.get("faces.matched") == 0


def test_only_regions_are_turned_to_colour_never_the_wide_frame() -> None:
    watch, eyes = _watch(), pipeline()
    everywhere = Box(x0=0, y0=0, x1=1, y1=1)
    for i in range(12):
        one = seen(paint(blank(*WIDE), 640, 360, 80, 3), 0.2 * i, everywhere)
        watch.look(one, eyes, HOUSE)
        assert isinstance(one.frame.chroma, Painted)
        assert 1 <= len(one.frame.chroma.asked) <= 2
        for x0, y0, x1, y1 in one.frame.chroma.asked:
            assert (x1 - x0) * (y1 - y0) <= 720 * 720


def test_over_a_few_frames_every_part_of_a_large_motion_is_searched() -> None:
    """A face of 45 px in a corner: too small for the coarse square, so its tile must have its turn."""
    watch, eyes = _watch(), pipeline()
    picture = paint(blank(*WIDE), 60, 60, 45, 1)
    everywhere = Box(x0=0, y0=0, x1=1, y1=1)
    found = [watch.look(seen(picture, 0.2 * i, everywhere), eyes, HOUSE) for i in range(8)]
    assert [finding.event.label for finding in found if finding is not None] == ["Ann"]


def test_a_followed_face_is_found_again_without_motion() -> None:
    watch, eyes = _watch(), pipeline()
    picture = paint(blank(*WIDE), 640, 360, 80, 3)
    watch.look(seen(picture, 0, MOVED), eyes, HOUSE)
    assert watch.following
    still = seen(picture, 0.2)
    watch.look(still, eyes, HOUSE)
    assert isinstance(still.frame.chroma, Painted)
    ((x0, y0, x1, y1),) = still.frame.chroma.asked
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((640, 360), abs=3)
    assert x1 - x0 == pytest.approx(3 * 80, abs=12)
    assert watch.counters.get("faces.found") == 2


def test_two_people_side_by_side_are_both_named() -> None:
    watch, eyes = _watch(), pipeline()
    ben = Template(person="b", name="Ben", model="m", vector=vector_of(3))
    house = Gallery(model="m", templates=(ANN, ben))
    picture = paint(paint(blank(*WIDE), 600, 360, 60, 1), 700, 360, 60, 3)
    found = [watch.look(seen(picture, 0.2 * i, MOVED), eyes, house) for i in range(4)]
    assert {finding.event.label for finding in found if finding is not None} == {"Ann", "Ben"}
