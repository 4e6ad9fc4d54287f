"""A decoded picture as NumPy views: brightness at no cost, colour only for the rectangle that is asked for."""

from functools import cache
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

_KNOWN = {"nv12", "yuyv422", "gray"} | {f"yuv{j}{sub}p" for j in ("", "j") for sub in ("420", "422", "444")}
_FULL_RANGE = 2
_BT709 = 1


class Picture:
    """A decoded picture: `luma` is a uint8 view `(H, W)` that keeps it alive, `rgb` is `gateway.types.Colour`.

    A format that is not one of the usual YUV layouts is converted as a whole first."""

    __slots__ = ("_picture", "luma")

    def __init__(self, picture: av.VideoFrame) -> None:
        if picture.format.name not in _KNOWN:
            picture = picture.reformat(format="yuv420p")
        self._picture = picture
        self.luma = _luma(picture)

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> Plane:
        luma = np.ascontiguousarray(self.luma[y0:y1, x0:x1])
        differences = _differences(self._picture)
        if differences is None:
            return np.asarray(cv2.merge([luma, luma, luma]), np.uint8)
        u, v = (_enlarged(plane, self.luma.shape, (x0, y0, x1, y1)) for plane in differences)
        return np.asarray(cv2.transform(cv2.merge([luma, u, v]), _to_rgb(*_colours(self._picture))), np.uint8)


def _luma(picture: av.VideoFrame) -> Plane:
    rows = _rows(picture.planes[0])
    if picture.format.name == "yuyv422":
        return rows[: picture.height, : 2 * picture.width : 2]
    return rows[: picture.height, : picture.width]


def _differences(picture: av.VideoFrame) -> tuple[Plane, Plane] | None:
    """Views `(H/sy, W/sx)` of U and V; None for a grey picture."""
    width, height = picture.width, picture.height
    match picture.format.name:
        case "gray":
            return None
        case "yuyv422":
            packed = _rows(picture.planes[0])[:height, : 2 * width]
            return packed[:, 1::4], packed[:, 3::4]
        case "nv12":
            pairs = _rows(picture.planes[1])[: -(-height // 2), : 2 * -(-width // 2)]
            return pairs[:, ::2], pairs[:, 1::2]
    u, v = (_rows(plane)[: plane.height, : plane.width] for plane in picture.planes[1:3])
    return u, v


def _colours(picture: av.VideoFrame) -> tuple[bool, bool]:
    """Whether the range is 0..255 instead of 16..235, and whether the matrix is BT.709's instead of BT.601's."""
    full = picture.format.name.startswith("yuvj") or int(picture.color_range) == _FULL_RANGE
    return full, int(picture.colorspace) == _BT709


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
