"""Small H.264 clips, encoded on the spot."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

WIDTH, HEIGHT, FPS, GOP = 160, 96, 10, 5


def make_clip(path: Path, frames: int = 20, *, codec: str = "libx264", b_frames: int = 0, gop: int = GOP) -> Path:
    """Frame `n` is evenly `level(n)` bright, so that every picture tells its number."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = gop
        if codec == "libx264":
            options = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={b_frames}"
            stream.options = {"x264-params": options, "profile": "main", "crf": "10"}
        out.start_encoding()  # so that a clip of no frames is a file as well
        for n in range(frames):
            luma = np.full((HEIGHT, WIDTH), level(n), np.uint8)
            chroma = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
            picture = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
            picture.pts, picture.time_base = n, Fraction(1, FPS)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


def level(n: int) -> int:
    return 40 + 8 * (n % 20)
