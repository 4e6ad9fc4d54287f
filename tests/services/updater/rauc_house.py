"""A real RAUC with real bundles, on a bus of its own; its slots are files, its boot loader writes down what it is told.

Bundles are of the format "plain", which an image refuses: the other one needs a device mapper."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/>
</policy></busconfig>
"""
CONFIGURATION = """
[system]
compatible=hearthgate-x86_64
bootloader=custom
statusfile={folder}/status
mountprefix={folder}/mnt
[handlers]
bootloader-custom-backend={folder}/backend
[keyring]
path={folder}/ca.pem
[slot.rootfs.0]
device={folder}/root-a
type=raw
bootname=A
[slot.rootfs.1]
device={folder}/root-b
type=raw
bootname=B
"""
BACKEND = """#!/bin/sh
echo "$@" >>{folder}/calls
case $1 in get-primary) echo A ;; get-state) echo good ;; esac
"""
MANIFEST = """
[update]
compatible={compatible}
version={version}
[hooks]
filename=install-check.sh
hooks=install-check
[image.rootfs]
filename=root.img
"""
RUNNING = "0.1.0"
"""What the bundle's own check finds on the machine."""
INSTALL_CHECK = Path(__file__).parents[3] / "image-build" / "rauc" / "install-check.sh"
EXTENSIONS = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=codeSigning,emailProtection\n"
CONTENT = b"hearthgate" * 50_000


@dataclass
class RaucHouse:
    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"unix:path={self.folder}/bus"

    @property
    def calls(self) -> list[str]:
        """What the boot loader was told."""
        calls = self.folder / "calls"
        return [line for line in calls.read_text().splitlines() if line.startswith("set-")] if calls.exists() else []

    def slot(self, letter: str) -> bytes:
        return (self.folder / f"root-{letter.lower()}").read_bytes().rstrip(b"\0")

    def bundle(
        self, name: str, *, compatible: str = "hearthgate-x86_64", version: str = "0.2.0", signer: str = "leaf"
    ) -> Path:
        """Signed by who may, or by a `signer` who may not."""
        source = self.folder / f"{name}.d"
        source.mkdir()
        (source / "root.img").write_bytes(CONTENT)
        shutil.copy(INSTALL_CHECK, source)
        (source / "manifest.raucm").write_text(MANIFEST.format(compatible=compatible, version=version))
        made = self.folder / f"{name}.raucb"
        self._call("rauc", "bundle", f"--cert={signer}.pem", f"--key={signer}.key", f"{name}.d", made.name)
        return made

    def start_bus(self) -> None:
        self._start("dbus-daemon", "--nofork", "--config-file=bus.conf")
        self._until((self.folder / "bus").exists)

    def start_rauc(self) -> None:
        """Also again, where it was killed."""
        for process in self.processes[1:]:
            process.wait(20)
        del self.processes[1:]
        self._start("rauc", "service", "--conf=system.conf", "--override-boot-slot=A")
        self._until(lambda: self._call("rauc", "--conf=system.conf", "status", check=False) == 0)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(20)
        self.processes.clear()

    def kill_rauc(self) -> None:
        self.processes[-1].kill()

    def make(self) -> None:
        for name, text in (("bus.conf", BUS), ("system.conf", CONFIGURATION), ("backend", BACKEND)):
            (self.folder / name).write_text(text.replace("{folder}", str(self.folder)))
        (self.folder / "backend").chmod(0o755)
        (self.folder / "image.json").write_text(f'{{"version": "{RUNNING}"}}')
        (self.folder / "extensions").write_text(EXTENSIONS)
        (self.folder / "mnt").mkdir()
        for letter in "ab":
            with (self.folder / f"root-{letter}").open("wb") as slot:
                slot.truncate(1 << 20)
        new = ("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        self._call(*new, "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ours", "-days", "30")
        self._call(
            *new, "-x509", "-keyout", "stranger.key", "-out", "stranger.pem", "-subj", "/CN=theirs", "-days", "30"
        )
        self._call(*new, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=builder")
        sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "extensions")
        self._call("openssl", "x509", "-req", "-in", "leaf.csr", *sign, "-out", "leaf.pem")

    def _start(self, *command: str) -> None:
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(command, cwd=self.folder, env=self._environment, stdout=log, stderr=log)
            )

    def _call(self, *command: str, check: bool = True) -> int:
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, check=False, timeout=60
        )
        assert not check or done.returncode == 0, done.stderr.decode()
        return done.returncode

    @property
    def _environment(self) -> dict[str, str]:
        image = {"HEARTHGATE_IMAGE_JSON": str(self.folder / "image.json")}
        return {**os.environ, **image, "DBUS_SYSTEM_BUS_ADDRESS": self.address}

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, "it does not begin"
            assert all(process.poll() is None for process in self.processes), self._logs()
            time.sleep(0.05)

    def _logs(self) -> str:
        return "\n".join(log.read_text() for log in self.folder.glob("*.log"))


def missing() -> str:
    """What keeps it from running here; empty where nothing does."""
    for program in ("rauc", "dbus-daemon", "openssl", "mksquashfs"):
        if shutil.which(program) is None:
            return f"needs {program}"
    return "" if os.geteuid() == 0 else "only root can mount a bundle"


@contextmanager
def rauc_house(folder: Path) -> Generator[RaucHouse]:
    house = RaucHouse(folder)
    house.make()
    try:
        house.start_bus()
        house.start_rauc()
        yield house
    finally:
        house.stop()
