"""A gateway's outbox and drain that put as fast as they can, until they are killed; `python -m ... FOLDER PORT`.

What is made is numbered: 1, 2, 3 ... FOLDER/made has the number that is put next, written after the one before was put,
as a gateway remembers which hour it told last. Killed in between, it puts the same again under the same name. SIGTERM
ends the putting; the process ends once everything has left.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gateway.config.secrets import Secret
from gateway.config.uplink import Uplink
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.store.outbox.outbox import Outbox
from gateway.types import Kind, Level
from gateway.uplink.drain.drain import Drain
from gateway.uplink.transports.mqtt import MqttTransport
from gateway.wire.summary import HOUR_S, DeviceHealth, Energy, EventCount, Summary
from gateway.wire.uplink import Hello
from tests.unit.uplink.support import QUICK, settings

GATEWAY, INSTANCE = "home", "5" * 32
_PAUSE_S = 0.02
_DAYS_AGO = 2
_DAY_HOURS = 24


class Made:
    """The next number, and how much this process knows to be at the hub; both survive a kill, not a power cut."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "made"

    def read(self) -> tuple[int, int]:
        text = self._file.read_text() if self._file.exists() else ""
        number, kept = text.split() or ("1", "0")
        return int(number), int(kept)

    def write(self, number: int, kept: int) -> None:
        """Within one page and of one length: what is read is never half of it."""
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT)
        os.pwrite(handle, f"{number:20d} {kept:20d}\n".encode(), 0)
        os.close(handle)


def outbox(folder: Path) -> Outbox:
    return Outbox(
        folder / "outbox.db",
        GATEWAY,
        Uplink().policy,
        clock=SystemClock(),
        believed=lambda wall: wall,
        report=lambda _state: None,
        counters=Counters(),
    )


def three(number: int) -> Sequence[Summary]:
    """Of three streams, and of a day that is over, so that the hub adds it up while more of it comes."""
    today = int(time.time()) // HOUR_S // _DAY_HOURS * _DAY_HOURS
    hour = (today - _DAYS_AGO * _DAY_HOURS + number % _DAY_HOURS) * HOUR_S
    return (
        DeviceHealth(hour=hour, device="lamp", readings=number, level=Level.OK),
        EventCount(hour=hour, of=Kind.MOTION_BEGAN, count=number),
        Energy(hour=hour, thing="heater", kwh=number / 1e3, metered=True),
    )


async def work(folder: Path, port: int) -> None:
    stop, clock, counters = asyncio.Event(), SystemClock(), Counters()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    given = settings(port=port, host="127.0.0.1", tls="off", batch_s=0, stalled_s=3.0)
    async with outbox(folder) as box:
        transport = MqttTransport(
            settings=given,
            gateway=GATEWAY,
            hello=lambda: Hello(online=True, instance=INSTANCE, epoch=box.epoch, version="1.0"),
            login=lambda: Secret(user=GATEWAY, password=(folder / "word").read_text()),
            clock=clock,
            counters=counters,
            answer_s=5.0,
        )
        drain = Drain(
            box=box,
            transport=transport,
            settings=given,
            clock=clock,
            report=lambda _state: None,
            counters=counters,
            backoff=QUICK,
        )
        running = asyncio.create_task(drain.run())
        await _put(box, Made(folder), counters, stop)
        while await box.next(1, 1):  # noqa: ASYNC110 - nobody tells that an outbox has become empty
            await asyncio.sleep(_PAUSE_S)
        drain.end()
        await running


async def _put(box: Outbox, made: Made, counters: Counters, stop: asyncio.Event) -> None:
    number, _ = made.read()
    while not stop.is_set():
        await box.put(three(number), SystemClock().now().wall, once=str(number))
        number += 1
        made.write(number, counters.get("uplink.kept"))
        await asyncio.sleep(_PAUSE_S)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2])))
