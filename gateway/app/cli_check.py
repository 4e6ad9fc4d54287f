"""`hearthgate check-config` and `hearthgate doctor`."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict

from gateway.app.places import known_settings
from gateway.config.load import load_settings
from gateway.health.doctor import run_checks
from gateway.health.finding import Grade


def check_config(arguments: argparse.Namespace) -> int:
    """0 for a valid file; the caller prints the problems of another and exits with 78."""
    load_settings(arguments.file)
    print(f"{arguments.file}: valid", file=sys.stderr)
    return 0


def doctor(arguments: argparse.Namespace) -> int:
    settings, problems = known_settings(arguments.config)
    found = asyncio.run(run_checks(settings, problems))
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in found]))
    else:
        for finding in found:
            print(finding)
    return int(any(finding.level is Grade.FAIL for finding in found))
