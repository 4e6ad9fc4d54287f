"""The socket that systemd hands over, sd_listen_fds(3)."""

import os
import socket

_FIRST = 3


def handed_over() -> socket.socket | None:
    """The listening socket of our socket unit; None where this process was started otherwise."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    os.set_inheritable(_FIRST, False)
    return socket.socket(fileno=_FIRST)
