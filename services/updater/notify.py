"""systemd's notification protocol, sd_notify(3), and the socket that it hands over, sd_listen_fds(3)."""

import asyncio
import os
import socket

_FIRST = 3


def notify(*lines: str) -> None:
    """`lines` such as "READY=1", where a manager listens; that it does not is not our trouble."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    address = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.setblocking(False)
        try:
            sock.sendto("\n".join(lines).encode(), address)
        except OSError:
            return


async def feed_watchdog() -> None:
    """A ping twice per period that systemd allows, from the loop: a hung loop must not be covered for."""
    usec = os.environ.get("WATCHDOG_USEC")
    while usec:
        notify("WATCHDOG=1")
        await asyncio.sleep(int(usec) / 2e6)


def handed_over() -> socket.socket | None:
    """The listening socket of our socket unit; None where this process was started otherwise."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    os.set_inheritable(_FIRST, False)
    return socket.socket(fileno=_FIRST)
