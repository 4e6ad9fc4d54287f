"""Edge TPUs as the kernel sees them.

USB ids: 1a6e:089a before its firmware is loaded, 18d1:9302 after; PCIe: 1ac1:089a (https://coral.ai/docs).
"""

from dataclasses import dataclass
from pathlib import Path

WAITING, READY = "waiting for its firmware", "ready"
_USB = {("1a6e", "089a"): WAITING, ("18d1", "9302"): READY}
_PCIE = ("0x1ac1", "0x089a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stick:
    """A TPU that can be opened: `node` is what has to be opened, `speed` in Mbit/s (0 for PCIe)."""

    node: Path
    state: str
    speed: int


def sticks(root: Path = Path("/")) -> list[Stick]:
    """TPUs on USB, and those on PCIe that have their driver; `root` is the root of the file system to look in."""
    found = []
    for device in sorted((root / "sys/bus/usb/devices").glob("*")):
        state = _USB.get((_text(device / "idVendor"), _text(device / "idProduct")))
        if state is not None:
            bus, number = int(_text(device / "busnum") or 0), int(_text(device / "devnum") or 0)
            speed = int(float(_text(device / "speed") or 0))
            found.append(Stick(node=root / f"dev/bus/usb/{bus:03}/{number:03}", state=state, speed=speed))
    return found + [Stick(node=apex, state=READY, speed=0) for apex in _apexes(root)]


def cards(root: Path = Path("/")) -> tuple[int, int]:
    """How many TPUs sit on PCIe, and how many of them have a driver."""
    devices = (root / "sys/bus/pci/devices").glob("*")
    found = sum((_text(device / "vendor"), _text(device / "device")) == _PCIE for device in devices)
    driven = len(_apexes(root))
    return max(found, driven), driven


def holder(stick: Stick) -> int | None:
    """The process that has it open, as far as this user may see."""
    node = stick.node.absolute()
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if fd.readlink() == node:
                return int(fd.parts[2])
        except OSError:
            continue
    return None


def _apexes(root: Path) -> list[Path]:
    return sorted((root / "dev").glob("apex_*"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
