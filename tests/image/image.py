"""A built image, and what is made of it: other versions of its root, bundles, a disk that carries them."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.image.paths import KEYS, RAUC, built

ABOUT = "usr/lib/hearthgate/image.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    board: str
    disk: Path
    root: Path
    """A squashfs."""

    def read(self, path: str) -> str:
        asked = ["unsquashfs", "-cat", str(self.root), path]
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout

    def table(self) -> list[dict[str, object]]:
        """Of its partitions, as sfdisk(8) tells it."""
        told = subprocess.run(["sfdisk", "--json", self.disk], check=True, capture_output=True, text=True).stdout
        found: list[dict[str, object]] = json.loads(told)["partitiontable"]["partitions"]
        return found

    def start(self, label: str) -> int:
        """Where a partition begins, in bytes."""
        return int(str(next(part["start"] for part in self.table() if part["name"] == label))) * 512

    @property
    def version(self) -> str:
        return str(json.loads(self.read(ABOUT))["version"])


def find(board: str, kind: str = "-test") -> Image:
    """The newest that was built. Skips the test when there is none."""
    folder = built(board)
    disks = sorted(folder.glob(f"hearthgate-{board}-*{kind}.img"), key=lambda file: file.stat().st_mtime)
    if not disks:
        pytest.skip(f"no image in {folder}: make image BOARD={board} FAST=1 TEST=1 OUT=build/image-test")
    return Image(board=board, disk=disks[-1], root=folder / "root.squashfs")


def another_root(
    image: Image, folder: Path, version: str, change: Callable[[Path], object] = lambda _root: None
) -> Path:
    """The same root as `version`, after `change` was made to its files. A folder with root.squashfs."""
    folder.mkdir()
    tree = folder / "root"
    subprocess.run(["unsquashfs", "-q", "-n", "-d", str(tree), str(image.root)], check=True, capture_output=True)
    about = json.loads((tree / ABOUT).read_text())
    (tree / ABOUT).write_text(json.dumps(about | {"version": version}))
    change(tree)
    made = folder / "root.squashfs"
    fast = ["-comp", "gzip", "-Xcompression-level", "1", "-quiet", "-no-progress"]
    subprocess.run(["mksquashfs", str(tree), str(made), *fast], check=True, capture_output=True)
    subprocess.run(["rm", "-rf", tree], check=True)
    return folder


def bundle(folder: Path, output: Path, version: str, *, board: str = "x86_64", keys: Path = KEYS) -> Path:
    """Of the root.squashfs in `folder`, signed by the development key in `keys`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("RAUC_")}
    command = [str(RAUC / "bundle.sh"), board, version, str(folder), str(output)]
    subprocess.run(command, env=env | {"HEARTHGATE_KEYS": str(keys)}, check=True)
    return output


def medium(files: Iterable[Path], output: Path) -> Path:
    """An ext4 disk with `files` in its root."""
    files = list(files)
    tree = output.with_suffix(".d")
    tree.mkdir()
    for file in files:
        os.link(file, tree / file.name)
    size = sum(file.stat().st_size for file in files) * 11 // 10 + (16 << 20)
    asked = ["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", str(tree), str(output), f"{size >> 10}k"]
    subprocess.run(asked, check=True)
    return output
