"""BlazeFace: where the faces are, with six points each.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019 (arXiv:1907.05047); the
anchor layout and the weighted suppression are MediaPipe's. Pure but for the call of the backend.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gateway.errors import Refused
from gateway.seams import Backend

Rgb = npt.NDArray[np.uint8]
"""A picture, RGB uint8 (H, W, 3)."""

Floats = npt.NDArray[np.float32]

SAME_FACE_IOU = 0.3
_VALUES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """`size` is the side of the square input in px; `strides` gives the grid of each layer of anchors."""

    size: int
    strides: tuple[int, ...]

    def anchors(self) -> Floats:
        """Centres (N, 2) x y in [0, 1]: row by row, the anchors of one grid cell side by side."""
        layers = []
        for stride in dict.fromkeys(self.strides):
            cells = self.size // stride
            y, x = np.mgrid[:cells, :cells].astype(np.float32)
            centres = (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) / cells
            layers.append(np.repeat(centres, self.strides.count(stride), axis=0))
        return np.concatenate(layers).astype(np.float32)


FULL_RANGE = Variant(size=192, strides=(4,))
"""Faces from 7 % to about 50 % of the side."""

SHORT_RANGE = Variant(size=128, strides=(8, 8, 16, 16, 16, 16, 16, 16))
"""Faces from 12 % of the side up to filling it."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in px of the picture it was found in.

    `box` is (4,) x0 y0 x1 y1 and may reach beyond the picture; `points` is (6, 2): the eye on the left of the
    picture, the other eye, nose tip, mouth centre, both ears. `score` is in [0, 1].
    """

    box: Floats
    points: Floats
    score: float

    @property
    def width(self) -> float:
        return float(self.box[2] - self.box[0])

    @property
    def centre(self) -> tuple[float, float]:
        return float(self.box[0] + self.box[2]) / 2, float(self.box[1] + self.box[3]) / 2

    def moved(self, scale: float, dx: float, dy: float) -> "Face":
        """The same face after scaling by `scale` and then shifting by `dx`, `dy` px."""
        shift = np.array([dx, dy], np.float32)
        return Face(self.box * scale + np.tile(shift, 2), self.points * scale + shift, self.score)


class BlazeFace:
    """One loaded detector. Belongs to the thread that owns the backend."""

    def __init__(self, backend: Backend, variant: Variant) -> None:
        self._backend = backend
        self._variant = variant
        self._anchors = variant.anchors()

    def detect(self, rgb: Rgb, least: float = 0.5) -> list[Face]:
        """Faces with a score of at least `least`, best first. Raises `Refused("model_tensors")` where the
        outputs are not BlazeFace's."""
        tensor, scale, left, top = letterbox(rgb, self._variant.size)
        values, scores = self._run(tensor)
        kept = scores >= least
        boxes, points = decode(values[kept], self._anchors[kept], self._variant.size)
        found = suppress(boxes, points, scores[kept])
        return [face.moved(1 / scale, -left / scale, -top / scale) for face in found]

    def _run(self, tensor: Floats) -> tuple[Floats, Floats]:
        """Raw values (N, 16) and scores (N,) in [0, 1]; the files differ in the order of their outputs."""
        by_size = {out.shape[-1]: np.asarray(out, np.float32) for out in self._backend.infer([tensor])}
        wanted = len(self._anchors)
        if {1, _VALUES} - by_size.keys() or by_size[_VALUES].size != wanted * _VALUES or by_size[1].size != wanted:
            raise Refused("model_tensors", anchors=wanted)
        logits = np.clip(by_size[1].reshape(-1), -80, 80)
        scores = 1 / (1 + np.exp(-logits))
        return by_size[_VALUES].reshape(-1, _VALUES), scores.astype(np.float32)


def letterbox(rgb: Rgb, size: int) -> tuple[Floats, float, int, int]:
    """The picture fitted into a square, centred, zero-filled, as float32 (1, size, size, 3) in [-1, 1]; with the
    scale and the left and top border in px of the square."""
    height, width = rgb.shape[:2]
    scale = size / max(height, width)
    inner_w, inner_h = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (size - inner_w) // 2, (size - inner_h) // 2
    square = np.zeros((1, size, size, 3), np.uint8)
    square[0, top : top + inner_h, left : left + inner_w] = _fitted(rgb, inner_w, inner_h)
    tensor = square.astype(np.float32)
    tensor *= np.float32(1 / 127.5)
    tensor -= np.float32(1)
    return tensor, scale, left, top


def _fitted(rgb: Rgb, width: int, height: int) -> Rgb:
    """Shrunk without aliasing: bilinear to a whole multiple, from there by area, which is many times faster than by
    area alone."""
    times = max(1, min(rgb.shape[1] // width, rgb.shape[0] // height))
    multiple = cv2.resize(rgb, (width * times, height * times), interpolation=cv2.INTER_LINEAR)
    if times > 1:
        multiple = cv2.resize(multiple, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(multiple, np.uint8)


def decode(values: Floats, anchors: Floats, size: int) -> tuple[Floats, Floats]:
    """Boxes (N, 4) x0 y0 x1 y1 and points (N, 6, 2) in px of the square input, from values (N, 16) in px relative
    to anchors (N, 2) in [0, 1]."""
    origin = anchors * size
    centre, half = values[:, :2] + origin, values[:, 2:4] / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    points = values[:, 4:].reshape(-1, 6, 2) + origin[:, None]
    return boxes.astype(np.float32), points.astype(np.float32)


def suppress(boxes: Floats, points: Floats, scores: Floats) -> list[Face]:
    """Weighted non-maximum suppression: whatever overlaps the best box is averaged into it by score."""
    faces = []
    left = np.argsort(-scores, kind="stable")
    while left.size:
        best = left[0]
        same = overlap(boxes[best], boxes[left]) > SAME_FACE_IOU
        same[0] = True  # an empty box overlaps nothing, not even itself
        group, left = left[same], left[~same]
        weights = scores[group] / scores[group].sum()
        box, marks = np.tensordot(weights, boxes[group], 1), np.tensordot(weights, points[group], 1)
        faces.append(Face(box.astype(np.float32), marks.astype(np.float32), float(scores[best])))
    return faces


def overlap(box: Floats, others: Floats) -> Floats:
    """Intersection over union (N,) of one box (4,) with others (N, 4)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)
