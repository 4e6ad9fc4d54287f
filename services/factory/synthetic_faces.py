"""Aligned faces of nobody, for reading activation ranges: drawn, lit, blurred and grained at random.

Domain randomisation as in J. Tobin et al. (arXiv:1703.06907): not true to life, but wider than life.
"""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from gateway.testing.drawn_face import Colour, DrawnFace, draw_face

Rgb = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SIDE_PX = 150
_WIDTH_PX, _CENTRE = 142.0, (74.0, 58.0)
"""Puts the drawn eyes and mouth where aligned faces have them."""


def faces(rng: np.random.Generator, count: int) -> Iterator[Rgb]:
    """`count` aligned faces (150, 150, 3) RGB."""
    for _ in range(count):
        yield _photographed(rng, _drawn(rng))


def scenes(rng: np.random.Generator, count: int, side_px: int) -> Iterator[Rgb]:
    """`count` square pictures (side, side, 3) RGB with one face each, of a tenth to half of the side."""
    for _ in range(count):
        width = side_px * rng.uniform(0.1, 0.5)
        x, y = rng.uniform(0.25, 0.75, 2) * side_px
        picture = draw_face(_look(rng), size=(side_px, side_px), width_px=width, centre=(float(x), float(y)))
        yield _photographed(rng, picture)


def empty_scenes(rng: np.random.Generator, count: int, side_px: int) -> Iterator[Rgb]:
    """The same without a face."""
    for _ in range(count):
        yield _photographed(rng, np.full((side_px, side_px, 3), rng.integers(40, 200), np.uint8))


def _drawn(rng: np.random.Generator) -> Rgb:
    width = _WIDTH_PX * rng.normal(1, 0.05)
    x, y = np.asarray(_CENTRE) + rng.normal(0, 3, 2)
    picture = draw_face(_look(rng), size=(SIDE_PX, SIDE_PX), width_px=width, centre=(float(x), float(y)))
    turn = cv2.getRotationMatrix2D(_CENTRE, float(rng.normal(0, 5)), 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (SIDE_PX, SIDE_PX), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _look(rng: np.random.Generator) -> DrawnFace:
    return DrawnFace(
        skin=_shade(rng, (224, 172, 140), 0.35),
        hair=_shade(rng, (120, 90, 60), 0.1),
        lips=_shade(rng, (170, 70, 70), 0.5),
        eyes_apart=int(rng.integers(20, 29)),
        mouth_down=int(rng.integers(40, 53)),
        beard=bool(rng.random() < 0.3),
    )


def _shade(rng: np.random.Generator, colour: Colour, least: float) -> Colour:
    light = rng.uniform(least, 1.1)
    r, g, b = (int(np.clip(value * light * rng.uniform(0.85, 1.15), 0, 255)) for value in colour)
    return r, g, b


def _photographed(rng: np.random.Generator, picture: Rgb) -> Rgb:
    """Texture, light from one side, exposure, colour cast, lens and sensor."""
    side = picture.shape[0]
    seen = picture.astype(np.float32) + rng.uniform(5, 45) * _texture(rng, side)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.6)
    seen *= (1 + slope * (np.cos(angle) * x + np.sin(angle) * y))[..., None].astype(np.float32)
    seen = (seen - 128) * np.float32(rng.uniform(0.6, 1.7)) + np.float32(128 + rng.normal(0, 35))
    seen *= rng.uniform(0.85, 1.15, 3).astype(np.float32)
    soft = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.3, 2.0))
    grain = rng.normal(0, rng.uniform(0, 12), soft.shape)
    return np.asarray(np.clip(soft + grain, 0, 255), np.uint8)


def _texture(rng: np.random.Generator, side: int) -> Floats:
    """Noise with the spectrum of natural pictures (amplitude 1/f), unit deviation, a little of it coloured."""
    reach = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    reach[0, 0] = np.inf
    planes = [np.fft.ifft2(np.fft.fft2(rng.normal(size=(side, side))) / reach).real for _ in range(4)]
    grey, *colours = (plane / plane.std() for plane in planes)
    return np.asarray(grey[..., None] + 0.25 * np.stack(colours, axis=-1), np.float32)
