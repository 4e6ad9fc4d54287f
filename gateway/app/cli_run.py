"""`hearthgate run` and `hearthgate demo`."""

import argparse
import asyncio
import json
import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.app.demo import demo
from gateway.app.places import placed
from gateway.app.run import run
from gateway.config.load import load_settings
from gateway.config.salvage import salvage
from gateway.config.settings import Settings
from gateway.errors import ConfigError, Problem

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}

log = logging.getLogger(__name__)


def add_to(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    runner = commands.add_parser("run", help="run the gateway")
    runner.add_argument("--config", type=Path, required=True, metavar="FILE")
    runner.set_defaults(handler=_run)
    player = commands.add_parser("demo", help="run the product on real clips and a simulated room")
    player.add_argument("--for", dest="for_s", type=seconds, metavar="30s", help="stop by itself after this long")
    player.add_argument("--report", type=Path, metavar="FILE.json", help="write what happened as JSON")
    player.set_defaults(handler=_demo)


def seconds(text: str) -> float:
    """ "30", "30s", "5m" or "1h" in seconds. For argparse."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"not a duration such as 30s or 5m: {text}")
    return float(match[1]) * _UNITS[match[2]]


def _run(arguments: argparse.Namespace) -> int:
    settings, problems = safe_settings(arguments.config)
    logging.getLogger().setLevel("DEBUG" if arguments.verbose else settings.logging.level.upper())
    asyncio.run(_until_stopped(settings, problems))
    return 0


async def _until_stopped(settings: Settings, problems: tuple[Problem, ...]) -> None:
    await run(settings, problems=problems, stop=asyncio.Event(), say=_say)


def safe_settings(file: Path) -> tuple[Settings, tuple[Problem, ...]]:
    """The file's settings; where it is broken what can be kept of it and its problems, so that nobody is locked out:
    page and doctor come up, cameras and actuators stay off."""
    try:
        return placed(load_settings(file)), ()
    except ConfigError as error:
        for problem in error.problems:
            log.error("%s", problem)
        log.error("safe mode: cameras and devices stay off until the configuration is right")
        return placed(salvage(file)), error.problems


def _demo(arguments: argparse.Namespace) -> int:
    report = asyncio.run(demo(for_s=arguments.for_s, say=_say))
    if arguments.report is not None:
        arguments.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)
