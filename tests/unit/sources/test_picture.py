"""Brightness as a view, colour for a rectangle: compared with the library's own conversion of the whole picture."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange

from gateway.sources.picture import Picture, Plane

WIDTH, HEIGHT = 96, 64


def picture(layout: str) -> av.VideoFrame:
    """Smooth colour ramps: subsampling then costs little."""
    x, y = np.meshgrid(np.linspace(20, 235, WIDTH), np.linspace(20, 235, HEIGHT))
    rgb = np.dstack([x, y, 255 - (x + y) / 2]).astype(np.uint8)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=layout)


def whole(frame: av.VideoFrame) -> Plane:
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


@pytest.mark.parametrize("layout", ["yuv420p", "yuvj420p", "yuvj422p", "yuv444p", "nv12", "yuyv422", "bgr24", "gray"])
@pytest.mark.parametrize("rectangle", [(0, 0, WIDTH, HEIGHT), (11, 7, 58, 41), (90, 60, 96, 64)])
def test_a_crop_is_the_crop_of_the_whole(layout: str, rectangle: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = rectangle
    frame = picture(layout)
    crop = Picture(frame).rgb(*rectangle)
    assert crop.shape == (y1 - y0, x1 - x0, 3)
    np.testing.assert_allclose(crop.astype(int), whole(frame)[y0:y1, x0:x1].astype(int), atol=6)


@pytest.mark.parametrize("layout", ["yuv420p", "yuvj420p", "nv12", "yuyv422"])
def test_luma_is_the_picture_s_brightness(layout: str) -> None:
    frame = picture(layout)
    luma = Picture(frame).luma
    assert luma.shape == (HEIGHT, WIDTH)
    grey = cv2.cvtColor(whole(frame), cv2.COLOR_RGB2GRAY).astype(int)
    told = luma.astype(int) if layout == "yuvj420p" else (luma.astype(int) - 16) * 255 // 219
    np.testing.assert_allclose(told, grey, atol=4)


def test_full_range_marked_beside_the_format() -> None:
    frame = picture("yuvj420p").reformat(format="yuv420p", dst_color_range=ColorRange.JPEG)
    frame.color_range = ColorRange.JPEG
    crop = Picture(frame).rgb(10, 10, 50, 50)
    expected = whole(picture("yuvj420p"))[10:50, 10:50]
    np.testing.assert_allclose(crop.astype(int), expected.astype(int), atol=6)


def test_luma_is_no_copy_and_lives_as_long_as_it_is_held(clip: Path) -> None:
    with av.open(str(clip)) as container:
        frame = next(container.decode(video=0))
        assert isinstance(frame, av.VideoFrame)
        luma = Picture(frame).luma
        first = luma.copy()
        assert not luma.flags.owndata
        assert np.shares_memory(luma, Picture(frame).luma)
        del frame
        for _ in container.decode(video=0):
            pass
    assert np.array_equal(luma, first)
