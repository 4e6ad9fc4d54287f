"""What a built image holds, without starting it."""

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.image import ABOUT, Image, find
from tests.image.paths import BOOT, built

pytestmark = [pytest.mark.image, pytest.mark.timeout(900)]

MIB = 1 << 20
BOARDS = ["x86_64", "rpi"]
PARTITIONS = {
    "x86_64": ["esp", "root-a", "root-b", "hearthgate", "data"],
    "rpi": ["bootcfg", "boot-a", "boot-b", "root-a", "root-b", "data"],
}
FOR_PEOPLE = {"x86_64": "hearthgate", "rpi": "bootcfg"}
BASIC_DATA = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
"""Of the types that a GPT knows the only one in which Windows shows a partition."""
SET_UID = {"chage", "chfn", "chsh", "expiry", "gpasswd", "mount", "newgrp", "passwd", "su", "umount"} | {
    *("dbus-daemon-launch-helper", "unix_chkpwd", "ssh-agent", "ssh-keysign", "polkit-agent-helper-1", "pkexec")
}
NEEDED = {
    "x86_64": "DM_VERITY BLK_DEV_LOOP SQUASHFS SQUASHFS_ZLIB OVERLAY_FS VFAT_FS EXT4_FS",
    "rpi": "DM_VERITY BLK_DEV_LOOP SQUASHFS SQUASHFS_ZSTD OVERLAY_FS VFAT_FS EXT4_FS "
    "MMC_SDHCI_BRCMSTB MISC_RP1 COMMON_CLK_RP1 PINCTRL_RP1 MACB BCM2712_MIP MMC_SDHCI_IPROC BCMGENET BCM2835_WDT",
}


@pytest.fixture(scope="module", params=BOARDS)
def image(request: pytest.FixtureRequest) -> Image:
    return find(request.param)


@pytest.fixture(scope="module")
def root(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    tree = tmp_path_factory.mktemp("root") / "root"
    subprocess.run(["unsquashfs", "-q", "-n", "-d", str(tree), str(image.root)], check=True, capture_output=True)
    yield tree
    shutil.rmtree(tree)


def files(root: Path) -> Iterator[tuple[Path, Path]]:
    """As found, and as the device calls it."""
    for file in root.rglob("*"):
        yield file, Path("/") / file.relative_to(root)


def on_fat(image: Image, label: str) -> set[str]:
    fat = f"{image.disk}@@{image.start(label)}"
    told = subprocess.run(["mdir", "-b", "-/", "-i", fat, "::"], check=True, capture_output=True, text=True)
    return {line.removeprefix("::/") for line in told.stdout.split() if not line.endswith("/")}


def test_what_is_kept_from_starting_is_called_so(root: Path) -> None:
    """A link that leads nowhere for a unit of another name would keep nothing away."""
    places = (root / "etc/systemd").rglob("*"), (root / "usr/lib/systemd/system").glob("modprobe@*")
    kept_away = [file for place in places for file in place if file.is_symlink() and file.is_char_device()]
    names = {file.parent.name + "/" + re.sub(r"@.+\.", "@.", file.name) for file in kept_away}
    assert len(names) > 10
    assert "system/modprobe@.service" in names
    assert [name for name in names if not (root / "usr/lib/systemd" / name).exists()] == []


def test_the_partitions_are_those_that_everything_else_names(image: Image) -> None:
    parts = image.table()
    assert [part["name"] for part in parts] == PARTITIONS[image.board]
    sizes = {str(part["name"]): int(str(part["size"])) * 512 for part in parts}
    assert sizes["root-a"] == sizes["root-b"] >= 1024 * MIB
    assert image.root.stat().st_size < sizes["root-a"]


def test_people_see_their_partition_on_any_computer(image: Image) -> None:
    label = FOR_PEOPLE[image.board]
    [part] = [part for part in image.table() if part["name"] == label]
    assert part["type"] == BASIC_DATA
    assert "attrs" not in part, "neither hidden nor without a drive letter"
    asked = ["blkid", "-p", "-O", str(image.start(label)), "-o", "export", str(image.disk)]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()
    assert {"TYPE=vfat", "LABEL=HEARTHGATE"} <= set(told)


def test_windows_shows_a_pc_s_medium_as_one_partition() -> None:
    image = find("x86_64")
    assert [part["name"] for part in image.table() if part["type"] == BASIC_DATA] == ["hearthgate"]
    listed = subprocess.run(
        ["mdir", "-b", "-a", "-i", f"{image.disk}@@{image.start('hearthgate')}", "::"], check=True, capture_output=True
    )
    assert listed.stdout.split() == [b"::/README.txt"]


def test_slot_a_holds_the_root_and_slot_b_nothing(image: Image) -> None:
    size = image.root.stat().st_size
    place = image.start("root-a")
    subprocess.run(["cmp", f"--bytes={size}", f"--ignore-initial={place}:0", image.disk, image.root], check=True)
    subprocess.run(
        ["cmp", f"--bytes={64 * MIB}", f"--ignore-initial={image.start('root-b')}:0", image.disk, "/dev/zero"],
        check=True,
    )


def test_the_fat_partition_holds_what_the_boot_loader_reads(image: Image) -> None:
    if image.board == "x86_64":
        assert on_fat(image, "esp") == {"EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grub.cfg", "EFI/BOOT/grubenv"}
        fat = f"{image.disk}@@{image.start('esp')}"
        told = subprocess.run(["mtype", "-i", fat, "::EFI/BOOT/grub.cfg"], check=True, capture_output=True).stdout
        assert told == (BOOT / "grub.cfg").read_bytes()
    else:
        assert on_fat(image, "bootcfg") == {"autoboot.txt", "README.txt"}
        wanted = {"config.txt", "cmdline-a.txt", "cmdline-b.txt", "vmlinuz", "initrd.img", "start4.elf", "fixup4.dat"}
        trees = {"bcm2711-rpi-4-b.dtb", "bcm2712-rpi-5-b.dtb", "bcm2712-d-rpi-5-b.dtb"}
        assert on_fat(image, "boot-a") >= wanted | trees


def test_nothing_in_it_is_a_secret_or_one_machine_s_own(root: Path) -> None:
    assert (root / "etc/machine-id").read_text() == ""
    assert not list((root / "etc/ssh").glob("ssh_host_*"))
    assert not (root / "var/lib/systemd/random-seed").exists()
    private = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=]{16}")
    small = (pair for pair in files(root) if pair[0].is_file() and not pair[0].is_symlink())
    found = {str(name) for file, name in small if file.stat().st_size < MIB and private.search(file.read_bytes())}
    assert not {name for name in found if "/site-packages/" not in name}


