"""`hearthgate check-config` and `hearthgate doctor`."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from gateway.app.cli_parser import SYSTEM_CONFIG
from gateway.app.places import placed
from gateway.config.load import load_settings
from gateway.config.salvage import salvage
from gateway.config.settings import Settings
from gateway.errors import ConfigError, Problem
from gateway.health.doctor import run_checks
from gateway.health.finding import Grade


def check_config(arguments: argparse.Namespace) -> int:
    """0 for a valid file; the caller prints the problems of another and exits with 78."""
    load_settings(arguments.file)
    print(f"{arguments.file}: valid", file=sys.stderr)
    return 0


def doctor(arguments: argparse.Namespace) -> int:
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
