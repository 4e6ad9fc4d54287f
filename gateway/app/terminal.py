"""Progress for people on standard error; machine-readable output owns standard output."""

import sys
import time


class Progress:
    """Called with what, how much, of how much. A line at a time on a terminal, a line every two seconds elsewhere,
    and a last one when `done` is reached."""

    def __init__(self, period_s: float = 2.0) -> None:
        self._tty = sys.stderr.isatty()
        self._period_s = 0.1 if self._tty else period_s
        self._last = 0.0
        self._what = ""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        finished = total is not None and done >= total
        now = time.monotonic()
        if what == self._what and not finished and now - self._last < self._period_s:
            return
        self._what, self._last = what, now
        amount = "..." if done == 0 else f"{done / 1e6:.1f} MB"
        if total is not None:
            amount = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"
        end = "\n" if finished or not self._tty else "\r"
        sys.stderr.write(f"{what}: {amount}\033[K{end}" if self._tty else f"{what}: {amount}{end}")
        sys.stderr.flush()


def say(text: str) -> None:
    """One line of progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
