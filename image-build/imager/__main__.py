"""`python -m imager --board x86_64`, which `make image` calls."""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from gateway import __version__
from imager import bill, disk, needs, publish, root
from imager.recipe import CHECKOUT, HERE, Board, Recipe, suite_of
from imager.shell import BuildError, run, say


def main() -> int:
    arguments = _parser().parse_args()
    try:
        build(_recipe(arguments))
    except BuildError as error:
        print(f"the image was not built: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def build(recipe: Recipe) -> None:
    """Everything into `recipe.out`; what was there under the same names stays until it is replaced whole."""
    needs.check(recipe)
    recipe.out.mkdir(parents=True, exist_ok=True)
    os.umask(0o022)
    with tempfile.TemporaryDirectory(dir=recipe.out, prefix=".work-") as folder:
        work = Path(folder)
        tree = work / "root"
        tree.mkdir(mode=0o755)
        root.compose(recipe, tree)
        bill.write_bill(recipe, tree)
        disk.squash(recipe, tree, work / "root.squashfs")
        made = disk.assemble(recipe, tree, work)
        shutil.rmtree(tree)
        publish.publish(recipe, made)
        for name in ("root.squashfs", "boot.vfat"):
            if (work / name).exists():
                (work / name).replace(recipe.out / name)
    say(f"done: {recipe.out / recipe.name}.img")


def _recipe(arguments: argparse.Namespace) -> Recipe:
    board = Board(arguments.board)
    cache = Path(os.environ.get("HEARTHGATE_IMAGE_CACHE") or CHECKOUT / "build/cache")
    suite = suite_of(board, fast=arguments.fast)
    return Recipe(
        board=board,
        fast=arguments.fast,
        test=arguments.test,
        out=arguments.out.absolute() / board,
        cache=cache.absolute(),
        version=arguments.version,
        epoch=max(_epoch(), suite.epoch),
        suite=suite,
        authority=_authority(),
        extra=arguments.extra,
    )


def _epoch() -> int:
    """SOURCE_DATE_EPOCH (reproducible-builds.org), else when the last commit was made. Each tool is told its own:
    mksquashfs would give every file the time that stands in the environment."""
    given = os.environ.pop("SOURCE_DATE_EPOCH", None)
    return int(given or run("git", "-C", CHECKOUT, "log", "-1", "--format=%ct"))


def _authority() -> Path:
    """RAUC_KEYRING for a release, else that of this checkout's development keys."""
    given = os.environ.get("RAUC_KEYRING")
    if given:
        return Path(given)
    keys = Path(os.environ.get("HEARTHGATE_KEYS") or CHECKOUT / "build/keys")
    run(HERE / "rauc/dev-keys.sh", keys)
    return keys / "ca.pem"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="imager", description=__doc__)
    parser.add_argument("--board", choices=[board.value for board in Board], default=Board.X86_64.value)
    parser.add_argument("--fast", action="store_true", help="for tests: hardly packed, a kernel for virtual machines")
    parser.add_argument("--test", action="store_true", help="with the agent of the tests; never give it to people")
    parser.add_argument("--extra", type=Path, help="a folder to lay over the root, with a SHA256SUMS of its files")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "build/image")
    parser.add_argument("--version", default=__version__, help="another one, to test updates with")
    return parser


if __name__ == "__main__":
    sys.exit(main())
