"""What a person lays on a flashed medium, and what there is to see: settings, and a film for cameras."""

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.image.image import Image

CLIP = "/var/lib/hearthgate/clip.mp4"
SETTINGS = f"""\
gateway:
  name: A home under test
updates:
  stable_minutes: 1
cameras:
  - name: clip
    file: {CLIP}
    loop: true
    rest_s: 60
  - name: second
    file: {CLIP}
    loop: true
    rest_s: 60
"""
RATE = 8


def write_clip(file: Path) -> Path:
    """Four seconds of nothing, four of a square that moves."""
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": str(RATE), "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        for number in range(8 * RATE):
            picture = np.full((180, 320, 3), 90, np.uint8)
            if number >= 4 * RATE:
                left = (number - 4 * RATE) * 8
                picture[60:130, left : left + 50] = 220
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode())
    return file


def flashed(image: Image, folder: Path) -> Image:
    """With what a person lays on the FAT partition, from any computer."""
    disk = folder / "flashed.img"
    subprocess.run(["cp", "--sparse=always", image.disk, disk], check=True)
    settings = folder / "hearthgate.yaml"
    settings.write_text(SETTINGS)
    subprocess.run(["mcopy", "-i", f"{disk}@@{image.start('hearthgate')}", settings, "::hearthgate.yaml"], check=True)
    return Image(board=image.board, disk=disk, root=image.root)
