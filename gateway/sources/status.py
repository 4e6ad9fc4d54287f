"""What a camera says of itself while it delivers; losing it is told by the supervisor."""

from gateway.flow.board import Counters
from gateway.seams import StateReport
from gateway.types import Level, Stamp, State

_COUNTS = ("frames_in", "bytes", "frames_decoded", "frames_undecodable", "corrupt")


class CameraStatus:
    """Its states: "opening", "running", and "camera_corrupt" until `hold_s` have passed without damage. Its counts:
    `camera.<name>.` frames_in, bytes, frames_decoded, frames_undecodable, corrupt."""

    def __init__(self, name: str, report: StateReport, counters: Counters, *, hold_s: float) -> None:
        self._counters = counters
        self._names = {what: f"camera.{name}.{what}" for what in _COUNTS}
        self._part = f"camera/{name}"
        self._report = report
        self._hold_s = hold_s
        self._key = ""
        self._damaged: Stamp | None = None

    def count(self, what: str, n: int = 1) -> None:
        self._counters.add(self._names[what], n)

    def opening(self, where: str) -> None:
        self._damaged = None
        self._tell(Level.STARTING, "opening", where)

    def delivered(self, stamp: Stamp, width: int, height: int) -> None:
        """A whole picture came, of so many pixels."""
        if self._key == "running":
            return
        if self._damaged is not None and stamp.seconds_since(self._damaged) < self._hold_s:
            return
        self._damaged = None
        self._tell(Level.OK, "running", f"{width}x{height}")

    def damaged(self, stamp: Stamp) -> None:
        """A packet or a picture was damaged."""
        self._damaged = stamp
        self._tell(Level.DEGRADED, "camera_corrupt", "the camera sends damaged pictures")

    def _tell(self, level: Level, key: str, detail: str) -> None:
        if key != self._key:
            self._key = key
            self._report(State(part=self._part, level=level, key=key, detail=detail))
