"""A machine that somebody else set up: Debian in a folder, entered by chroot, without a running systemd."""

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imager.mirrors import sources
from imager.recipe import Board, suite_of
from imager.shell import run
from tests.image.paths import REPOSITORY

PATIENCE_S = 120


def package(architecture: str = "amd64") -> Path:
    """The newest that was built. Skips the test when there is none."""
    folder = Path(os.environ.get("HEARTHGATE_DEB", REPOSITORY / "build" / "deb"))
    found = sorted(folder.glob(f"hearthgate_*_{architecture}.deb"), key=lambda file: file.stat().st_mtime)
    if not found:
        pytest.skip(f"no package in {folder}: make deb")
    return found[-1]


class Debian:
    """`with Debian(folder) as machine`: what a person has after an installation without a desktop."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"

    def install(self, file: Path) -> None:
        """The one command; what it needs besides is fetched."""
        suite = suite_of(Board.X86_64, fast=False)
        hooks = [
            f"--customize-hook=copy-in {file} /root",
            f'--customize-hook=chroot "$1" apt-get install --yes --no-install-recommends /root/{file.name}',
        ]
        asked = ["--mode=root", "--variant=minbase", "--include=systemd,systemd-sysv,udev", *hooks]
        run("mmdebstrap", *asked, suite.suite, self.root, *sources(suite))

    def run(self, *command: str) -> str:
        """What it prints. Raises BuildError when it fails."""
        return run(
            "chroot", self.root, *command, env={"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin"}
        )

    def files(self, *places: str) -> set[str]:
        return {place for place in places if os.path.lexists(self.root / place)}

    @contextmanager
    def service(self, unit: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """What systemd would start, as the user it would start it for."""
        places = (self.root / folder / unit for folder in ("etc/systemd/system", "usr/lib/systemd/system"))
        lines = next(file for file in places if file.is_file()).read_text(encoding="utf-8").splitlines()
        said = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        for name in said["StateDirectory"].split():
            self.run("install", "-d", "-m", "0700", "-o", said["User"], "-g", said["Group"], f"/var/lib/{name}")
        asked = ["chroot", f"--userspec={said['User']}:{said['Group']}", str(self.root), *said["ExecStart"].split()]
        with log.open("wb") as written, subprocess.Popen(asked, stdout=written, stderr=written) as process:
            try:
                yield process
            finally:
                process.terminate()

    def __enter__(self) -> "Debian":
        run("mount", "-t", "proc", "proc", self.root / "proc")
        return self

    def __exit__(self, *_: object) -> None:
        run("umount", self.root / "proc")


def answer(url: str, process: "subprocess.Popen[bytes]") -> str:
    """Of a page, once there is one."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as opened:
                return str(opened.read().decode())
        except OSError:
            assert process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "no page"
            time.sleep(0.2)
