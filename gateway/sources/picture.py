"""A decoded picture as NumPy views: brightness at no cost, colour only for the rectangle that is asked for."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

_PLANAR = frozenset(f"yuv{j}{sub}p" for j in ("", "j") for sub in ("420", "422", "444"))
_FULL_RANGE = 2
_BT709 = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    """Views `(H, W)` of luma and `(H/sy, W/sx)` of the colour differences; both None for a grey picture.
    They keep the decoded picture alive. `full` is the range 0..255 instead of 16..235; `bt709` the matrix."""

    y: Plane
    u: Plane | None
    v: Plane | None
    full: bool
    bt709: bool

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> Plane:
        """See `gateway.types.Colour`."""
        luma = self.y[y0:y1, x0:x1]
        if self.u is None or self.v is None:
            u = v = np.full(luma.shape, 128, np.uint8)
        else:
            u, v = (_enlarged(plane, self.y.shape, (x0, y0, x1, y1)) for plane in (self.u, self.v))
        yuv = cv2.merge([np.ascontiguousarray(luma), u, v])
        return np.asarray(cv2.transform(yuv, _to_rgb(self.full, self.bt709)), np.uint8)


def planes(picture: av.VideoFrame) -> Planes:
    """Views of the picture; a format that is not one of the usual YUV layouts is converted as a whole first."""
    name = picture.format.name
    if name not in _PLANAR and name not in {"nv12", "yuyv422", "gray"}:
        picture = picture.reformat(format="yuv420p")
        name = "yuv420p"
    y, u, v = _views(name, picture)
    full = name.startswith(("yuvj", "gray")) or int(picture.color_range) == _FULL_RANGE
    return Planes(y=y, u=u, v=v, full=full, bt709=int(picture.colorspace) == _BT709)


def _views(name: str, picture: av.VideoFrame) -> tuple[Plane, Plane | None, Plane | None]:
    width, height = picture.width, picture.height
    if name == "gray":
        return _rows(picture.planes[0])[:height, :width], None, None
    if name == "yuyv422":
        packed = _rows(picture.planes[0])[:height, : 2 * width]
        return packed[:, ::2], packed[:, 1::4], packed[:, 3::4]
    luma = _rows(picture.planes[0])[:height, :width]
    if name == "nv12":
        pairs = _rows(picture.planes[1])[: -(-height // 2), : 2 * -(-width // 2)]
        return luma, pairs[:, ::2], pairs[:, 1::2]
    u, v = (_rows(plane)[: plane.height, : plane.width] for plane in picture.planes[1:3])
    return luma, u, v


def _rows(plane: Any) -> Plane:
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)


def _enlarged(plane: Plane, shape: tuple[int, ...], rectangle: tuple[int, int, int, int]) -> Plane:
    """The rectangle of a colour-difference plane at the size of the luma."""
    x0, y0, x1, y1 = rectangle
    sy, sx = -(-shape[0] // plane.shape[0]), -(-shape[1] // plane.shape[1])
    top, left = y0 // sy, x0 // sx
    part = plane[top : -(-y1 // sy), left : -(-x1 // sx)]
    part = np.repeat(np.repeat(part, sy, axis=0), sx, axis=1)
    return np.ascontiguousarray(part[y0 - top * sy : y1 - top * sy, x0 - left * sx : x1 - left * sx])


@cache
def _to_rgb(full: bool, bt709: bool) -> npt.NDArray[np.float32]:
    """The 3x4 matrix from (y, u, v, 1) in 0..255 to RGB (ITU-R BT.601 and BT.709)."""
    kr, kb = (0.2126, 0.0722) if bt709 else (0.299, 0.114)
    kg = 1 - kr - kb
    gain, chroma, black = (1.0, 1.0, 0.0) if full else (255 / 219, 255 / 224, 16.0)
    rows = np.array(
        [
            [gain, 0, 2 * (1 - kr) * chroma],
            [gain, -2 * kb * (1 - kb) / kg * chroma, -2 * kr * (1 - kr) / kg * chroma],
            [gain, 2 * (1 - kb) * chroma, 0],
        ]
    )
    return np.hstack([rows, -rows @ [[black], [128], [128]]]).astype(np.float32)
