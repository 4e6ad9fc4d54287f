"""Which Edge TPUs the machine sees: what is plugged in, told by the kernel, without opening anything."""

from pathlib import Path

_IDS = {("1a6e", "089a"), ("18d1", "9302")}
"""Before its firmware is loaded, and after (https://coral.ai/docs/accelerator)."""


def present(root: Path = Path("/")) -> str | None:
    """A text that changes whenever a device arrives, leaves or comes back; None where there is none.

    Costs some small reads from sysfs below `root`; never blocks on a device."""
    sticks = [_named(device) for device in sorted((root / "sys/bus/usb/devices").glob("*")) if _is_tpu(device)]
    cards = [card.name for card in sorted((root / "dev").glob("apex_*"))]
    return " ".join(sticks + cards) or None


def _is_tpu(device: Path) -> bool:
    return (_text(device / "idVendor"), _text(device / "idProduct")) in _IDS


def _named(device: Path) -> str:
    """The kernel counts `devnum` up each time that something is plugged in."""
    return f"{device.name}:{_text(device / 'idProduct')}:{_text(device / 'devnum')}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
