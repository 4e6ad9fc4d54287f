"""The clips of the benchmarks: 1280x720 at 15 fps as cameras send it, H.264 Main, no B frames, one reference, a key
frame each 4 s. "static" is an empty scene with sensor noise and three short walks; "busy" never rests.

Made once with Debian's ffmpeg and kept in the user's cache. The scene is OpenCV's vtest.avi where it is found
(Debian's opencv-doc, or beside the checkout), else drawn.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
import numpy.typing as npt

from gateway.errors import Refused

Kind = Literal["static", "busy"]
Grey = npt.NDArray[np.uint8]

WIDTH, HEIGHT, FPS, GOP, FRAMES = 1280, 720, 15, 60, 1200
_WALKS = ((300, 360), (700, 714), (1000, 1019))
_NOISE_SIGMA = 2.5
_REAL = (
    Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi"),
    Path(__file__).parents[4] / "shared" / "video" / "vtest.avi",
)


def bench_clip(kind: Kind, progress: Callable[[str], None]) -> Path:
    """Path of an MP4. Raises `Refused` where ffmpeg is missing or fails."""
    if shutil.which("ffmpeg") is None:
        raise Refused("bench_needs_program", program="ffmpeg")
    real = next((path for path in _REAL if path.is_file()), None)
    target = _cache() / f"{kind}-{'vtest' if real else 'drawn'}-720p{FPS}.mp4"
    if not target.exists():
        progress(f"making the {kind} clip ({FRAMES} frames, once)")
        target.parent.mkdir(parents=True, exist_ok=True)
        scene = list(_real_scene(real) if real else _drawn_scene())
        _encode(_static(scene) if kind == "static" else _busy(scene), target)
    return target


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hearthgate" / "bench"


def _encode(frames: Iterator[Grey], target: Path) -> None:
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-"]
    shape = f"bframes=0:ref=1:keyint={GOP}:min-keyint={GOP}:scenecut=0"
    coded = ["-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-crf", "27", "-x264-params", shape]
    partial = target.with_suffix(".part")
    command = ["ffmpeg", "-v", "error", "-y", *raw, *coded, "-f", "mp4", str(partial)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603  # fixed arguments
        assert process.stdin is not None
        for frame in frames:
            process.stdin.write(frame.tobytes())
        process.stdin.close()
    if process.returncode != 0:
        raise Refused("bench_program_failed", program="ffmpeg")
    partial.rename(target)


def _real_scene(clip: Path) -> Iterator[Grey]:
    """The middle of the picture in 16:9."""
    with av.open(str(clip)) as container:
        for picture in container.decode(video=0):
            grey = picture.to_ndarray(format="gray")
            rows = grey.shape[1] * 9 // 16
            top = (grey.shape[0] - rows) // 2
            yield np.asarray(cv2.resize(grey[top : top + rows], (WIDTH, HEIGHT)), np.uint8)


def _drawn_scene() -> Iterator[Grey]:
    """Eight figures crossing a textured ground."""
    random = np.random.default_rng(1)
    ground = cv2.GaussianBlur(random.normal(0, 60, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 3) + 110
    steps = random.uniform(-6, 6, 8)
    starts = random.uniform(0, WIDTH, 8)
    for n in range(600):
        frame = ground.copy()
        for k in range(8):
            x = int(starts[k] + steps[k] * n) % WIDTH
            cv2.ellipse(frame, (x, 200 + 60 * k), (18, 52), 0, 0, 360, 40 + 22 * k, -1)
        yield np.clip(frame, 0, 255).astype(np.uint8)


def _busy(scene: list[Grey]) -> Iterator[Grey]:
    yield from islice(cycle(scene), FRAMES)


def _static(scene: list[Grey]) -> Iterator[Grey]:
    """The empty scene, noisy and slowly drifting, with something of the full one during the walks.

    The drift is dithered by the noise: whole steps of brightness would make packet sizes jump."""
    empty = np.median(np.stack(scene[:: max(1, len(scene) // 60)]), axis=0).astype(np.float32)
    random = np.random.default_rng(2)
    grain = random.normal(0, _NOISE_SIGMA, (HEIGHT * 2, WIDTH * 2)).astype(np.float32)
    for n in range(FRAMES):
        y, x = random.integers(0, HEIGHT), random.integers(0, WIDTH)
        frame = empty + grain[y : y + HEIGHT, x : x + WIDTH] + 3 * np.float32(np.sin(n / 150))
        if any(first <= n < last for first, last in _WALKS):
            figure = scene[n % len(scene)].astype(np.float32)
            frame = np.where(np.abs(figure - empty) > 20, figure, frame)
        yield np.clip(frame, 0, 255).astype(np.uint8)
