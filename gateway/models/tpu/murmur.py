"""What the accelerator's process prints: into the log, but never so much that it fills the journal."""

import logging
import threading
from typing import IO

_log = logging.getLogger(__name__)

MOST_LINES = 100
"""Of one child's life; a library that complains at every inference is heard, then ignored."""
_MOST_CHARACTERS = 300


class Murmur:
    """Reads `stream` to its end on a thread of its own, which a child that cannot be killed must not keep the daemon
    from ending: hence a daemon thread."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.last = ""
        self._stream = stream
        self._thread = threading.Thread(target=self._read, name="tpu-murmur", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _read(self) -> None:
        count = 0
        with self._stream as stream:
            while line := stream.readline(_MOST_CHARACTERS):
                text = line.decode(errors="replace").strip()
                self.last = text or self.last
                count += 1
                if text and count <= MOST_LINES:
                    _log.info("accelerator: %s", text)
        if count > MOST_LINES:
            _log.warning("accelerator: %d more lines were left out", count - MOST_LINES)
