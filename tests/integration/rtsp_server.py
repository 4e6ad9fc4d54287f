"""Starts, stops, freezes and restarts the RTSP test server from a test."""

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType

PYTHON = "/usr/bin/python3"  # Debian's: the GStreamer bindings live there, not in a virtual environment
SCRIPT = Path(__file__).with_name("gst_rtsp.py")


def missing() -> str | None:
    """Why the server cannot run here, None where it can."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        subprocess.run([PYTHON, "-c", probe], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return "needs Debian's python3-gi and gir1.2-gst-rtsp-server-1.0"
    return None


def make_clip(target: Path, *, source: Path | None = None, seconds: int = 4, fps: int = 15, gop: int = 15) -> Path:
    """An H.264 byte stream for the server: Main profile, no B frames, one reference, with delimiters."""
    content = ["-i", str(source)] if source else ["-f", "lavfi", "-i", f"testsrc2=s=640x360:r={fps}"]
    shape = f"bframes=0:ref=1:keyint={gop}:min-keyint={gop}:scenecut=0"
    encode = ["-an", "-r", str(fps), "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p"]
    output = ["-x264-params", shape, "-bsf:v", "h264_metadata=aud=insert", "-f", "h264", str(target)]
    command = ["ffmpeg", "-v", "error", "-y", *content, "-t", str(seconds), *encode, *output]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return target


class RtspServer:
    """A context manager. `restart` keeps the port; options are those of `gst_rtsp.py`."""

    def __init__(self, clip: Path, *options: str, user: str = "viewer", password: str = "") -> None:
        self.port = 0
        self.clip = clip
        self._options = options
        self._environ = {**os.environ, "RTSP_USER": user, "RTSP_PASSWORD": password}
        self._process: subprocess.Popen[str] | None = None

    def url(self, path: str = "/cam") -> str:
        return f"rtsp://127.0.0.1:{self.port}{path}"

    def start(self, *options: str, port: int | None = None) -> None:
        """Blocks until the server listens."""
        command = [PYTHON, str(SCRIPT), str(self.clip), "--port", str(port or self.port)]
        self._process = subprocess.Popen(
            [*command, *(options or self._options)], env=self._environ, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().split()
        if line[:1] != ["port"]:
            raise RuntimeError("the RTSP server did not start")
        self.port = int(line[1])

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """At once, as a power cut does; harmless when it is not running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def restart(self, *options: str) -> None:
        self.kill()
        self.start(*options)

    def __enter__(self) -> "RtspServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()
