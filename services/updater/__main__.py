"""`python -m services.updater run`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from services.updater.gate import DEADLINE_S, STABLE_S
from services.updater.host import PAGE
from services.updater.run import Options, run


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m services.updater", description=sys.modules["services.updater"].__doc__
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    running = commands.add_parser("run", help="until SIGTERM")
    running.add_argument("--page", default=PAGE, help="what has to answer before a start is good (%(default)s)")
    running.add_argument("--stable", type=float, default=STABLE_S, help="for how many s all must be well (%(default)s)")
    running.add_argument(
        "--deadline", type=float, default=DEADLINE_S, help="after how many s a trial is given up (%(default)s)"
    )
    running.add_argument("--root", type=Path, default=Path("/"), help="where the machine's files are (%(default)s)")
    told = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    options = Options(page=told.page, stable_s=told.stable, deadline_s=told.deadline, root=told.root)
    asyncio.run(run(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
