"""From a region of the picture to a name: CPU time of every stage, on a drawn face."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from gateway.app.bench.rows import Row
from gateway.app.build.faces import open_pipeline
from gateway.app.build.models import CLOSE_UP, DETECTOR, EMBEDDER
from gateway.app.places import registry
from gateway.perception.blazeface import Face, Rgb
from gateway.perception.faces import EMBEDDING_SIZE, FacePipeline
from gateway.perception.gallery import Gallery, Template
from gateway.testing.drawn_face import draw_face

NAME = "faces"
ABOUT = "CPU milliseconds on one core from a region to a name, and of each stage"

_ROUNDS = 60
_WARM_UP = 5
_REGION_PX = 400
_FACE_PX = 80
_PEOPLE = 8
_GOAL_MS = 20.0


def run(progress: Callable[[str], None]) -> list[Row]:
    """Median thread CPU time over rounds that interleave the stages. Fetches the models where they are missing."""
    models = registry()
    for model in (DETECTOR, CLOSE_UP, EMBEDDER):
        models.pull(model, lambda step, _done, _all: progress(step))
    region = draw_face(size=(_REGION_PX, _REGION_PX), width_px=_FACE_PX)
    with open_pipeline(models) as pipeline:
        medians = _medians(_stages(pipeline, region), progress)
    return [
        Row(
            name="region to name",
            value=medians["region to name"],
            unit="ms CPU",
            goal=f"<= {_GOAL_MS:g}",
            holds=medians["region to name"] <= _GOAL_MS,
        ),
        *(
            Row(name=name, value=value, unit="ms CPU", goal=None, holds=None)
            for name, value in medians.items()
            if name != "region to name"
        ),
    ]


def _stages(pipeline: FacePipeline, region: Rgb) -> dict[str, Callable[[], object]]:
    """Each stage with its input made ready; the whole does what the live flow does to one region."""
    gallery = _household()
    face = _best(pipeline, region)
    portrait = pipeline.portrait(region, face)

    def whole() -> None:
        found = pipeline.refine(region, _best(pipeline, region))
        gallery.match(pipeline.embed(pipeline.portrait(region, found).chip))

    return {
        "region to name": whole,
        "detect": lambda: pipeline.find(region),
        "second look": lambda: pipeline.refine(region, face),
        "align and judge": lambda: pipeline.portrait(region, face),
        "embed": lambda: pipeline.embed(portrait.chip),
        f"match {_PEOPLE} people": lambda: gallery.match(gallery.templates[0].vector),
    }


def _best(pipeline: FacePipeline, region: Rgb) -> Face:
    return pipeline.find(region)[0]


def _household() -> Gallery:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(_PEOPLE, EMBEDDING_SIZE)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    people = tuple(Template(person=str(i), name=str(i), model="bench", vector=v) for i, v in enumerate(unit))
    return Gallery(model="bench", templates=people)


def _medians(stages: dict[str, Callable[[], object]], progress: Callable[[str], None]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in stages}
    for number in range(_WARM_UP + _ROUNDS):
        if number % 20 == 0:
            progress(f"faces: round {number} of {_WARM_UP + _ROUNDS}")
        for name, stage in stages.items():
            began = time.thread_time()
            stage()
            taken[name].append((time.thread_time() - began) * 1e3)
    return {name: statistics.median(times[_WARM_UP:]) for name, times in taken.items()}
