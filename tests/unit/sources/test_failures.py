"""What the library says becomes a named error without secrets."""

import errno
from pathlib import Path
from urllib.parse import quote

import av
import pytest

from gateway.errors import Refused, SourceLost
from gateway.sources.failures import opening_failed, reading_failed, scrubbed
from gateway.sources.locator import FileLocator, Locator, RtspLocator, V4l2Locator

SECRET = "p/w @1"
RTSP = RtspLocator(url="rtsp://cam.local/main", user="ann", password=SECRET)
USB = V4l2Locator(device="/dev/video0")
CLIP = FileLocator(path=Path("clip.mp4"))
INVALID = av.error.AVERROR_INVALIDDATA if hasattr(av.error, "AVERROR_INVALIDDATA") else 1094995529


@pytest.mark.parametrize(
    ("error", "locator", "kind", "key"),
    [
        (av.error.HTTPUnauthorizedError(1, "401"), RTSP, Refused, "camera_unauthorised"),
        (av.error.HTTPForbiddenError(1, "403"), RTSP, Refused, "camera_forbidden"),
        (av.error.HTTPNotFoundError(1, "404"), RTSP, Refused, "camera_not_found"),
        (av.error.ConnectionRefusedError(errno.ECONNREFUSED, "no"), RTSP, SourceLost, "camera_refused"),
        (av.error.TimeoutError(errno.ETIMEDOUT, "late"), RTSP, SourceLost, "camera_silent"),
        (av.error.ExitError(1, "exit"), RTSP, SourceLost, "camera_silent"),
        (av.error.OSError(errno.EHOSTUNREACH, "no route"), RTSP, SourceLost, "camera_unreachable"),
        (av.error.InvalidDataError(INVALID, "odd"), RTSP, SourceLost, "camera_unreadable"),
        (av.error.InvalidDataError(INVALID, "odd"), CLIP, Refused, "camera_unreadable"),
        (av.error.FileNotFoundError(errno.ENOENT, "none"), CLIP, Refused, "camera_file_missing"),
        (av.error.FileNotFoundError(errno.ENOENT, "none"), USB, SourceLost, "camera_device_missing"),
        (av.error.OSError(errno.EBUSY, "busy"), USB, SourceLost, "camera_busy"),
        (av.error.PermissionError(errno.EACCES, "denied"), USB, Refused, "camera_permission"),
    ],
)
def test_opening(error: av.FFmpegError, locator: Locator, kind: type[Exception], key: str) -> None:
    failure = opening_failed(error, locator, took_s=0.1, limit_s=5.0)
    assert type(failure) is kind
    assert failure.key == key


def test_a_server_that_says_nothing_ends_as_invalid_data_after_the_time_out() -> None:
    error = av.error.InvalidDataError(INVALID, "odd")
    assert opening_failed(error, RTSP, took_s=5.0, limit_s=5.0).key == "camera_silent"


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (av.error.ExitError(1, "exit"), "camera_stalled"),
        (av.error.TimeoutError(errno.ETIMEDOUT, "late"), "camera_stalled"),
        (av.error.InvalidDataError(INVALID, "odd"), "camera_corrupt"),
        (av.error.OSError(errno.EIO, "gone"), "camera_lost"),
    ],
)
def test_reading(error: av.FFmpegError, key: str) -> None:
    failure = reading_failed(error, RTSP)
    assert isinstance(failure, SourceLost)
    assert failure.key == key


@pytest.mark.parametrize("spelling", [SECRET, quote(SECRET), quote(SECRET, safe="")])
def test_no_spelling_of_the_password_gets_through(spelling: str) -> None:
    said = f"could not open rtsp://ann:{spelling}@cam.local/main, password={spelling}"
    for failure in (
        opening_failed(av.error.OSError(errno.EIO, said), RTSP, took_s=0.1, limit_s=5),
        reading_failed(av.error.OSError(errno.EIO, said), RTSP),
    ):
        assert spelling not in str(failure) + repr(failure.facts)
        assert "cam.local/main" in str(failure)


def test_scrubbing_leaves_the_rest() -> None:
    assert scrubbed("rtsp://u:hunter2@h/x hunter2", ["hunter2"]) == "rtsp://h/x ***"


def test_a_locator_shows_no_secret() -> None:
    inside = RtspLocator(url="rtsp://ann:hunter2@cam.local/main")
    for locator in (RTSP, inside):
        shown = f"{locator} {locator!r} {locator.target()!r}"
        assert "hunter2" not in shown
        assert SECRET not in shown
    assert str(inside) == "rtsp://cam.local/main"
    assert "hunter2" in inside.target().secrets


def test_user_and_password_are_joined_only_for_the_connection() -> None:
    assert RTSP.target().url == "rtsp://ann:p%2Fw%20%401@cam.local/main"
    assert RtspLocator(url="rtsp://cam.local/main").target().url == "rtsp://cam.local/main"
    assert RTSP.target().options["rtsp_transport"] == "tcp"


def test_a_usb_camera_is_asked_for_what_was_set() -> None:
    target = V4l2Locator(device="/dev/video2", width=1280, height=720, fps=15, input_format="mjpeg").target()
    assert (target.url, target.format) == ("/dev/video2", "v4l2")
    assert target.options == {"video_size": "1280x720", "framerate": "15", "input_format": "mjpeg"}
    assert USB.target().options == {}
