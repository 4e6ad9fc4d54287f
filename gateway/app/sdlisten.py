"""Sockets that systemd opened before it started us (sd_listen_fds(3)): ports below 1024 without any privilege."""

import logging
import os
import socket

from gateway.web.listen import Handed

_FIRST = 3
_HTTP = 80

log = logging.getLogger(__name__)


def handed_sockets() -> Handed | None:
    """None where there are none. What is named "http", or has no telling name and is on port 80, is for http, the rest
    for https. Copies: the originals stay open, for the same program when it begins anew."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    count = int(os.environ.get("LISTEN_FDS", "0"))
    https: list[socket.socket] = []
    http: list[socket.socket] = []
    for place in range(count):
        one = socket.socket(fileno=os.dup(_FIRST + place))
        if one.family not in {socket.AF_INET, socket.AF_INET6} or one.type != socket.SOCK_STREAM:
            log.error("what was handed over as %d is no socket for a page", _FIRST + place)
            one.close()
            continue
        name = names[place] if place < len(names) else ""
        (http if _is_http(name, one) else https).append(one)
    return Handed(https=https, http=http) if https or http else None


def _is_http(name: str, one: socket.socket) -> bool:
    return name == "http" or (name != "https" and bool(one.getsockname()[1] == _HTTP))
