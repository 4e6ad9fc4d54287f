"""What can be said of the image before it is built."""

import os
from pathlib import Path

import pytest

from gateway import __version__
from imager import root
from imager.recipe import Board, Recipe, suite_of
from tests.image.paths import BOOT, RAUC, SOURCES


def laid_over(folder: Path, board: Board, *, test: bool) -> set[str]:
    """The files that a build lays over the base."""
    authority = folder / "ca.pem"
    authority.write_text("")
    recipe = Recipe(
        board=board,
        fast=True,
        test=test,
        out=folder,
        cache=folder,
        version=__version__,
        epoch=1,
        suite=suite_of(board, fast=True),
        authority=authority,
    )
    tree = folder / "root"
    root._lay_over(recipe, tree)
    return {str(file.relative_to(tree)) for file in tree.rglob("*")}


@pytest.mark.parametrize("board", list(Board))
def test_the_agent_of_the_tests_is_on_test_images_alone(tmp_path: Path, board: Board) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "test").mkdir()
    release = laid_over(tmp_path / "release", board, test=False)
    test = laid_over(tmp_path / "test", board, test=True)
    agent = SOURCES / "test" / "agent"
    only = {str((Path(folder) / name).relative_to(agent)) for folder, _, names in os.walk(agent) for name in names}
    assert len(only) == 3
    assert {name for name in test - release if not (tmp_path / "test/root" / name).is_dir()} == only
    assert not any("test-agent" in name or "hearthgate-test" in name for name in release)


@pytest.mark.parametrize(("board", "script"), [(Board.RPI, True), (Board.X86_64, False)])
def test_the_tryboot_backend_is_where_rauc_looks_for_it(tmp_path: Path, board: Board, script: bool) -> None:
    laid = laid_over(tmp_path, board, test=False)
    named = (RAUC / f"system-{board}.conf").read_text()
    assert ("usr/lib/hearthgate/rpi-tryboot.sh" in laid) is script
    assert ("/usr/lib/hearthgate/rpi-tryboot.sh" in named) is script


def test_both_slots_of_a_pi_differ_in_nothing_but_their_name() -> None:
    a, b = ((BOOT / f"cmdline-{slot}.txt").read_text() for slot in "ab")
    assert a.replace("root-a", "root-b").replace("rauc.slot=A", "rauc.slot=B") == b
    assert a.count("\n") == 1, "the firmware reads one line"


def test_each_partition_of_a_pi_picks_its_own_slot_and_the_rest_is_for_both() -> None:
    lines = [line for line in (BOOT / "config.txt").read_text().splitlines() if line and not line.startswith("#")]
    tail = lines[lines.index("[boot_partition=2]") :]
    assert tail == [
        "[boot_partition=2]",
        "cmdline=cmdline-a.txt",
        "[boot_partition=3]",
        "cmdline=cmdline-b.txt",
        "[all]",
    ]


@pytest.mark.parametrize("file", ["grub.cfg", "cmdline-a.txt", "cmdline-b.txt"])
def test_a_kernel_or_a_first_process_that_gives_up_starts_again(file: str) -> None:
    text = (BOOT / file).read_text()
    assert " panic=10 " in text
    assert " systemd.crash_action=reboot " in text
