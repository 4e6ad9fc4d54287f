"""The data of the image agrees with itself and with the gateway."""

import re
import tomllib
from pathlib import Path

import pytest

from gateway import __version__
from imager.base import key, packages
from imager.initramfs import modules_file
from imager.mounts import binds, tmpfiles
from imager.recipe import CHECKOUT, HERE, Board, Recipe, listed, suite_of

MACHINES = {"x86_64", "aarch64"}
_LOCKED = re.compile(r"([a-z0-9._-]+)==(\S+) --hash=sha256:[0-9a-f]{64}")


def recipe(board: Board = Board.X86_64, *, fast: bool = False) -> Recipe:
    return Recipe(
        board=board,
        fast=fast,
        test=False,
        out=Path("out"),
        cache=Path("cache"),
        version=__version__,
        epoch=1,
        suite=suite_of(board, fast=fast),
        authority=Path("ca.pem"),
    )


@pytest.mark.parametrize("board", list(Board))
def test_every_package_is_named_once_and_says_why(board: Board) -> None:
    lists = [HERE / "packages/common.list", HERE / f"packages/{board}.list"]
    named = [name for file in lists for name in listed(file)]
    assert len(named) == len(set(named))
    for file in lists:
        lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
        unexplained = [line for line in lines if "#" not in line]
        # One that only comes with another is explained by the line above it.
        assert len(unexplained) <= 4, unexplained


def test_the_kernel_of_a_raspberry_pi_is_an_exact_version() -> None:
    wanted = packages(recipe(Board.RPI))
    assert re.fullmatch(r"linux-image-arm64=\d\S+", wanted[0])
    assert "linux-base/trixie-backports" in wanted, "a kernel of backports does not install with the suite's linux-base"


@pytest.mark.parametrize("board", list(Board))
def test_a_base_is_known_by_what_goes_into_it(board: Board) -> None:
    assert key(recipe(board)) == key(recipe(board))
    assert key(recipe(Board.X86_64)) != key(recipe(Board.X86_64, fast=True))


@pytest.mark.parametrize("board", list(Board))
@pytest.mark.parametrize("fast", [False, True])
def test_the_initramfs_mounts_a_root(board: Board, fast: bool) -> None:
    modules = listed(modules_file(recipe(board, fast=fast)))
    assert {"squashfs", "overlay", "ext4", "virtio_blk"} <= set(modules)


@pytest.mark.parametrize("machine", sorted(MACHINES))
def test_the_lock_is_what_pyproject_asks_for(machine: str) -> None:
    lines = (HERE / f"wheels/requirements.{machine}.lock").read_text().splitlines()
    locked = dict(_LOCKED.fullmatch(line).groups() for line in lines if not line.startswith("#"))  # type: ignore[union-attr,misc]
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["updater"]]
    for requirement in asked:
        pinned, _, marker = requirement.partition(";")
        name, version = pinned.strip().split("==")
        if "<" not in marker:
            assert locked[name.lower()] == version, f"make image-locks: {requirement}"


def test_all_that_is_bound_is_made_on_the_data_partition() -> None:
    made = {line.split()[1] for line in tmpfiles().splitlines() if line.startswith("d ")}
    for bind in binds():
        assert f"/data{bind.path}" in made
        assert f"/data{bind.path.parent}" in made


def test_owners_of_what_is_bound_have_fixed_ids() -> None:
    """Files on the data partition outlive the image that wrote them."""
    fixed = {"root", *listed(HERE / "users.list")}
    for bind in binds():
        assert {bind.owner, bind.group} <= fixed


def test_no_id_is_given_twice() -> None:
    lines = [line.split("#")[0].split() for line in (HERE / "users.list").read_text().splitlines()]
    ids = [words[1] for words in lines if words]
    assert len(ids) == len(set(ids))
