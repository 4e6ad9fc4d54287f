"""A gateway's outbox and drain that put as fast as they can, until they are killed; `python -m ... FOLDER PORT`.

What `put` promised to keep is appended to FOLDER/put.log first thing after. SIGTERM ends the putting; the process ends
once everything has left.
"""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from gateway.config.secrets import Secret
from gateway.config.uplink import Uplink
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.store.outbox.outbox import Outbox
from gateway.types import Kind, Level
from gateway.uplink.drain.drain import Drain
from gateway.uplink.transports.mqtt import MqttTransport
from gateway.wire.summary import DeviceHealth, Energy, EventCount, Summary
from gateway.wire.uplink import Hello
from tests.unit.uplink.support import QUICK, settings

GATEWAY, INSTANCE = "home", "5" * 32
_PAUSE_S = 0.02


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


def three(number: int) -> list[Summary]:
    """Of three streams; no two calls with one number."""
    hour = int(time.time()) // 3600 * 3600
    return [
        DeviceHealth(hour=hour, device="lamp", readings=number, level=Level.OK),
        EventCount(hour=hour, of=Kind.MOTION_BEGAN, count=number),
        Energy(hour=hour, thing="heater", kwh=number % 10**8 / 1e3, metered=True),
    ]


async def work(folder: Path, port: int) -> None:
    stop, clock = asyncio.Event(), SystemClock()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    given = settings(port=port, host="127.0.0.1", tls="off", batch_s=0, stalled_s=2.0)
    async with outbox(folder) as box:
        transport = MqttTransport(
            settings=given,
            gateway=GATEWAY,
            hello=lambda: Hello(online=True, instance=INSTANCE, epoch=box.epoch, version="1.0"),
            login=lambda: Secret(user=GATEWAY, password=(folder / "word").read_text()),
            clock=clock,
            counters=Counters(),
            answer_s=2.0,
        )
        drain = Drain(
            box=box,
            transport=transport,
            settings=given,
            clock=clock,
            report=lambda _state: None,
            counters=Counters(),
            backoff=QUICK,
        )
        running = asyncio.create_task(drain.run())
        await _put(box, folder / "put.log", stop)
        while await box.next(1, 1):  # noqa: ASYNC110 - nobody tells that an outbox has become empty
            await asyncio.sleep(_PAUSE_S)
        drain.end()
        await running


async def _put(box: Outbox, log: Path, stop: asyncio.Event) -> None:
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    number = time.time_ns() // 1_000_000 % 10**11
    while not stop.is_set():
        number += 1
        put = await box.put(three(number), SystemClock().now().wall)
        os.write(file, "".join(f"{one}\n" for one in put).encode())
        await asyncio.sleep(_PAUSE_S)
    os.close(file)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2])))
