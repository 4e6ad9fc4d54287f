"""Photographs as people hand them in: checked before they are decoded, and the one face that is meant."""

import struct

import cv2
import numpy as np

from gateway.errors import Invalid
from gateway.perception.blazeface import Face, Rgb, overlap
from gateway.perception.faces import CANDIDATE, FacePipeline

MOST_BYTES = 40 * 1024 * 1024
MOST_PIXELS = 64_000_000
LEAST_SIDE_PX = 24

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = 0xDA
_WORKING_SIDE = 1280
_LAST_RESORT = 0.3


def decode_photo(data: bytes) -> Rgb:
    """RGB (H, W, 3), turned as its EXIF orientation says.

    Raises `Invalid`: "photo_empty", "photo_not_image" (JPEG and PNG are read), "photo_truncated",
    "photo_too_large" (file or pixels, judged from the header before anything is decoded), "photo_too_small".
    """
    if not data:
        raise Invalid("photo_empty")
    if len(data) > MOST_BYTES:
        raise Invalid("photo_too_large", status=413, bytes=len(data))
    _check_size(*_dimensions(data))
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        bgr = None
    if bgr is None:
        raise Invalid("photo_not_image")
    return np.ascontiguousarray(bgr[..., ::-1], np.uint8)


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise Invalid("photo_too_large", status=413, width=width, height=height)
    if min(width, height) < LEAST_SIDE_PX:
        raise Invalid("photo_too_small", width=width, height=height)


def _dimensions(data: bytes) -> tuple[int, int]:
    """(width, height) from the header of a file that is complete."""
    if data.startswith(_PNG):
        if len(data) < 33 or b"IEND" not in data[-64:]:
            raise Invalid("photo_truncated")
        return struct.unpack(">II", data[16:24])
    if data.startswith(_JPEG):
        return _jpeg_dimensions(data)
    raise Invalid("photo_not_image")


def _jpeg_dimensions(data: bytes) -> tuple[int, int]:
    """Walks the segments (ITU-T T.81 annex B) up to the scan; the end marker must follow it."""
    at, size = 2, None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in _FRAME_MARKERS and at + 9 <= len(data):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            size = (width, height)
        if marker == _START_OF_SCAN and size is not None:
            if data.find(b"\xff\xd9", at + 2 + length) < 0:
                raise Invalid("photo_truncated")
            return size
        at += 2 + length
    raise Invalid("photo_truncated")


def faces_in(pipeline: FacePipeline, rgb: Rgb) -> list[Face]:
    """Every face of a photo in px of it, after as many looks as it takes: padded, close up, whole, in tiles, and
    at last with a low threshold."""
    scale = min(1.0, _WORKING_SIDE / max(rgb.shape[:2]))
    small = rgb if scale == 1 else cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    work = np.asarray(small, np.uint8)
    found = (
        merged([*pipeline.find_padded(work), *pipeline.find_close(work)])
        or pipeline.find(work)
        or _in_tiles(pipeline, work)
        or pipeline.find_padded(work, _LAST_RESORT)
        or pipeline.find_close(work, _LAST_RESORT)
    )
    return [face.moved(rgb.shape[1] / work.shape[1], 0, 0) for face in found]


def _in_tiles(pipeline: FacePipeline, rgb: Rgb) -> list[Face]:
    """Squares of half the short side, overlapping by half, for a small face in a large photo."""
    height, width = rgb.shape[:2]
    side = min(height, width) // 2
    if side < 192:
        return []
    found = []
    for y in range(0, height - side + 1, side // 2):
        for x in range(0, width - side + 1, side // 2):
            tile = pipeline.find(rgb[y : y + side, x : x + side], CANDIDATE)
            found += [face.moved(1, x, y) for face in tile]
    return merged(found)


def merged(faces: list[Face]) -> list[Face]:
    """One of each face found more than once, the best scored, best first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: -f.score):
        if not kept or np.max(overlap(face.box, np.stack([k.box for k in kept]))) < 0.3:
            kept.append(face)
    return kept


def meant(faces: list[Face], width: int, height: int) -> Face | None:
    """The face a photo is about: the largest, where one near the middle counts for more."""

    def weight(face: Face) -> float:
        x, y = face.centre
        off = float(np.hypot(x / width - 0.5, y / height - 0.5))
        return face.width * float(np.exp(-4 * off * off)) * face.score

    return max(faces, key=weight, default=None)


def others(faces: list[Face], chosen: Face) -> list[Face]:
    """Faces that could be meant just as well: sure ones of at least half the width of the chosen one."""
    return [f for f in faces if f is not chosen and f.score >= 0.7 and f.width >= 0.5 * chosen.width]
