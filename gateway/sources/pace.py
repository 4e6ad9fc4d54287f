"""Plays a clip at its own speed."""

import time
from collections.abc import Callable


class Pace:
    """Waits until a picture is due. `wait` sleeps for so many seconds and may return early (a stop). A clip that
    is more than `slack_s` off (a gap in its time stamps, a suspended machine) goes on from where it is."""

    def __init__(
        self,
        wait: Callable[[float], object],
        *,
        slack_s: float = 2.0,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wait = wait
        self._slack_s = slack_s
        self._now_ns = now_ns
        self._zero_s: float | None = None

    def until(self, media_s: float) -> None:
        """Return when the picture at `media_s` of the clip is due."""
        now_s = self._now_ns() / 1e9
        if self._zero_s is None or abs(self._zero_s + media_s - now_s) > self._slack_s:
            self._zero_s = now_s - media_s
        late_s = now_s - (self._zero_s + media_s)
        if late_s < 0:
            self._wait(-late_s)
