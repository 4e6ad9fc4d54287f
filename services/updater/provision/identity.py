"""What this machine is called: hearthgate-XXXX, the same for ever."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from services.updater.provision import disk
from services.updater.provision.machine import Address, Machine
from services.updater.provision.places import Places

_NAME = re.compile(r"hearthgate-[0-9a-f]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Under which the gateway is reached."""

    host: str
    addresses: tuple[Address, ...] = ()


def name(places: Places) -> str:
    """Drawn once from what is printed on the machine, then kept: another network card does not rename it.

    Raises `OSError`."""
    kept = places.etc / "hostname"
    try:
        known = disk.read(kept, 64).decode("ascii", "replace").strip()
    except FileNotFoundError:
        known = ""
    if _NAME.fullmatch(known):
        return known
    drawn = f"hearthgate-{_mark(places.root)}"
    disk.put(kept, f"{drawn}\n".encode())
    return drawn


def settle(places: Places, machine: Machine) -> None:
    """Be called so from now on. Raises `OSError`."""
    machine.be_called(name(places))


def _mark(root: Path) -> str:
    """The last four hexadecimal digits of the board's serial number, else of the first network card's address."""
    for file in (root / "proc/device-tree/serial-number", *_cards(root)):
        try:
            text = file.read_text(encoding="ascii").strip("\0\n ").replace(":", "").lower()
        except (OSError, UnicodeDecodeError):
            continue
        if re.fullmatch(r"[0-9a-f]{8,16}", text) and set(text) != {"0"}:
            return text[-4:]
    return secrets.token_hex(2)


def _cards(root: Path) -> list[Path]:
    """Real ones: what is made of software has no `device`."""
    return [link / "address" for link in sorted((root / "sys/class/net").glob("*")) if (link / "device").exists()]
