"""Work that may wait makes room for work that must not."""

import contextlib
import os
import threading

BEHIND = 10
"""Niceness (setpriority(2)); on Linux each thread has its own."""


def behind_the_rest() -> None:
    """Call first on a worker thread whose work is not urgent, such as pictures for the log: when the cores are
    full, decoding and the event loop go first. Does nothing where the system does not allow it."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
