"""`hearthgate check-config` and `hearthgate doctor`."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.load import load_settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_to(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    checker = commands.add_parser("check-config", help="every problem of a configuration file at once")
    checker.add_argument("file", type=Path, metavar="FILE")
    checker.set_defaults(handler=_check)


def _check(arguments: argparse.Namespace) -> int:
    """0 for a valid file; the caller prints the problems of another and exits with 78."""
    load_settings(arguments.file)
    print(f"{arguments.file}: valid", file=sys.stderr)
    return 0
