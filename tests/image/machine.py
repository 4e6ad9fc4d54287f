"""A machine that runs a built image: which slot and version, what its updater says, what was written where."""

import json
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.image.image import ABOUT, Image
from tests.image.vm import Disk, Vm, pc

MEDIA = "/run/hearthgate-sticks/vdb"
"""Where the updater looks for sticks."""
_ASK = """
import socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect("/run/hearthgate-updater/socket")
link.sendall(sys.argv[1].encode() + b"\\n")
print(link.makefile().readline())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    vm: Vm

    @property
    def up_s(self) -> float:
        """Seconds since its kernel began."""
        return float(self.vm.run("cat /proc/uptime").split()[0])

    @property
    def identity(self) -> str:
        """What is one machine's own, and the same at every start."""
        return self.vm.run("hostname; cat /etc/machine-id; sha256sum /etc/hearthgate/tls/gateway.crt")

    @property
    def slot(self) -> str:
        return self.vm.run("sed -n 's/.*rauc.slot=\\([AB]\\).*/\\1/p' /proc/cmdline")

    @property
    def version(self) -> str:
        return str(json.loads(self.vm.run(f"cat /{ABOUT}"))["version"])

    @property
    def boot_loader(self) -> dict[str, str]:
        told = self.vm.run("grub-editenv /boot/efi/EFI/BOOT/grubenv list")
        return dict(line.split("=", 1) for line in told.splitlines())

    def written(self, partition: str) -> int:
        """Bytes that this boot has written to a partition, as the kernel counts them."""
        told = self.vm.run(f"cat /sys/class/block/$(basename $(readlink /dev/disk/by-partlabel/{partition}))/stat")
        return int(told.split()[6]) * 512

    def see_media(self) -> None:
        """Have the second disk at MEDIA, in this boot too."""
        self.vm.run(f"mkdir -p {MEDIA} && {{ mountpoint -q {MEDIA} || mount -o ro /dev/vdb {MEDIA}; }}")

    def ask(self, **request: object) -> dict[str, object]:
        """The updater's reply, without what is not set."""
        told = self.vm.run(f"python3 -c {shlex.quote(_ASK)} {shlex.quote(json.dumps(request))}", timeout=180)
        return dict(json.loads(told))

    def updater(self) -> dict[str, object]:
        """All that the updater knows."""
        told = self.ask(ask="status")["machine"]
        assert isinstance(told, dict)
        return told

    def wait_for_end(self, timeout: float) -> dict[str, object]:
        """The updater's memory, once it is through with what it was asked for."""
        deadline = time.monotonic() + timeout
        while (told := self.updater())["state"] not in {"failed", "installed"}:
            assert time.monotonic() < deadline, told
            time.sleep(1)
        return told

    def wait_for_writing(self, partition: str, count: int, timeout: float = 600) -> None:
        """Until this boot has written so many bytes to it."""
        deadline = time.monotonic() + timeout
        while self.written(partition) < count:
            assert time.monotonic() < deadline, self.updater()
            time.sleep(0.2)

    def wait_for_state(self, state: str, timeout: float) -> dict[str, object]:
        """The updater's, which it has to reach without failing on the way."""
        deadline = time.monotonic() + timeout
        while (told := self.updater())["state"] != state:
            assert told["state"] != "failed", told
            assert time.monotonic() < deadline, told
            time.sleep(1)
        return told

    def start_what_was_installed(self) -> None:
        before = self.vm.boot_id()
        reply = self.ask(ask="reboot")
        assert "key" not in reply, reply
        self.vm.wait_for_boot(before)

    def start_again(self) -> None:
        """With the plug pulled in between."""
        self.vm.power_off()
        self.vm.power_on()
        self.vm.wait_for_boot()


@contextmanager
def running(image: Image, folder: Path, media: Path | None = None) -> Iterator[Machine]:
    """A PC with `image` fresh on its disk, started for the first time; `media` is its second one."""
    disk = Disk(image.disk, folder / "disk.qcow2")
    with pc(disk.file, folder, media=media) as vm:
        vm.wait_for_boot()
        yield Machine(vm=vm)
