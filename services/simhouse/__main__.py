"""`python -m services.simhouse`: one simulated room as a process of its own, or with a verb the house bench."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import EX_CONFIG, Refused
from services.simhouse.credentials import read_credentials
from services.simhouse.faults import Faults
from services.simhouse.house import DEVICES, House
from services.simhouse.physics import Warmth
from services.simhouse.shell import Setup, Shell


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simhouse", description="A simulated room of MQTT devices.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--credentials-file", type=Path, required=True, help="one line user:password, mode 0600")
    parser.add_argument("--room", default="hall", help="the second level of every topic")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds per second")
    parser.add_argument("--report", type=float, default=5.0, help="seconds between two readings")
    parser.add_argument("--outdoor", type=float, default=5.0, help="degC outside")
    parser.add_argument("--visits", type=float, default=0.0, help="simulated seconds between two visitors, 0 for none")
    parser.add_argument("--mute", action="append", default=[], choices=DEVICES, help="this device does not answer")
    parser.add_argument("--nonsense", action="append", default=[], choices=DEVICES, help="this device sends nonsense")
    return parser.parse_args(argv)


async def _run(shell: Shell) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await shell.run(stop)


def main(argv: Sequence[str] | None = None) -> int:
    """0 after SIGTERM or SIGINT, 78 for credentials that cannot be used; for the bench see there."""
    given = sys.argv[1:] if argv is None else list(argv)
    if given[:1] and not given[0].startswith("-"):
        from services.simhouse.bench import commands  # a room needs no solver

        return commands.main(given)
    told = _arguments(given)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    try:
        credentials = read_credentials(told.credentials_file)
    except Refused as error:
        logging.getLogger("simhouse").error("%s", error)
        return EX_CONFIG
    setup = Setup(
        host=told.host,
        port=told.port,
        credentials=credentials,
        room=told.room,
        speed=told.speed,
        report_s=told.report,
    )
    house = House(warmth=Warmth(outdoor_c=told.outdoor), visit_every_s=told.visits, speed=told.speed)
    asyncio.run(_run(Shell(setup, house, Faults(mute=told.mute, nonsense=told.nonsense))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
