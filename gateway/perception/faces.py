"""Finding, aligning and embedding faces in a part of a picture."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from gateway.errors import Refused
from gateway.perception.align import chip
from gateway.perception.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace, Face, Floats, Rgb
from gateway.perception.daylight import lightened
from gateway.perception.quality import Quality, judge
from gateway.seams import Backend, Shedding

CANDIDATE = 0.5
"""Detector score from which something may be a face."""

EMBEDDING_SIZE = 128

SHED_FROM = 2
"""From this level of shedding on live pictures get no second look."""

_PAD = 1 / 3
_CLOSE_UP = 2.2
_LARGE_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portrait:
    """One face made ready: where it was, its aligned picture (150, 150, 3) and how good that is."""

    face: Face
    chip: Rgb
    quality: Quality

    @property
    def width_px(self) -> float:
        return self.face.width


class FacePipeline:
    """Detector for regions, detector for close-ups, embedding. Belongs to the thread that owns the backends.

    `shedding` counts for live pictures only: who is enrolled, or asks about one photo, always gets the whole of it.
    """

    def __init__(self, full: Backend, short: Backend, embedder: Backend, *, shedding: Shedding = lambda: 0) -> None:
        self._full = BlazeFace(full, FULL_RANGE)
        self._short = BlazeFace(short, SHORT_RANGE)
        self._embedder = embedder
        self._backends = (full, short, embedder)
        self._shedding = shedding

    @property
    def second_looks(self) -> bool:
        """Whether there is time for what makes a live answer better and is not needed for one."""
        return self._shedding() < SHED_FROM

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for backend in self._backends:
            backend.close()

    def find(self, rgb: Rgb, least: float = CANDIDATE, *, twice: bool = True) -> list[Face]:
        """Faces in a square region, best first, in px of it. Full range first; where that sees nothing, and unless not
        `twice`, the close-up detector looks, because full range is blind to a face that fills the picture."""
        return self._full.detect(rgb, least) or (self._short.detect(rgb, least) if twice else [])

    def find_close(self, rgb: Rgb, least: float = CANDIDATE) -> list[Face]:
        """With the close-up detector alone."""
        return self._short.detect(rgb, least)

    def find_padded(self, rgb: Rgb, least: float = CANDIDATE) -> list[Face]:
        """Full range after padding by a third on each side, for faces that nearly fill the picture."""
        border = round(_PAD * max(rgb.shape[:2]))
        padded = cv2.copyMakeBorder(rgb, border, border, border, border, cv2.BORDER_REPLICATE)
        return [face.moved(1, -border, -border) for face in self._full.detect(np.asarray(padded, np.uint8), least)]

    def refine(self, rgb: Rgb, face: Face) -> Face:
        """The face looked at again from near, for exact points; the same face where the second look fails. Where it
        was large enough in the first look too, the points of both are averaged: their errors are not the same."""
        cx, cy = face.centre
        half = face.width * _CLOSE_UP / 2
        near, x0, y0 = cut(rgb, cx - half, cy - half, 2 * half)
        again = [found.moved(1, x0, y0) for found in self._short.detect(near)]
        same = [found for found in again if _same(found, face)]
        if not same:
            return face
        points = same[0].points
        if face.width >= _LARGE_SHARE * max(rgb.shape[:2]):
            points = np.asarray((face.points + points) / 2, np.float32)
        return Face(face.box, points, face.score)

    def portrait(self, rgb: Rgb, face: Face) -> Portrait:
        """The aligned picture of a face found in `rgb`, lightened where it is dark; judged as it was."""
        aligned = chip(rgb, face.points)
        return Portrait(face=face, chip=lightened(aligned), quality=judge(aligned, face.points))

    def embed(self, aligned: Rgb) -> Floats:
        """Unit vector (128,) float32 of an aligned face (150, 150, 3) RGB uint8. Raises
        `Refused("model_tensors")` where the model answers with something else."""
        (raw,) = self._embedder.infer([aligned[None].astype(np.float32)])
        vector = np.asarray(raw, np.float32).reshape(-1)
        length = float(np.linalg.norm(vector))
        if vector.size != EMBEDDING_SIZE or not np.isfinite(length) or length == 0:
            raise Refused("model_tensors", size=vector.size)
        return np.asarray(vector / length, np.float32)

    def embed_both_ways(self, aligned: Rgb) -> Floats:
        """Unit mean (128,) of the face and its mirror image: twice the work, clearly fewer errors. For enrolment
        and single photos; a track averages over frames instead."""
        mirrored = np.ascontiguousarray(aligned[:, ::-1])
        total = self.embed(aligned) + self.embed(mirrored)
        return np.asarray(total / np.linalg.norm(total), np.float32)


def cut(rgb: Rgb, x: float, y: float, side: float) -> tuple[Rgb, int, int]:
    """The square of `side` px at (x, y), its edge repeated where it reaches beyond the picture; with the integer
    place of its corner."""
    x0, y0, size = round(x), round(y), max(1, round(side))
    height, width = rgb.shape[:2]
    inner = rgb[max(0, y0) : max(0, min(height, y0 + size)), max(0, x0) : max(0, min(width, x0 + size))]
    if inner.size == 0:
        return np.zeros((size, size, 3), np.uint8), x0, y0
    top, left = max(0, -y0), max(0, -x0)
    bottom, right = size - top - inner.shape[0], size - left - inner.shape[1]
    return (
        np.asarray(cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REPLICATE), np.uint8),
        x0,
        y0,
    )


def _same(one: Face, other: Face) -> bool:
    (ax, ay), (bx, by) = one.centre, other.centre
    return bool(np.hypot(ax - bx, ay - by) < 0.3 * other.width and 0.6 < one.width / max(other.width, 1e-6) < 1.6)
