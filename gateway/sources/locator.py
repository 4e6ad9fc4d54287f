"""Where a camera's packets come from, and how the library is asked for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from gateway.errors import without_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The arguments of `av.open`. `url` may hold a password: it never reaches a log, an error or a `repr`."""

    url: str = field(repr=False)
    format: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RtspLocator:
    """A network camera. User and password are given apart and joined only when the connection is made."""

    url: str = field(repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return without_secrets(self.url)

    def target(self) -> Target:
        # Quick probing (0.2 s instead of 2.1 s to the first frame); TCP, since a lost datagram is a torn picture.
        options = {"rtsp_transport": "tcp", "probesize": "32768", "analyzeduration": "0"}
        return Target(url=self._joined(), options=options, secrets=self._secrets())

    def _joined(self) -> str:
        if self.user is None:
            return self.url
        scheme, _, rest = without_secrets(self.url).partition("://")
        return f"{scheme}://{quote(self.user, safe='')}:{quote(self.password or '', safe='')}@{rest}"

    def _secrets(self) -> tuple[str, ...]:
        known = [self.password, urlsplit(self.url).password]
        spellings = {text for secret in known if secret for text in (secret, quote(secret, safe=""), quote(secret))}
        return tuple(sorted(spellings, key=len, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class V4l2Locator:
    """A USB camera: `device` such as "/dev/video0"; `input_format` such as "mjpeg" or "yuyv422"."""

    device: str
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    input_format: str | None = None

    def __str__(self) -> str:
        return self.device

    def target(self) -> Target:
        options = {}
        if self.width and self.height:
            options["video_size"] = f"{self.width}x{self.height}"
        if self.fps:
            options["framerate"] = f"{self.fps:g}"
        if self.input_format:
            options["input_format"] = self.input_format
        return Target(url=self.device, format="v4l2", options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLocator:
    """A clip. `realtime` plays it at its own pace, `loop` for ever; its time stamps go on over the seam, where the
    picture stands still for `rest_s`."""

    path: Path
    loop: bool = False
    rest_s: float = 0.0
    realtime: bool = False

    def __str__(self) -> str:
        return self.path.name

    def target(self) -> Target:
        return Target(url=str(self.path))


Locator = RtspLocator | V4l2Locator | FileLocator