def test_no_account_has_a_password(root: Path) -> None:
    fields = [line.split(":")[1] for line in (root / "etc/shadow").read_text().splitlines()]
    assert {field for field in fields if not field.startswith(("!", "*"))} == set()


def test_only_what_must_may_act_as_somebody_else(root: Path) -> None:
    modes = [(name, file.lstat().st_mode) for file, name in files(root) if not file.is_symlink()]
    assert {
        name.name for name, mode in modes if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID)
    } <= SET_UID | {"crontab", "pam_extrausers_chkpwd", "fusermount3"}
    assert not [name for name, mode in modes if mode & stat.S_IWOTH and not mode & stat.S_ISVTX]


def test_the_kernel_has_what_the_board_needs(image: Image, root: Path) -> None:
    [config] = [*root.glob("boot/config-*"), *root.glob("usr/lib/modules/*/config")][:1]
    enabled = set(re.findall(r"^CONFIG_(\w+)=[ym]$", config.read_text(), re.MULTILINE))
    assert set(NEEDED[image.board].split()) <= enabled


def test_it_says_what_it_is(image: Image, root: Path) -> None:
    about = json.loads((root / ABOUT).read_text())
    assert about["board"] == image.board
    assert f"IMAGE_ID=hearthgate-{image.board}" in (root / "usr/lib/os-release").read_text()
    assert f"compatible=hearthgate-{image.board}" in (root / "etc/rauc/system.conf").read_text()
    certificates = (root / "etc/rauc/ca.pem").read_text()
    assert "BEGIN CERTIFICATE" in certificates
    assert "PRIVATE" not in certificates


def test_the_units_are_whole_and_nobody_calls_a_slot_good_unasked(image: Image, root: Path) -> None:
    enabled = {link.name for folder in ("etc", "usr/lib") for link in root.glob(f"{folder}/systemd/system/*.wants/*")}
    assert {"hearthgate.service", "hearthgate.socket", "hearthgate-firstboot.service", "nftables.service"} <= enabled
    assert "hearthgate-updater.service" in enabled or "hearthgate-updater.socket" in enabled
    assert not {"rauc-mark-good.service", "ssh.socket", "systemd-networkd.service"} & enabled
    ours = sorted(file.name for file in (root / "usr/lib/systemd/system").glob("hearthgate*.service"))
    subprocess.run(["chroot", root, "systemd-analyze", "verify", "--man=no", *ours], check=True, timeout=600)


def test_the_gateway_s_own_python_finds_all_it_imports(root: Path) -> None:
    told = "import gateway.app.run, services.updater.run, services.updater.provision.boot, cv2, av, ai_edge_litert"
    subprocess.run(["chroot", root, "/opt/hearthgate/.venv/bin/python3", "-I", "-c", told], check=True, timeout=600)


@pytest.mark.parametrize("board", BOARDS)
def test_the_agent_is_in_test_images_and_in_no_other(board: str) -> None:
    images = list(built(board).glob("hearthgate-*.img"))
    if not images:
        pytest.skip(f"no image in {built(board)}")
    for file in images:
        image = Image(board=board, disk=file, root=file)
        asked = ["unsquashfs", "-o", str(image.start("root-a")), "-l", str(file)]
        told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        assert ("hearthgate-test" in told) is file.stem.endswith("-test"), file
