"""systemd's notification protocol (sd_notify(3)) and its watchdog (sd_watchdog_enabled(3)), for every process here."""

import asyncio
import os
import socket


def notify(*lines: str) -> None:
    """`lines` such as "READY=1", where a manager listens; that it does not is not our trouble."""
    tell(os.environ.get("NOTIFY_SOCKET"), *lines)


def tell(address: str | None, *lines: str) -> None:
    """To the manager at `address`; without one nothing is done."""
    if not address:
        return
    address = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.setblocking(False)
        try:
            sock.sendto("\n".join(lines).encode(), address)
        except OSError:
            return


def watchdog_period_s() -> float | None:
    """Half of what systemd allows; None when no watchdog is set for this process."""
    pid, usec = os.environ.get("WATCHDOG_PID"), os.environ.get("WATCHDOG_USEC")
    if not usec or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 2e6


async def feed_watchdog() -> None:
    """A ping a period, from the loop: a hung loop must not be covered for."""
    while (period_s := watchdog_period_s()) is not None:
        notify("WATCHDOG=1")
        await asyncio.sleep(period_s)
