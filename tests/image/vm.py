"""A virtual machine of emulated hardware, started from a built image that was made with TEST=1.

No KVM: a device file that opens proves nothing, and the same times hold everywhere. The agent in the image is reached
over a virtio port, past the image's own firewall.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
FIRMWARE_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
CLOSED_PORT = 5000
"""Led to like those that are open, so that only the guest's own firewall keeps it shut."""
BOOT_S = 400
"""Emulated on a busy machine; four times what a quiet one needs."""


class AgentLost(Exception):
    """The guest did not answer in time."""


class Failed(Exception):
    """A command in the guest did not succeed."""


class Disk:
    """What the machine writes, over an image that is never changed."""

    def __init__(self, base: Path, file: Path, size: str = "6G") -> None:
        """`size` as of the medium that the image was flashed onto, usually more than the image."""
        self.file = file
        asked = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(base.resolve()), str(file), size]
        subprocess.run(asked, check=True)


class Vm:
    """One machine; `power_off` is a pulled plug. The serial log grows over all its starts."""

    def __init__(self, machine: Sequence[str], folder: Path) -> None:
        self._machine = machine
        self._folder = folder
        self._agent = folder / "agent.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._rest = b""
        self._asked = 0
        self._said_before = 0
        self.serial = folder / "serial.log"
        self.https_port, self.http_port, self.mqtts_port, self.ssh_port, self.closed_port = _free_ports(5)

    def power_on(self) -> None:
        assert self._process is None
        self._agent.unlink(missing_ok=True)
        if self.serial.exists():
            self._said_before = len(self.serial.read_text(errors="replace"))
        ports = {self.https_port: 443, self.http_port: 80, self.mqtts_port: 8883, self.ssh_port: 22}
        ports[self.closed_port] = CLOSED_PORT
        forward = ",".join(f"hostfwd=tcp:127.0.0.1:{ours}-:{theirs}" for ours, theirs in ports.items())
        common = [
            *("-netdev", f"user,id=net,{forward}", "-device", "virtio-net-pci,netdev=net,romfile="),
            *("-device", "virtio-rng-pci", "-display", "none", "-monitor", "none"),
            *("-chardev", f"file,id=log,path={self.serial},append=on", "-serial", "chardev:log"),
            *("-chardev", f"socket,id=agent,path={self._agent},server=on,wait=off"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=hearthgate.test"),
        ]
        with (self._folder / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen([*self._machine, *common], stdin=subprocess.DEVNULL, stderr=log)

    def power_off(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> "Vm":
        self.power_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.power_off()

    def run(self, command: str, timeout: float = 60) -> str:
        """What a shell in the guest says to `command`, as root.

        Raises Failed when it does not succeed, AgentLost when nothing answers within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        self._asked += 1
        asked = {"id": self._asked, "run": command, "timeout": timeout}
        link = self._connected(deadline)
        link.sendall(json.dumps(asked).encode() + b"\n")
        while True:
            answer = self._answer(link, deadline)
            if answer.get("id") == self._asked:
                break
        if answer["code"] != 0:
            raise Failed(f"{command}: {answer['code']}: {answer['out']}")
        return str(answer["out"]).strip()

    def _connected(self, deadline: float) -> socket.socket:
        while self._link is None:
            assert self._process is not None
            assert self._process.poll() is None, "the emulator ended: " + (self._folder / "qemu.log").read_text()
            link = socket.socket(socket.AF_UNIX)
            try:
                link.connect(str(self._agent))
                self._link = link
                self._rest = b""
            except OSError:
                link.close()
                _pause_until(deadline)
        return self._link

    def _answer(self, link: socket.socket, deadline: float) -> dict[str, object]:
        while b"\n" not in self._rest:
            link.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                chunk = link.recv(65536)
            except TimeoutError:
                raise AgentLost(f"no answer; see {self.serial}") from None
            if not chunk:
                raise AgentLost("the emulator ended")
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        with contextlib.suppress(ValueError):
            return dict(json.loads(line))
        return {}

    def boot_id(self, timeout: float = 5) -> str:
        return self.run("cat /proc/sys/kernel/random/boot_id", timeout)

    def wait_for_boot(self, before: str = "", timeout: float = BOOT_S) -> str:
        """The id of the boot after `before`. A restart is asked for and takes its time: only a new id is a new boot."""
        deadline = time.monotonic() + timeout
        while True:
            with contextlib.suppress(AgentLost):
                boot_id = self.boot_id()
                if boot_id != before:
                    return boot_id
            _pause_until(deadline)

    def wait_for_line(self, text: str, timeout: float = BOOT_S) -> None:
        """Until the console has said `text` since the machine was last switched on: long before anything answers."""
        deadline = time.monotonic() + timeout
        while text not in self.serial.read_text(errors="replace")[self._said_before :]:
            _pause_until(deadline)

    def reboot(self, timeout: float = BOOT_S) -> None:
        before = self.boot_id()
        self.run("systemctl --no-block reboot")
        self.wait_for_boot(before, timeout)

    def wait_until(self, command: str, timeout: float = 120) -> str:
        """What `command` says once it succeeds."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.run(command)
            except Failed as failed:
                if time.monotonic() > deadline:
                    raise AgentLost(f"still not true after {timeout:.0f} s: {failed}") from failed
                time.sleep(1)


def pc(disk: Path, folder: Path, *, media: Path | None = None, memory_mib: int = 1024) -> Vm:
    """A PC with UEFI that starts from `disk` as GRUB finds it; `media` is a second disk, the guest's /dev/vdb."""
    variables = folder / "firmware-variables.fd"
    if not variables.exists():
        shutil.copy(FIRMWARE_VARIABLES, variables)
    machine = [
        *("qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max"),
        *("-m", str(memory_mib), "-smp", "2", "-device", "i6300esb"),
        *("-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}"),
        *("-drive", f"if=pflash,format=raw,file={variables}"),
        *("-drive", f"if=none,id=disk,format=qcow2,cache=unsafe,file={disk}"),
        *("-device", "virtio-blk-pci,drive=disk,bootindex=0"),
    ]
    return Vm([*machine, *_second(media)], folder)


def arm64(
    disk: Path, kernel: Path, initrd: Path, folder: Path, *, media: Path | None = None, memory_mib: int = 1024
) -> Vm:
    """The userland of the Raspberry Pi on a machine that QEMU has; no firmware of a Pi is part of it."""
    arguments = "root=PARTLABEL=root-a rauc.slot=A ro rootfstype=squashfs rootwait console=ttyAMA0 panic=10 quiet"
    machine = [
        *("qemu-system-aarch64", "-M", "virt", "-accel", "tcg,thread=multi", "-cpu", "cortex-a72"),
        *("-m", str(memory_mib), "-smp", "2", "-kernel", str(kernel), "-initrd", str(initrd), "-append", arguments),
        *("-drive", f"if=none,id=disk,format=qcow2,cache=unsafe,file={disk}"),
        *("-device", "virtio-blk-pci,drive=disk"),
    ]
    return Vm([*machine, *_second(media)], folder)


def _second(media: Path | None) -> list[str]:
    if media is None:
        return []
    return ["-drive", f"if=none,id=media,format=raw,readonly=on,file={media}", "-device", "virtio-blk-pci,drive=media"]


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [int(opened.getsockname()[1]) for opened in sockets]


def _pause_until(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise AgentLost("no answer")
    time.sleep(0.5)
