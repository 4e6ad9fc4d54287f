"""A drawn garden at dusk: a clip for the cameras and crops for the events, with nobody's face in it."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

WIDTH, HEIGHT, FPS = 640, 360, 15
_SKY, _GLOW, _GRASS = (92, 52, 38), (72, 120, 214), (38, 58, 40)
_WALL, _ROOF, _WINDOW = (66, 74, 92), (40, 42, 58), (120, 208, 255)


def draw(second: float) -> Picture:
    """BGR (360, 640, 3): a house, a lit window, a figure made of three shapes walking past."""
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    sky = np.array(_SKY) * (1 - rows) + np.array(_GLOW) * rows
    picture: Picture = np.repeat(sky, WIDTH, axis=1).astype(np.uint8)
    cv2.rectangle(picture, (0, 250), (WIDTH, HEIGHT), _GRASS, -1)
    cv2.rectangle(picture, (350, 140), (560, 270), _WALL, -1)
    cv2.fillPoly(picture, [np.array([(330, 142), (455, 70), (580, 142)])], _ROOF)
    cv2.rectangle(picture, (385, 170), (435, 215), _WINDOW, -1)
    cv2.rectangle(picture, (480, 185), (525, 270), _ROOF, -1)
    cv2.line(picture, (410, 170), (410, 215), _WALL, 3)
    cv2.ellipse(picture, (500, 340), (150, 28), 0, 0, 360, (60, 84, 92), -1)
    _walker(picture, 40 + int(second * 55) % 560, int(6 * abs(np.sin(second * 6))))
    return picture


def _walker(picture: Picture, x: int, lift: int) -> None:
    cv2.ellipse(picture, (x, 306), (20, 5), 0, 0, 360, (26, 40, 28), -1)
    cv2.ellipse(picture, (x, 262 - lift), (15, 32), 0, 0, 360, (60, 96, 196), -1)
    cv2.circle(picture, (x, 218 - lift), 12, (150, 180, 214), -1)


def crop(second: float) -> bytes:
    """A JPEG of what moved."""
    x = 40 + int(second * 55) % 560
    square = draw(second)[190:310, max(0, x - 60) : max(0, x - 60) + 120]
    return cv2.imencode(".jpg", square)[1].tobytes()


def write_clip(path: Path, seconds: float) -> None:
    """H.264 with a key frame a second and no B frames, as cameras send it."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": str(FPS), "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for number in range(int(seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(draw(number / FPS), format="bgr24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
