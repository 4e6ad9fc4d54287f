"""An update of the whole root on a PC: refused, interrupted, tried, given up and kept. The order of the tests counts:
each begins on slot A and leaves the machine there, but the last."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.image import Image, another_root, bundle, find, medium
from tests.image.machine import Machine, running
from tests.image.vm import Failed

pytestmark = [pytest.mark.image, pytest.mark.timeout(1800)]

NEWER = "999.0.0"
BUNDLES = "/run/bundles"
INBOX = "/var/lib/hearthgate/updates"


def damaged(whole: Path, output: Path, *, keep: int | None = None, flip: int | None = None) -> Path:
    shutil.copy(whole, output)
    with output.open("r+b") as file:
        if keep is not None:
            file.truncate(keep)
        if flip is not None:
            file.seek(flip)
            old = file.read(4)
            file.seek(flip)
            file.write(bytes(byte ^ 0xFF for byte in old))
    return output


def unsigned(file: Path) -> Path:
    """Without the signature at its end, whose length the last eight bytes tell."""
    with file.open("r+b") as content:
        content.seek(-8, os.SEEK_END)
        signature = int.from_bytes(content.read(8), "big")
        content.truncate(file.stat().st_size - signature - 8)
    return file


def bundles(image: Image, folder: Path) -> Iterator[Path]:
    root = another_root(image, folder / "newer", NEWER)
    whole = bundle(root, folder / "newer.raucb", NEWER)
    size = whole.stat().st_size
    yield whole
    yield damaged(whole, folder / "truncated.raucb", keep=size // 2)
    yield damaged(whole, folder / "flipped.raucb", flip=size // 2)
    small = folder / "small"
    small.mkdir()
    (small / "root.squashfs").write_bytes(os.urandom(64 * 1024))
    yield unsigned(bundle(small, folder / "unsigned.raucb", NEWER))
    yield bundle(small, folder / "stranger.raucb", NEWER, keys=folder / "stranger")
    yield bundle(small, folder / "older.raucb", "0.0.1")
    yield bundle(small, folder / "toaster.raucb", NEWER, board="toaster")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    image = find("x86_64")
    folder = tmp_path_factory.mktemp("ota")
    media = medium(bundles(image, folder), folder / "media.ext4")
    with running(image, folder, media) as machine:
        yield machine


@pytest.fixture(autouse=True)
def bundles_at_hand(machine: Machine) -> None:
    machine.vm.run(f"mkdir -p {BUNDLES} && mountpoint -q {BUNDLES} || mount -o ro /dev/vdb {BUNDLES}")


def install(machine: Machine, name: str) -> str:
    return machine.vm.run(f"rauc install {BUNDLES}/{name}.raucb 2>&1", timeout=600)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("truncated", "(?i)signature size"),
        ("unsigned", "(?i)signature size"),
        ("stranger", "verif"),
        ("older", "downgrade: 0.0.1 is older than"),
        ("toaster", "wrong_board: made for hearthgate-toaster"),
    ],
)
def test_what_is_not_whole_ours_newer_and_for_this_board_touches_no_slot(
    machine: Machine, name: str, reason: str
) -> None:
    before = machine.boot_loader
    with pytest.raises(Failed, match=reason):
        install(machine, name)
    assert machine.boot_loader == before
    assert machine.written("root-a") == 0
    assert machine.written("root-b") == 0


def test_a_bit_that_flipped_is_found_and_never_started(machine: Machine) -> None:
    machine.vm.run("rauc status mark-good")
    with pytest.raises(Failed):
        install(machine, "flipped")
    assert machine.boot_loader["B_OK"] == "0"
    assert machine.written("root-a") == 0


def test_a_power_cut_during_the_installation_starts_what_was_running(machine: Machine) -> None:
    machine.vm.run(f"systemd-run --unit=cut-off rauc install {BUNDLES}/newer.raucb")
    machine.vm.wait_until("test $(awk '{print $7}' /sys/class/block/vda3/stat) -gt 40000", timeout=300)
    machine.start_again()
    assert machine.slot == "A"
    assert machine.boot_loader["B_OK"] == "0"


def take_in(machine: Machine, name: str) -> None:
    """As the page does: laid into the inbox as the gateway's user, and asked for by name."""
    owned = "-o hearthgate -g hearthgate -m 0600"
    machine.vm.run(f"install -d -m 0700 -o hearthgate -g hearthgate {INBOX}")
    machine.vm.run(f"install {owned} {BUNDLES}/{name}.raucb {INBOX}/{name}.raucb", timeout=300)
    reply = machine.ask(ask="install", origin="upload", name=f"{name}.raucb")
    assert "key" not in reply, reply
    machine.wait_for_state("installed", timeout=900)
    machine.start_what_was_installed()


def test_what_nobody_confirms_goes_by_itself_and_the_updater_says_why(machine: Machine) -> None:
    older = machine.version
    take_in(machine, "newer")
    assert (machine.slot, machine.version) == ("B", NEWER)
    assert machine.wait_for_state("trying", timeout=300)["confirmed"] is False
    machine.start_again()
    assert machine.slot == "B", "one attempt is left"
    machine.start_again()
    assert (machine.slot, machine.version) == ("A", older)
    told = machine.wait_for_state("rolled_back", timeout=300)
    assert told["key"]
    past = told["history"]
    assert isinstance(past, list)
    assert NEWER in {one["version"] for one in past}


def test_what_was_confirmed_stays(machine: Machine) -> None:
    take_in(machine, "newer")
    told = machine.wait_for_state("confirmed", timeout=900)
    assert (told["slot"], told["version"]) == ("B", NEWER)
    machine.start_again()
    machine.start_again()
    assert (machine.slot, machine.version) == ("B", NEWER)
