"""What trains is taken from OpenCV's vtest.avi (Apache-2.0): people cut out, backgrounds, windows with people.

The clip is split by area and by time. Held out, and never looked at here: the crop that `docs/motion.md` is measured
on, and everything after frame 450.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from gateway.models import files
from services.factory.motion.planes import HEIGHT, WIDTH, Bytes, Patch, Plane, Rng, chance

VIDEO_SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
VIDEO_BYTES = 8131690
FPS = 10.0
LAST = 450
HELD_OUT = (48, 320, 496, 572)
"""x0, y0, x1, y1 of the crop that only judges."""
WINDOWS = ((0, 60, 448, 252), (320, 40, 448, 252), (160, 66, 448, 252), (500, 230, 268, 151), (500, 400, 268, 151))
"""x, y, width, height of what trains: none touches the crop."""
_STRANGE = 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """`empty` is the median; `frames` are whole pictures, `FPS` a second; `people` are cut out of them."""

    empty: Bytes
    frames: tuple[Bytes, ...]
    people: tuple[Patch, ...]

    def background(self, rng: Rng) -> Plane:
        """A random part of one window without people, perhaps mirrored."""
        x, y, width, height = WINDOWS[int(rng.integers(len(WINDOWS)))]
        share = rng.uniform(0.55, 1.0)
        wide, high = round(width * share), round(height * share)
        x, y = x + int(rng.integers(0, width - wide + 1)), y + int(rng.integers(0, height - high + 1))
        part = cv2.resize(self.empty[y : y + high, x : x + wide], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return np.asarray(part[:, ::-1] if chance(rng, 0.5) else part, np.float32)

    def window(self, number: int) -> Iterator[tuple[Plane, Plane]]:
        """Every frame of one window as plane, and how much of each pixel is a person."""
        x, y, width, height = WINDOWS[number]
        empty = self.empty[y : y + height, x : x + width]
        for frame in self.frames:
            part = frame[y : y + height, x : x + width]
            plane = cv2.resize(part, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            covered = cv2.resize(people_mask(part, empty), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            yield np.asarray(plane, np.float32), np.asarray(covered / 255, np.float32)


def read(video: Path) -> Material:
    """Raises `Refused` where the file is missing or another one ("model_missing", "model_hash")."""
    with files.opened(video, VIDEO_SHA256, VIDEO_BYTES) as stream, av.open(stream, "r") as container:
        frames = []
        for number, frame in enumerate(container.decode(video=0)):
            if number >= LAST:
                break
            frames.append(np.asarray(frame.to_ndarray(format="gray"), np.uint8))
    empty = np.asarray(np.median(np.stack(frames[::6]), axis=0), np.uint8)
    people = tuple(patch for frame in frames[::4] for patch in _cut_out(frame, empty))
    return Material(empty=empty, frames=tuple(frames), people=people)


def people_mask(frame: Bytes, empty: Bytes) -> Bytes:
    """255 where something of a person's size is not as usual; flutter and noise are left out."""
    strange = cv2.GaussianBlur(cv2.absdiff(frame, empty), (0, 0), 1.5) > _STRANGE
    mask = cv2.morphologyEx(strange.astype(np.uint8), cv2.MORPH_OPEN, np.ones((4, 4), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    large = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] > 120]
    return np.asarray(np.isin(labels, large) * 255, np.uint8)


def _cut_out(frame: Bytes, empty: Bytes) -> Iterator[Patch]:
    """Single people: upright, whole, outside of the held-out crop."""
    mask = people_mask(frame, empty)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    for label in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[label])
        inside = x > 2 and y > 2 and x + width < frame.shape[1] - 2 and y + height < frame.shape[0] - 2
        upright = height >= 36 and 0.25 < width / height < 0.7 and area > 0.3 * width * height
        if inside and upright and not _held_out(x, y, width, height):
            at = slice(y - 2, y + height + 2), slice(x - 2, x + width + 2)
            alpha = cv2.GaussianBlur((labels[at] == label).astype(np.float32), (0, 0), 0.8)
            yield Patch(frame[at].astype(np.float32), np.asarray(alpha, np.float32))


def _held_out(x: int, y: int, width: int, height: int) -> bool:
    x0, y0, x1, y1 = HELD_OUT
    return x < x1 and y < y1 and x + width > x0 and y + height > y0
