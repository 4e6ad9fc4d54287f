"""Prints the quality table of docs/motion.md: `python -m tests.models.motion.quality VTEST_AVI`.

Each sequence is encoded as cameras do (H.264, CRF 27, 15 fps, key frame each 4 s) and judged as decoded. Entries are
false / missed frames; at 5 fps each verdict holds until the next.
"""

import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from gateway.perception.motion import MotionDetector
from tests.models.motion.scenes import FPS, HEIGHT, WIDTH, Luma, Sequence, read_material, sequences

_X264 = {"preset": "veryfast", "crf": "27", "x264-params": "keyint=60:min-keyint=60:bframes=0:ref=1:scenecut=0"}


def encode(sequence: Sequence, path: Path) -> None:
    grey = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=FPS, options=_X264)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, luma in enumerate(sequence.frames()):
            picture = av.VideoFrame.from_ndarray(np.vstack([luma, grey]), format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


def decode(path: Path) -> Iterator[Luma]:
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            plane = picture.planes[0]
            yield np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:HEIGHT, :WIDTH]


def judge(path: Path, sequence: Sequence, steps: tuple[int, ...]) -> list[tuple[int, int]]:
    """False and missed frames for each step."""
    detectors = [MotionDetector() for _ in steps]
    moved, wrong = [False] * len(steps), [[0, 0] for _ in steps]
    for number, (luma, truth) in enumerate(zip(decode(path), sequence.truth, strict=True)):
        for i, step in enumerate(steps):
            if number % step == 0:
                moved[i] = bool(detectors[i].see(luma, number / FPS).boxes)
            wrong[i][0] += int(truth == 0 and moved[i])
            wrong[i][1] += int(truth == 1 and not moved[i])
    return [(false, missed) for false, missed in wrong]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(video: Path) -> None:
    cv2.setNumThreads(1)
    material, total = read_material(video), np.zeros((2, 2), int)
    _say("| sequence (empty / person frames) | 15 fps | 5 fps |\n|---|---|---|")
    for sequence in sequences(material):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "clip.mp4"
            encode(sequence, path)
            wrong = judge(path, sequence, (1, 3))
        total += np.array(wrong)
        empty, person = (int(np.count_nonzero(sequence.truth == value)) for value in (0, 1))
        cells = " | ".join(f"{false} / {missed}" for false, missed in wrong)
        _say(f"| {sequence.name} ({empty} / {person}) | {cells} |")
    _say("| **total** | " + " | ".join(f"**{false} / {missed}**" for false, missed in total) + " |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
