"""systemd's notification protocol (sd_notify(3)) and its watchdog, fed from the event loop."""

import asyncio
import os
from collections.abc import Callable

from gateway.flow.beat import Beats
from gateway.flow.clock import Clock
from gateway.wire.systemd import tell


class Notifier:
    """Sends datagrams to $NOTIFY_SOCKET; without one every call does nothing."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    @classmethod
    def from_environment(cls) -> "Notifier":
        return cls(os.environ.get("NOTIFY_SOCKET"))

    def send(self, *lines: str) -> None:
        """`lines` such as "READY=1". A manager that does not listen is not our trouble."""
        tell(self._address, *lines)


async def feed_watchdog(notifier: Notifier, beats: Beats, clock: Clock, period_s: float | None) -> None:
    """READY once every stage has reported; then a ping per period, but only while every stage beats.

    Runs in the loop on purpose: a hung loop must not be covered for by a helper thread.
    """
    ready = False
    while True:
        if not ready and beats.ready:
            notifier.send("READY=1", "STATUS=running")
            ready = True
        silent = beats.silent()
        if silent:
            notifier.send(f"STATUS=silent: {', '.join(silent)}")
        elif period_s is not None:
            notifier.send("WATCHDOG=1")
        await clock.sleep(min(period_s or 5.0, 5.0) if ready else 0.2)


async def tell_stopping(notifier: Notifier, stop: asyncio.Event, final: Callable[[], bool] = lambda: True) -> None:
    """STOPPING as soon as the end begins; the watchdog is fed until the flow has drained. Not where the end is not
    `final`: whoever has said STOPPING is given no second life."""
    await stop.wait()
    notifier.send("STOPPING=1" if final() else "STATUS=starting anew")
