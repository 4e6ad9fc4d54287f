"""Who may speak to the broker: the gateway, and what the home gave a name and a password.

A line a client, `name:$7$rounds$salt$digest` as mosquitto_passwd(1) writes it. `accounts` holds those of the home and
is what a backup needs; `passwd` is put together of it and the gateway's own, for Mosquitto. Rights go by name: see
hearthgate.acl.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.errors import Invalid
from services.updater.provision import disk
from services.updater.provision.machine import Machine
from services.updater.provision.places import Owners, Places

OWN = "hearthgate"
CREDENTIAL = "broker"

_CLIENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LINE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}:\$7\$[0-9]{1,7}\$[A-Za-z0-9+/=]{4,64}\$[A-Za-z0-9+/=]{16,128}")
_LEAST, _MOST = 8, 256
_MOST_CLIENTS = 256
_MOST_BYTES = 256 * 1024


def settle(places: Places, owners: Owners, machine: Machine) -> None:
    """Have the gateway's account, and all of them in the file that the broker reads.

    Raises `OSError` and `Refused` ("tool_failed")."""
    _publish(places, owners, _own(places, machine))
    for name in ("gateway.crt", "gateway.key"):
        data = (places.tls / name).read_bytes()
        disk.put(places.mqtt / name, data, mode=0o640, group=owners.broker_group)
    tell(places, owners)
    acl = (places.share / "hearthgate.acl").read_bytes()
    disk.put(places.mqtt / "acl", acl, mode=0o640, group=owners.broker_group)


def admit(places: Places, machine: Machine, passwords: Mapping[str, str]) -> None:
    """Give these names these passwords; the others keep theirs. In force with the next `settle`.

    Raises `Invalid` ("account_name", "account_password"), `OSError` and `Refused` ("tool_failed")."""
    for client, password in passwords.items():
        check(client, password)
    kept = [line for line in _lines(places.mqtt / "accounts") if line.partition(":")[0] not in passwords]
    added = [machine.hash_password(client, word, places.run / "account") for client, word in passwords.items()]
    disk.put(places.mqtt / "accounts", _text(sorted(kept + added)), mode=0o600)


def change(places: Places, client: str, digest: str | None) -> None:
    """Give this name the password of this digest, or with None no account any more; in force with the next `settle`.

    Raises `Invalid("account_many")` and `OSError`."""
    kept = [line for line in _lines(places.mqtt / "accounts") if line.partition(":")[0] != client]
    if digest is not None and len(kept) >= _MOST_CLIENTS:
        raise Invalid("account_many", most=_MOST_CLIENTS)
    added = [] if digest is None else [f"{client}:{digest}"]
    disk.put(places.mqtt / "accounts", _text(sorted(kept + added)), mode=0o600)


def names(places: Places) -> tuple[str, ...]:
    """Of the home's accounts."""
    return tuple(sorted({line.partition(":")[0] for line in _lines(places.mqtt / "accounts")}))


def check(client: str, password: str) -> None:
    """Raises `Invalid` ("account_name", "account_password")."""
    if client == OWN or not _CLIENT.fullmatch(client):
        raise Invalid("account_name", name=client[:64])
    if not _LEAST <= len(password) <= _MOST or not password.isprintable():
        raise Invalid("account_password", name=client, least=_LEAST)


def _own(places: Places, machine: Machine) -> str:
    """Its line, in `own`. The password is laid down last: cut off before, both are made anew."""
    known, held = _lines(places.mqtt / "own"), places.credentials / CREDENTIAL
    if known and held.is_file():
        return known[0]
    disk.drop(held)
    password = secrets.token_urlsafe(24)
    line = machine.hash_password(OWN, password, places.run / "account")
    disk.put(places.mqtt / "own", _text([line]), mode=0o600)
    disk.put(held, f"{OWN}:{password}".encode(), mode=0o600)
    return line


def tell(places: Places, owners: Owners, **news: str | None) -> None:
    """The gateway, which may not read the accounts themselves, of their names and with `news` of its last wish. Raises
    `OSError`."""
    kept = {key: value for key, value in (_told(places) | news).items() if value is not None}
    raw = json.dumps({"names": names(places)} | kept).encode()
    disk.put(places.granted, raw, mode=0o640, group=owners.gateway_group)


def _told(places: Places) -> dict[str, str | None]:
    """Of the last wish. Not by its model: what that takes to load every start would wait for."""
    try:
        known = json.loads(disk.read(places.granted, _MOST_BYTES))
    except (FileNotFoundError, ValueError, Invalid):
        return {}
    known = known if isinstance(known, dict) else {}
    return {key: known[key] for key in ("last", "key") if isinstance(known.get(key), str)}


def _publish(places: Places, owners: Owners, own: str) -> None:
    lines = [own, *_lines(places.mqtt / "accounts")]
    disk.put(places.mqtt / "passwd", _text(lines), mode=0o640, group=owners.broker_group)


def _lines(file: Path) -> list[str]:
    """What a person may have edited: lines that Mosquitto would stumble over are left out."""
    try:
        text = disk.read(file, _MOST_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if _LINE.fullmatch(line)]


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
