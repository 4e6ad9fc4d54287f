"""The certificate at a start where nothing has changed: what makes one takes longer to load than all other steps take.

A note beside the files says what they were when they were last found good, for which names, and how long that holds.
"""

import datetime as dt
import hashlib
import json
from pathlib import Path

from services.updater.provision import disk
from services.updater.provision.identity import Names
from services.updater.provision.places import Owners, Places

NOTE = "checked.json"
FILES = ("ca.key", "ca.crt", "gateway.key", "gateway.crt")


def ensure(places: Places, owners: Owners, names: Names, now: dt.datetime) -> bool:
    """Have a key and a certificate that suit each other and these names; says whether there is a new certificate.

    Raises `OSError`."""
    note = _read(places.tls / NOTE)
    if note is not None and _holds(note, places.tls, names, now):
        return False
    from services.updater.provision import certificate  # half of a start: not where the note does

    # Addresses are handed on from certificate to certificate, but not by one that somebody damaged.
    before = _addresses(note, names.host) if note is not None and note.get("files") == _state(places.tls) else set()
    new = certificate.ensure(places, owners, names, now)
    since, until = certificate.serves(places)
    known = {
        "host": names.host,
        "addresses": sorted({*map(str, names.addresses), *before}),
        "since": since.timestamp(),
        "until": until.timestamp(),
        "files": _state(places.tls),
    }
    disk.put(places.tls / NOTE, json.dumps(known).encode(), mode=0o600)
    return new


def _holds(note: dict[str, object], folder: Path, names: Names, now: dt.datetime) -> bool:
    since, until = note.get("since"), note.get("until")
    return (
        isinstance(since, float)
        and isinstance(until, float)
        and since <= now.timestamp() < until
        and note.get("host") == names.host
        and {str(address) for address in names.addresses} <= _addresses(note, names.host)
        and note.get("files") == _state(folder)
    )


def _addresses(note: dict[str, object] | None, host: str) -> set[str]:
    """What is covered once stays covered: those that were asked for before, too."""
    if note is None or note.get("host") != host:
        return set()
    known = note.get("addresses")
    return {address for address in known if isinstance(address, str)} if isinstance(known, list) else set()


def _state(folder: Path) -> list[object]:
    """Rights, group and digest of each file."""
    found: list[object] = []
    for name in FILES:
        try:
            stat, data = (folder / name).stat(), (folder / name).read_bytes()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append([stat.st_mode, stat.st_gid, hashlib.sha256(data).hexdigest()])
    return found


def _read(file: Path) -> dict[str, object] | None:
    try:
        known = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return known if isinstance(known, dict) else None
