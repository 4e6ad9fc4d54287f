"""systemd's notification protocol, sd_notify(3)."""

import asyncio
import os
import socket


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
