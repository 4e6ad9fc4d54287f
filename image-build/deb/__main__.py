"""`python -m deb --architecture amd64`, which `make deb` calls."""

import argparse
import os
import sys
from pathlib import Path

from deb.package import build
from gateway import __version__
from imager.recipe import CHECKOUT, Board, Recipe, suite_of
from imager.shell import BuildError, run, say

_BOARDS = {"amd64": Board.X86_64, "arm64": Board.RPI}
"""Whose processor it is: the image's locks are for these."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="deb", description=__doc__)
    parser.add_argument("--architecture", choices=[*_BOARDS], default="amd64")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "build/deb")
    parser.add_argument("--version", default=__version__, help="another one, to test upgrades with")
    arguments = parser.parse_args()
    os.umask(0o022)
    try:
        say(f"done: {build(_recipe(_BOARDS[arguments.architecture], arguments.out.absolute(), arguments.version))}")
    except BuildError as error:
        print(f"the package was not built: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _recipe(board: Board, out: Path, version: str) -> Recipe:
    cache = Path(os.environ.get("HEARTHGATE_IMAGE_CACHE") or CHECKOUT / "build/cache")
    return Recipe(
        board=board,
        fast=False,
        test=False,
        out=out,
        cache=cache.absolute(),
        version=version,
        epoch=int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "-C", CHECKOUT, "log", "-1", "--format=%ct")),
        suite=suite_of(board, fast=False),
        authority=Path(),
    )


if __name__ == "__main__":
    sys.exit(main())
