"""`hearthgate run` and `hearthgate demo`."""

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path

from gateway.app.demo import demo
from gateway.app.places import placed
from gateway.app.run import run
from gateway.config.load import load_settings
from gateway.config.salvage import salvage
from gateway.config.settings import Settings
from gateway.errors import ConfigError, Problem

log = logging.getLogger(__name__)


def run_gateway(arguments: argparse.Namespace) -> int:
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


def run_demo(arguments: argparse.Namespace) -> int:
    report = asyncio.run(demo(for_s=arguments.for_s, say=_say))
    if arguments.report is not None:
        arguments.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)
