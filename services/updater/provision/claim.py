"""The code by which the first owner shows to have the machine at hand."""

import os
import re
import secrets
from collections.abc import Iterable

from services.updater.provision import disk
from services.updater.provision.machine import Address
from services.updater.provision.places import Places

CREDENTIAL = "claim-code"
NOTE = "claim-code.txt"

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on a screen
_CODE = re.compile(rf"[{_ALPHABET}]{{4}}(-[{_ALPHABET}]{{4}}){{2}}")


def code(places: Places) -> str:
    """Drawn once, kept for systemd to hand to the gateway. Raises `OSError`."""
    kept = places.credentials / CREDENTIAL
    try:
        known = disk.read(kept, 64).decode("ascii", "replace")
    except FileNotFoundError:
        known = ""
    if _CODE.fullmatch(known):
        return known
    drawn = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    disk.put(kept, drawn.encode(), mode=0o600)
    return drawn


def tell(places: Places, host: str) -> None:
    """On the FAT partition, until somebody owns the gateway. Raises `OSError`."""
    note = places.stick / NOTE
    if is_claimed(places):
        disk.drop(note)
    elif places.stick.is_dir():
        text = f"Open https://{host}.local in a browser and enter this code:\r\n\r\n{code(places)}\r\n"
        disk.put(note, text.encode(), mode=None)


def is_claimed(places: Places) -> bool:
    """Where the gateway, which is not believed anything else, lays a mark of any kind."""
    return os.path.lexists(places.claimed)


def screen(places: Places, host: str, addresses: Iterable[Address]) -> str:
    """For who stands before the machine with a screen."""
    where = [f"https://{host}.local", *(f"https://{_in_url(address)}" for address in addresses)]
    lines = ["", "  Hearthgate", "", *(f"    {url}" for url in where), ""]
    if not is_claimed(places):
        lines += [f"  Nobody owns it yet. The code to claim it:  {code(places)}", ""]
    return "\n".join(lines) + "\n"


def _in_url(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)
