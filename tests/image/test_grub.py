"""Which slot GRUB starts, asked of GRUB itself: its emulator reads our grub.cfg from a disk of the image's layout."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.image.paths import BOOT

TOOLS = ("grub-emu", "grub-editenv", "sgdisk", "mkfs.vfat", "mcopy", "mksquashfs")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)),
    reason="needs grub-emu, grub-common, gdisk, dosfstools, mtools and squashfs-tools",
)

MIB = 1 << 20
ESP, ROOT_A, ROOT_B = 1 * MIB, 9 * MIB, 10 * MIB
FRESH = {"ORDER": "A B", "A_OK": "1", "B_OK": "0", "A_TRY": "0", "B_TRY": "0"}
BOTH = FRESH | {"B_OK": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """`kernel` with its arguments, as GRUB would have loaded it."""

    kernel: str
    initrd: str

    @property
    def slot(self) -> str:
        return self.kernel.partition("rauc.slot=")[2][:1]


def _words(lines: list[str], after: str) -> str:
    return " ".join(line.partition(after)[2] for line in lines if after in line)


class Disk:
    """The partitions that GRUB looks at. The emulator loads no kernels: it tells which it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "disk.img"
        with self.file.open("wb") as file:
            file.truncate(12 * MIB)
        parts = ["-n1:1M:+8M", "-c1:esp", "-n2:9M:+1M", "-c2:root-a", "-n3:10M:+1M", "-c3:root-b"]
        subprocess.run(["sgdisk", *parts, self.file], check=True, capture_output=True)
        subprocess.run(
            ["mkfs.vfat", "--offset", str(ESP // 512), self.file, str(8 * 1024)], check=True, capture_output=True
        )
        self._mtools("mmd", "::EFI", "::EFI/BOOT")
        told = "".join(
            f'function {command} {{ for word in "$@"; do echo "{command}: $word"; done; }}\n'
            for command in ("linux", "initrd")
        )
        (folder / "grub.cfg").write_text(told + (BOOT / "grub.cfg").read_text().replace("sleep 5", ""))
        self._mtools("mcopy", str(folder / "grub.cfg"), "::EFI/BOOT/")
        self.write_slot(ROOT_A)
        self.write_slot(ROOT_B)

    def _mtools(self, command: str, *arguments: str) -> None:
        subprocess.run([command, "-i", f"{self.file}@@{ESP}", *arguments], check=True)

    def write_slot(self, offset: int) -> None:
        tree = self.folder / "tree"
        tree.mkdir(exist_ok=True)
        (tree / "vmlinuz").touch()
        made = self.folder / "root.squashfs"
        subprocess.run(
            ["mksquashfs", tree, made, "-noappend", "-quiet", "-no-progress"], check=True, capture_output=True
        )
        self._overwrite(offset, made.read_bytes())

    def wipe_slot(self, offset: int) -> None:
        self._overwrite(offset, bytes(64 * 1024))

    def _overwrite(self, offset: int, content: bytes) -> None:
        with self.file.open("r+b") as file:
            file.seek(offset)
            file.write(content)

    def set(self, variables: dict[str, str]) -> None:
        block = self.folder / "grubenv"
        subprocess.run(["grub-editenv", block, "create"], check=True)
        subprocess.run(["grub-editenv", block, "set", *(f"{k}={v}" for k, v in variables.items())], check=True)
        self.put_grubenv(block)

    def put_grubenv(self, block: Path) -> None:
        self._mtools("mcopy", "-o", str(block), "::EFI/BOOT/grubenv")

    def variables(self) -> dict[str, str]:
        block = self.folder / "read"
        self._mtools("mcopy", "-o", "-n", "::EFI/BOOT/grubenv", str(block))
        told = subprocess.run(["grub-editenv", block, "list"], check=True, capture_output=True, text=True).stdout
        return dict(line.split("=", 1) for line in told.splitlines())

    def start(self) -> Start:
        devices = self.folder / "device.map"
        devices.write_text(f"(hd0) {self.file}\n")
        asked = ["grub-emu", "-m", str(devices), "-r", "hd0,gpt1", "-d", "/EFI/BOOT"]
        told = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        lines = told.stdout.decode(errors="replace").replace("\r", "\n").splitlines()
        return Start(kernel=_words(lines, "linux: "), initrd=_words(lines, "initrd: "))

    def starts(self, count: int) -> str:
        return "".join(self.start().slot for _ in range(count))


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path)
    disk.set(FRESH)
    return disk


def test_a_new_disk_starts_a_and_counts_it(disk: Disk) -> None:
    start = disk.start()
    assert start.kernel.startswith("(hd0,gpt2)/vmlinuz root=PARTLABEL=root-a rauc.slot=A ro ")
    assert start.initrd == "(hd0,gpt2)/initrd.img"
    assert disk.variables() == FRESH | {"A_TRY": "1", "ARGS": ""}


def test_an_update_starts_from_the_other_partition(disk: Disk) -> None:
    disk.set(BOTH | {"ORDER": "B A"})
    start = disk.start()
    assert start.kernel.startswith("(hd0,gpt3)/vmlinuz root=PARTLABEL=root-b rauc.slot=B ro ")
    assert start.initrd == "(hd0,gpt3)/initrd.img"
    assert disk.variables() == BOTH | {"ORDER": "B A", "B_TRY": "1", "ARGS": ""}


def test_what_nobody_calls_good_goes_after_two_attempts(disk: Disk) -> None:
    disk.set(BOTH | {"ORDER": "B A"})
    assert disk.starts(4) == "BBAA"


def test_a_slot_that_does_not_count_as_good_never_starts_while_another_does(disk: Disk) -> None:
    disk.set(FRESH | {"ORDER": "B A"})
    assert disk.starts(2) == "AA"


def test_when_all_attempts_are_used_up_it_begins_anew(disk: Disk) -> None:
    disk.set(BOTH | {"ORDER": "B A", "A_TRY": "2", "B_TRY": "2"})
    assert disk.start().slot == "B"
    assert disk.variables() == BOTH | {"ORDER": "B A", "A_TRY": "0", "B_TRY": "1", "ARGS": ""}


def test_a_slot_alone_starts_as_often_as_it_takes(disk: Disk) -> None:
    assert disk.starts(5) == "AAAAA"
    disk.set(FRESH | {"A_OK": "0", "B_OK": "1"})
    assert disk.starts(5) == "BBBBB"


def test_rather_a_bad_slot_than_none(disk: Disk) -> None:
    disk.set(FRESH | {"A_OK": "0"})
    assert disk.start().slot == "A"
    disk.wipe_slot(ROOT_A)
    assert disk.start().slot == "B"


def test_a_half_written_slot_is_passed_over(disk: Disk) -> None:
    disk.set(BOTH | {"ORDER": "B A"})
    disk.wipe_slot(ROOT_B)
    assert disk.start().slot == "A"
    assert disk.variables()["B_OK"] == "1", "RAUC's own mark is left to RAUC"


@pytest.mark.parametrize("content", [b"", b"# GRUB Environment Block\n" + bytes(999), b"#" * 1024])
def test_a_spoilt_environment_block_starts_what_is_there(disk: Disk, content: bytes) -> None:
    block = disk.folder / "spoilt"
    block.write_bytes(content)
    disk.put_grubenv(block)
    assert disk.start().slot == "A"
    disk.wipe_slot(ROOT_A)
    assert disk.start().slot == "B"


def test_arguments_are_for_one_start_only(disk: Disk) -> None:
    disk.set(FRESH | {"ARGS": "hearthgate.wipe=1"})
    assert disk.start().kernel.endswith(" quiet hearthgate.wipe=1")
    assert "wipe" not in disk.start().kernel


def test_the_environment_block_changes_nothing_else(disk: Disk) -> None:
    disk.set(FRESH | {"slot": "B", "prefix": "(memdisk)", "root": "hd9", "attempts": "0"})
    assert disk.start().kernel.startswith("(hd0,gpt2)/vmlinuz root=PARTLABEL=root-a ")
