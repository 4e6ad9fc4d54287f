"""What signs a bundle, what its own check refuses, and what RAUC makes of the keys."""

import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tests.image.paths import RAUC

HOOK = RAUC / "install-check.sh"
ON_X86 = {"RAUC_SYSTEM_COMPATIBLE": "hearthgate-x86_64", "RAUC_MF_COMPATIBLE": "hearthgate-x86_64"}
ON_RPI = {"RAUC_SYSTEM_COMPATIBLE": "hearthgate-rpi", "RAUC_MF_COMPATIBLE": "hearthgate-rpi"}


def check(
    folder: Path, version: str, *, running: str = "1.2.0", board: dict[str, str] | None = None
) -> tuple[int, str]:
    image = folder / "image.json"
    image.write_text(f'{{"board": "x", "version": "{running}", "built": 0, "suite": "trixie"}}\n')
    told = (board or ON_X86) | {
        "RAUC_MF_VERSION": version,
        "HEARTHGATE_IMAGE_JSON": str(image),
        "HEARTHGATE_BOOTLOADER": str(folder),
        "HEARTHGATE_TRIAL": str(folder / "ready"),
    }
    done = subprocess.run([HOOK, "install-check"], env=os.environ | told, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.partition(":")[0]


@pytest.mark.parametrize("version", ["1.2.0", "1.2.1", "1.10.0", "2.0.0", "1.3.0-rc1"])
def test_the_same_or_newer_goes_on(tmp_path: Path, version: str) -> None:
    assert check(tmp_path, version) == (0, "")


@pytest.mark.parametrize("version", ["1.1.9", "1.2.0-rc1", "0.9", "1"])
def test_older_is_refused(tmp_path: Path, version: str) -> None:
    assert check(tmp_path, version) == (10, "downgrade")


def test_a_release_follows_what_came_before_it(tmp_path: Path) -> None:
    assert check(tmp_path, "1.2.0", running="1.2.0-rc1") == (0, "")


def test_a_bundle_of_another_board_is_refused(tmp_path: Path) -> None:
    assert check(tmp_path, "2.0.0", board=ON_RPI | {"RAUC_SYSTEM_COMPATIBLE": "hearthgate-x86_64"}) == (
        10,
        "wrong_board",
    )


def test_an_image_that_does_not_know_its_version_takes_nothing(tmp_path: Path) -> None:
    assert check(tmp_path, "2.0.0", running="") == (10, "no_version")


def pi(folder: Path, built: int | None, ready: str | None = "Y") -> None:
    """What the firmware of a Pi and the kernel module that speaks to it say of themselves."""
    if ready is not None:
        (folder / "ready").write_text(f"{ready}\n")
    if built is not None:
        (folder / "build-timestamp").write_bytes(struct.pack(">I", built))


@pytest.mark.parametrize(
    ("built", "answer"), [(1620000000, (10, "old_firmware")), (1700000000, (0, "")), (None, (10, "old_firmware"))]
)
def test_a_pi_needs_a_boot_loader_that_can_come_back(
    tmp_path: Path, built: int | None, answer: tuple[int, str]
) -> None:
    pi(tmp_path, built)
    assert check(tmp_path, "2.0.0", board=ON_RPI) == answer


@pytest.mark.parametrize(("ready", "answer"), [("Y", (0, "")), ("N", (10, "no_tryboot")), (None, (10, "no_tryboot"))])
def test_a_pi_needs_a_kernel_that_can_ask_for_a_trial(
    tmp_path: Path, ready: str | None, answer: tuple[int, str]
) -> None:
    pi(tmp_path, 1700000000, ready)
    assert check(tmp_path, "2.0.0", board=ON_RPI) == answer


needs_rauc = pytest.mark.skipif(
    not all(map(shutil.which, ("rauc", "openssl", "mksquashfs"))), reason="needs rauc, openssl and squashfs-tools"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "root.squashfs").write_bytes(os.urandom(64 * 1024))
    return tmp_path


def bundle(folder: Path, name: str, *, keys: str = "keys", signer: str = "dev") -> Path:
    place = folder / keys
    subprocess.run([RAUC / "dev-keys.sh", place, signer], check=True)
    env = os.environ | {
        "RAUC_CERT": str(place / f"{signer}.pem"),
        "RAUC_KEY": str(place / f"{signer}.key"),
        "RAUC_KEYRING": str(place / "ca.pem"),
    }
    subprocess.run([RAUC / "bundle.sh", "x86_64", "1.2.3", folder, folder / name], env=env, check=True)
    return folder / name


def accepted(bundle_file: Path, keyring: Path) -> bool:
    asked = ["rauc", "info", "--output-format=shell", "--keyring", str(keyring), str(bundle_file)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "RAUC_MF_VERSION='1.2.3'" in done.stdout


@needs_rauc
def test_a_bundle_says_what_it_is_and_carries_its_check(folder: Path) -> None:
    made = bundle(folder, "out.raucb")
    asked = ["rauc", "info", "--keyring", str(folder / "keys" / "ca.pem"), str(made)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert re.search(r"Compatible:\s+'hearthgate-x86_64'", told)
    assert re.search(r"Bundle Format:\s+verity", told)
    inside = subprocess.run(["unsquashfs", "-l", made], capture_output=True, text=True, check=True).stdout
    assert "squashfs-root/install-check.sh" in inside
    assert sorted(file.name for file in folder.iterdir()) == ["keys", "out.raucb", "root.squashfs"]


@needs_rauc
def test_a_new_key_below_the_same_authority_is_known_at_once(folder: Path) -> None:
    old = bundle(folder, "old.raucb", signer="dev")
    new = bundle(folder, "new.raucb", signer="next")
    keyring = folder / "keys" / "ca.pem"
    assert accepted(old, keyring)
    assert accepted(new, keyring)


@needs_rauc
def test_a_new_authority_is_known_to_images_that_hold_both(folder: Path) -> None:
    old = bundle(folder, "old.raucb", keys="old")
    new = bundle(folder, "new.raucb", keys="new")
    both = folder / "both.pem"
    both.write_text((folder / "old" / "ca.pem").read_text() + (folder / "new" / "ca.pem").read_text())
    assert accepted(old, both)
    assert accepted(new, both)
    assert not accepted(new, folder / "old" / "ca.pem"), "an image that was never told of the new authority"
    assert not accepted(old, folder / "new" / "ca.pem"), "an authority that was withdrawn"


@needs_rauc
def test_keys_are_for_their_owner_alone_and_made_once(folder: Path) -> None:
    subprocess.run([RAUC / "dev-keys.sh", folder / "keys"], check=True)
    before = (folder / "keys" / "ca.pem").read_bytes()
    subprocess.run([RAUC / "dev-keys.sh", folder / "keys"], check=True)
    assert (folder / "keys" / "ca.pem").read_bytes() == before
    assert {oct(file.stat().st_mode & 0o077) for file in (folder / "keys").iterdir()} == {"0o0"}
