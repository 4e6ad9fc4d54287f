import struct
import zlib

import cv2
import numpy as np
import pytest

from gateway.errors import Invalid
from gateway.perception.blazeface import Rgb
from gateway.perception.photo import MOST_BYTES, decode_photo, faces_in, meant, merged, others
from tests.unit.perception.painted import blank, face, paint, pipeline


def encoded(picture: Rgb, suffix: str = ".jpg") -> bytes:
    _, data = cv2.imencode(suffix, picture[..., ::-1])
    return data.tobytes()


def _gradient() -> Rgb:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, :30, 0] = 250
    return picture


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing: a decompression bomb."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    body = chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def _jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(encoded(blank(64, 64)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _with_orientation(data: bytes, orientation: int) -> bytes:
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + b"\x00" * 4
    body = b"Exif\x00\x00" + tiff
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


def _outcome(whole: bytes, rng: np.random.Generator) -> str:
    """Of a file with eight bytes changed."""
    data = np.frombuffer(whole, np.uint8).copy()
    data[rng.integers(0, len(data), 8)] = rng.integers(0, 256, 8)
    try:
        decode_photo(data.tobytes())
    except Invalid as error:
        return error.key
    return "read"


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_jpeg_and_png_become_rgb(suffix: str) -> None:
    rgb = decode_photo(encoded(_gradient(), suffix))
    assert rgb.shape == (40, 60, 3)
    assert rgb[20, 5].tolist() == pytest.approx([250, 0, 0], abs=12)


def test_the_orientation_of_a_phone_is_obeyed() -> None:
    """Orientation 6: the camera was turned, the left half of the stored picture is the top."""
    rgb = decode_photo(_with_orientation(encoded(_gradient()), 6))
    assert rgb.shape == (60, 40, 3)
    assert rgb[5, 20, 0] > 200
    assert rgb[55, 20, 0] < 50


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "photo_empty"),
        (b"hello", "photo_not_image"),
        (b"<html><body>404</body></html>", "photo_not_image"),
        (b"GIF89a" + b"\x00" * 100, "photo_not_image"),
        (encoded(blank())[:-400], "photo_truncated"),
        (encoded(blank())[:200], "photo_truncated"),
        (encoded(blank(), ".png")[:-30], "photo_truncated"),
        (b"\x89PNG\r\n\x1a\n", "photo_truncated"),
        (b"\xff\xd8\xff", "photo_truncated"),
        (b"\xff\xd8\xff\xd9", "photo_truncated"),
        (b"\xff\xd8" + b"\xff" * 5000, "photo_truncated"),
        (_png_header(30000, 30000), "photo_too_large"),
        (_png_header(2**31 - 1, 2**31 - 1), "photo_too_large"),
        (_jpeg_claiming(65000, 65000), "photo_too_large"),
        (_png_header(0, 0), "photo_too_small"),
        (encoded(blank(20, 400)), "photo_too_small"),
        (_png_header(200, 200), "photo_not_image"),
    ],
)
def test_a_bad_file_is_named(data: bytes, key: str) -> None:
    with pytest.raises(Invalid) as told:
        decode_photo(data)
    assert told.value.key == key
    assert told.value.status in {400, 413}


def test_a_huge_file_is_not_even_looked_at() -> None:
    with pytest.raises(Invalid, match="photo_too_large"):
        decode_photo(b"\xff\xd8\xff" + bytes(MOST_BYTES))


def test_damage_anywhere_never_crashes() -> None:
    rng = np.random.default_rng(11)
    whole = encoded(paint(blank(160, 120), 80, 60, 50))
    outcomes = {_outcome(whole, rng) for _ in range(300)}
    assert "read" in outcomes
    assert all(outcome == "read" or outcome.startswith("photo_") for outcome in outcomes)


def test_a_face_that_fills_the_photo_is_found_by_the_second_detector() -> None:
    eyes = pipeline(most_share=0.4)
    (found,) = faces_in(eyes, paint(blank(200, 200), 100, 100, 150))
    assert found.width == pytest.approx(150, abs=8)
    assert found.centre == pytest.approx((100, 100), abs=4)


def test_the_place_is_right_in_a_twelve_megapixel_photo() -> None:
    (found,) = faces_in(pipeline(), paint(blank(4000, 3000), 2200, 1400, 900))
    assert found.centre == pytest.approx((2200, 1400), abs=25)
    assert found.width == pytest.approx(900, abs=60)


def test_the_same_face_found_twice_is_one() -> None:
    faces = [face(100, 100, 50, 0.8), face(102, 100, 52, 0.9), face(300, 100, 50, 0.7)]
    assert [(f.centre[0], f.score) for f in merged(faces)] == [(102, 0.9), (300, 0.7)]


def test_the_large_one_in_the_middle_is_meant() -> None:
    middle, aside, small = face(320, 240, 100), face(60, 60, 110), face(330, 200, 30)
    assert meant([aside, small, middle], 640, 480) is middle
    assert meant([small, aside], 640, 480) is aside
    assert meant([], 640, 480) is None


def test_only_sure_faces_of_like_size_compete() -> None:
    chosen = face(320, 240, 100)
    rival, unsure, small = face(100, 240, 60), face(500, 240, 100, 0.6), face(600, 50, 45)
    assert others([chosen, rival, unsure, small], chosen) == [rival]
