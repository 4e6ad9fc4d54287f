"""The clip of the latency benchmark: 720p15 in which somebody's face comes and goes every three seconds."""

import subprocess
from pathlib import Path

from gateway.app.bench.clips import FPS, GOP, HEIGHT, WIDTH
from gateway.app.places import data_home
from gateway.errors import Refused
from gateway.models.clips import fetch_clip
from gateway.models.fetch import Fetcher

PERIOD_S = 6.0
SECONDS = 60
_SCALED = "528:432"
_PLACE = "376:200"


def close_up() -> Path:
    """The talking face that the visitor is made of, to enrol from."""
    return fetch_clip("face", data_home() / "clips", Fetcher())


def visitor_clip(target: Path, phase_s: float) -> None:
    """A visitor every `PERIOD_S`, shifted by `phase_s`. Raises `Refused` without ffmpeg."""
    scene = f"color=c=0x707468:s={WIDTH}x{HEIGHT}:r={FPS}:d={SECONDS},noise=alls=6:allf=t"
    here = f"lt(mod(t+{phase_s}\\,{PERIOD_S})\\,{PERIOD_S / 2})"
    graph = f"[1:v]scale={_SCALED},fps={FPS}[face];[0:v][face]overlay={_PLACE}:enable='{here}':shortest=1[out]"
    inputs = ["-f", "lavfi", "-i", scene, "-stream_loop", "-1", "-i", str(close_up())]
    coding = f"bframes=0:ref=1:keyint={GOP}:min-keyint={GOP}:scenecut=0"
    coded = ["-an", "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-crf", "27", "-preset", "veryfast"]
    command = ["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph, "-map", "[out]"]
    try:
        subprocess.run(  # noqa: S603  # fixed arguments
            [*command, *coded, "-x264-params", coding, "-t", str(SECONDS), str(target)],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused("bench_needs_program", program="ffmpeg") from error
