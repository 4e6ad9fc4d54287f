"""Cameras: where they are, how they are watched."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway.config.base import Credential, FilePath, Seconds, Slug, Strict, Title, wrong

Unit = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Unit, Unit]


def _polygon(points: tuple[Point, ...]) -> tuple[Point, ...]:
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
    if len(points) < 3 or abs(doubled) < 1e-6:
        raise wrong("a polygon needs three corners and an area", "list [x, y] corners in 0..1, origin top left")
    return points


Polygon = Annotated[tuple[Point, ...], AfterValidator(_polygon)]


def _rtsp(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"rtsp", "rtsps"} or not parts.hostname:
        raise wrong("must look like rtsp://192.168.1.20/stream1")
    if "@" in parts.netloc:
        raise wrong(
            "must not hold a user or password",
            "write user:password into a credential file and name it with 'credential:'",
        )
    return url


class Zone(Strict):
    name: Slug
    polygon: Polygon


class Camera(Strict):
    """Exactly one of `url`, `device` and `file` says where the picture comes from."""

    name: Slug
    title: Title | None = None
    url: Annotated[str, AfterValidator(_rtsp)] | None = None
    """rtsp://host/path without user and password."""
    credential: Credential | None = None
    """Name of the credential that holds user:password."""
    device: Annotated[str, Field(pattern=r"^/dev/[A-Za-z0-9/_.:-]+$")] | None = None
    """A USB camera such as /dev/video0."""
    file: FilePath | None = None
    """A clip, for trying things out."""
    width: Annotated[int, Field(ge=16, le=7680)] | None = None
    height: Annotated[int, Field(ge=16, le=4320)] | None = None
    fps: Annotated[float, Field(gt=0, le=120)] | None = None
    input_format: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")] | None = None
    """Pixel format to ask a USB camera for, such as mjpeg."""
    loop: bool = False
    """A file only: begin again at its end."""
    rest_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """A file that loops: stand still for so long before it begins again."""
    realtime: bool = True
    """A file only: play at its own pace."""
    decode: Literal["every", "gated"] = "every"
    """"gated" decodes key frames only while nothing moves: a quarter of the work, later alerts."""
    max_blind_s: Annotated[float, Field(gt=0, le=60)] = 4.0
    """With "gated": where key frames come less often than this, every frame is decoded after all."""
    faces: bool = False
    """Recognise faces here. Off unless somebody who lives there wants it."""
    motion_check: bool = False
    """Look at what moved once more with a small network, to leave out light, rain and leaves."""
    masks: tuple[Polygon, ...] = ()
    """Areas that are never looked at."""
    zones: tuple[Zone, ...] = ()
    ring_mb: Annotated[float, Field(gt=0, le=64)] = 4.0
    """Memory for the last seconds of compressed video."""
    quiet_s: Seconds = 5.0
    """Motion has ended when nothing moved for this long."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [key for key in ("url", "device", "file") if getattr(self, key) is not None]
        if len(given) != 1:
            raise wrong("needs exactly one of url, device and file", f"given: {', '.join(given) or 'none'}")
        if self.credential is not None and self.url is None:
            raise wrong("only a camera with a url has a credential")
        return self
