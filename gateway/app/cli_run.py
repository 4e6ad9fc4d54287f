"""`hearthgate run` and `hearthgate demo`."""

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path

from gateway.app.demo import demo
from gateway.app.ending import Ending
from gateway.app.overrides import Overrides
from gateway.app.places import placed
from gateway.app.run import run
from gateway.config.load import load_settings
from gateway.config.salvage import salvage
from gateway.config.settings import Settings
from gateway.errors import ConfigError, Problem
from gateway.uplink.twin.twin import Twin, in_force

log = logging.getLogger(__name__)


def run_gateway(arguments: argparse.Namespace) -> int:
    """Where settings were changed over the page or by a hub, the program begins anew in the same process."""
    if asyncio.run(_until_ended(arguments.config, verbose=arguments.verbose)):
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # our own command line
    return 0


async def _until_ended(file: Path, *, verbose: bool) -> bool:
    """Whether it is to begin anew."""
    settings, problems = safe_settings(file)
    overrides, ending, loop = Overrides(settings.gateway.data_dir), Ending(), asyncio.get_running_loop()
    twin = None
    if not problems:
        settings, layers = in_force(file, overrides.load())
        settings = placed(settings)

        def changed() -> None:
            loop.call_soon_threadsafe(ending.restart)

        twin = Twin(file, layers, overrides.keep, changed)
    logging.getLogger().setLevel("DEBUG" if verbose else settings.logging.level.upper())
    await run(settings, problems=problems, stop=ending, say=_say, twin=twin)
    return ending.anew


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
