"""From the photos of one person to one template, and for each refused photo the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gateway.errors import Invalid
from gateway.perception.blazeface import Floats, Rgb
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import mean_template
from gateway.perception.photo import decode_photo, faces_in, meant, others
from gateway.perception.quality import flaw_of

LEAST_PHOTOS = 3
LEAST_SCORE = 0.7
LEAST_COSINE = 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoReport:
    """What became of photo number `index`: `refused` is None where it was taken, else one of "photo_empty",
    "photo_not_image", "photo_truncated", "photo_too_large", "photo_too_small", "no_face", "several_faces",
    "face_too_small", "face_unsure", "face_blurred", "face_turned", "unlike_the_others"."""

    index: int
    refused: str | None = None
    face_px: float = 0.0
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """One usable face: its photo's report and its unit vector (128,)."""

    report: PhotoReport
    vector: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enrolment:
    """`template` (128,) of the accepted samples, None where none was; a report per photo, in order."""

    template: Floats | None
    photos: tuple[PhotoReport, ...]

    @property
    def accepted(self) -> int:
        return sum(photo.refused is None for photo in self.photos)


def from_photos(pipeline: FacePipeline, photos: Sequence[bytes]) -> Enrolment:
    """Of JPEG or PNG files. Never raises for what a photo holds."""
    return _enrolment([_of_photo(pipeline, index, data) for index, data in enumerate(photos)])


def from_chips(pipeline: FacePipeline, chips: Sequence[Rgb]) -> Enrolment:
    """Of aligned faces (150, 150, 3) that a track has already judged."""
    return _enrolment([_sample(pipeline, PhotoReport(index=i), chip) for i, chip in enumerate(chips)])


def _enrolment(outcomes: Sequence[Sample | PhotoReport]) -> Enrolment:
    odd = _unlike([outcome for outcome in outcomes if isinstance(outcome, Sample)])
    kept = [o for o in outcomes if isinstance(o, Sample) and o.report.index not in odd]
    reports = tuple(_final(outcome, odd) for outcome in outcomes)
    template = mean_template([sample.vector for sample in kept]) if kept else None
    return Enrolment(template=template, photos=reports)


def _final(outcome: Sample | PhotoReport, odd: frozenset[int]) -> PhotoReport:
    if isinstance(outcome, PhotoReport):
        return outcome
    told = outcome.report
    if told.index not in odd:
        return told
    return PhotoReport(index=told.index, refused="unlike_the_others", face_px=told.face_px, score=told.score)


def _unlike(samples: list[Sample]) -> frozenset[int]:
    """Indices of the photos that do not show the person the others show, the worst one first. Of two that differ
    neither can be believed."""
    odd: set[int] = set()
    left = list(samples)
    while len(left) > 1:
        means = [_to_others(sample, left) for sample in left]
        worst = int(np.argmin(means))
        if means[worst] >= LEAST_COSINE:
            break
        if len(left) == 2:
            odd.update(sample.report.index for sample in left)
            break
        odd.add(left.pop(worst).report.index)
    return frozenset(odd)


def _to_others(sample: Sample, samples: list[Sample]) -> float:
    """Cosine to the mean of the others."""
    return float(sample.vector @ mean_template([other.vector for other in samples if other is not sample]))


def _of_photo(pipeline: FacePipeline, index: int, data: bytes) -> Sample | PhotoReport:
    try:
        rgb = decode_photo(data)
    except Invalid as error:
        return PhotoReport(index=index, refused=error.key)
    faces = faces_in(pipeline, rgb)
    chosen = meant(faces, rgb.shape[1], rgb.shape[0])
    if chosen is None:
        return PhotoReport(index=index, refused="no_face")
    report = PhotoReport(index=index, face_px=round(chosen.width, 1), score=round(chosen.score, 3))
    if others(faces, chosen):
        return _refused(report, "several_faces")
    portrait = pipeline.portrait(rgb, pipeline.refine(rgb, chosen))
    flaw = flaw_of(portrait.face, portrait.quality, learning=True) or (
        "face_unsure" if chosen.score < LEAST_SCORE else None
    )
    return _sample(pipeline, report, portrait.chip) if flaw is None else _refused(report, flaw)


def _refused(report: PhotoReport, reason: str) -> PhotoReport:
    return PhotoReport(index=report.index, refused=reason, face_px=report.face_px, score=report.score)


def _sample(pipeline: FacePipeline, report: PhotoReport, chip: Rgb) -> Sample:
    return Sample(report=report, vector=pipeline.embed_both_ways(chip))
