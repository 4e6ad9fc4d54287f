"""A face in a frame, together with the piece of colour picture it was found in."""

from dataclasses import dataclass

import numpy as np

from gateway.perception.blazeface import Face, Rgb, overlap
from gateway.perception.faces import FacePipeline, Portrait
from gateway.perception.regions import Region
from gateway.types import Box, Frame

_SURROUNDINGS = 2.0
_SAME_IOU = 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sighting:
    """`face` is in px of `crop` (RGB), whose corner lies at (`x0`, `y0`) px of the frame; `near` means that it was
    looked at from near, so that its points are exact."""

    face: Face
    crop: Rgb
    x0: int
    y0: int
    near: bool

    @property
    def in_frame(self) -> Face:
        return self.face.moved(1, self.x0, self.y0)

    def box(self, size: tuple[int, int]) -> Box:
        """Within the frame of `size` (width, height) px, clipped to it."""
        scale = np.array([size[0], size[1], size[0], size[1]])
        x0, y0, x1, y1 = (float(v) for v in np.clip(self.in_frame.box / scale, 0, 1))
        return Box(x0=x0, y0=y0, x1=x1, y1=y1)

    def portrait(self, pipeline: FacePipeline) -> Portrait:
        enough = self.near or not pipeline.second_looks
        exact = self.face if enough else pipeline.refine(self.crop, self.face)
        return pipeline.portrait(self.crop, exact)

    def picture(self) -> Rgb:
        """The face with its surroundings, a copy."""
        (x, y), half = self.face.centre, self.face.width * _SURROUNDINGS / 2
        height, width = self.crop.shape[:2]
        left, top = int(np.clip(x - half, 0, width - 1)), int(np.clip(y - half, 0, height - 1))
        right, bottom = int(np.clip(x + half, left + 1, width)), int(np.clip(y + half, top + 1, height))
        return self.crop[top:bottom, left:right].copy()


def sight(frame: Frame, region: Region, pipeline: FacePipeline, *, near: bool = False) -> list[Sighting]:
    """Faces in one region of a frame, best first; only the region is converted to colour. `near` is for the
    surroundings of a known face: the close-up detector is cheaper and exact there."""
    crop = frame.chroma.rgb(region.x0, region.y0, region.x1, region.y1)
    found = pipeline.find_close(crop) if near else pipeline.find(crop, twice=pipeline.second_looks)
    return [Sighting(face=face, crop=crop, x0=region.x0, y0=region.y0, near=near) for face in found]


def distinct(sightings: list[Sighting]) -> list[Sighting]:
    """One of each face that was seen in more than one region, the best scored, best first."""
    kept: list[Sighting] = []
    for one in sorted(sightings, key=lambda s: -s.face.score):
        boxes = [other.in_frame.box for other in kept]
        if not boxes or np.max(overlap(one.in_frame.box, np.stack(boxes))) < _SAME_IOU:
            kept.append(one)
    return kept
