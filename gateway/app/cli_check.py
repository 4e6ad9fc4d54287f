"""`hearthgate check-config` and `hearthgate doctor`."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.app.places import placed
from gateway.config.load import load_settings
from gateway.config.salvage import salvage
from gateway.config.settings import Settings
from gateway.errors import ConfigError, Problem
from gateway.health.doctor import run_checks
from gateway.health.finding import Grade

if TYPE_CHECKING:
    from argparse import _SubParsersAction

SYSTEM_CONFIG = Path("/etc/hearthgate/gateway.yaml")


def add_to(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    checker = commands.add_parser("check-config", help="every problem of a configuration file at once")
    checker.add_argument("file", type=Path, metavar="FILE")
    checker.set_defaults(handler=_check)
    doctor = commands.add_parser("doctor", help="one line per worry, naming the cause; status 1 when one fails")
    doctor.add_argument("--config", type=Path, metavar="FILE", help=f"{SYSTEM_CONFIG} when left out and there")
    doctor.add_argument("--json", action="store_true", help="one JSON document on standard output")
    doctor.set_defaults(handler=_doctor)


def _check(arguments: argparse.Namespace) -> int:
    """0 for a valid file; the caller prints the problems of another and exits with 78."""
    load_settings(arguments.file)
    print(f"{arguments.file}: valid", file=sys.stderr)
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    settings, problems = _settings(arguments.config)
    found = asyncio.run(run_checks(settings, problems))
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in found]))
    else:
        for finding in found:
            print(finding)
    return int(any(finding.level is Grade.FAIL for finding in found))


def _settings(given: Path | None) -> tuple[Settings, tuple[Problem, ...]]:
    """Without a file the defaults are looked at, of a broken one what can be kept: every worry has its line."""
    file = given or (SYSTEM_CONFIG if SYSTEM_CONFIG.is_file() else None)
    if file is None:
        return placed(Settings()), ()
    try:
        return placed(load_settings(file)), ()
    except ConfigError as error:
        return placed(salvage(file)), error.problems
