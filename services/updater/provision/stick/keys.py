"""authorized_keys: whoever holds one of these keys may log in as root over SSH; without any, nobody may."""

import base64
import binascii
import re

from gateway.errors import Invalid
from services.updater.provision import disk
from services.updater.provision.machine import Machine
from services.updater.provision.places import Places

FILE = "authorized_keys"
HOST_KEY = "ssh_host_ed25519_key"

_KINDS = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)
_MOST_BYTES = 64 * 1024
RULE = b"add rule inet hearthgate input tcp dport 22 ct state new limit rate 10/minute burst 20 packets accept\n"


def take_in(places: Places) -> None:
    """In place of those that were there. Raises `Invalid` ("keys_none", "key_invalid", what `disk.read` raises) and
    `OSError`."""
    keys = check(disk.read(places.stick / FILE, _MOST_BYTES))
    disk.put(places.ssh / FILE, "".join(f"{key}\n" for key in keys).encode(), mode=0o600)


def check(data: bytes) -> list[str]:
    """The lines that are keys. Options before a key are refused: what they forbid here is everybody's to forget."""
    lines = data.decode("utf-8-sig", "replace").splitlines()
    keys = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            keys.append(_key(line.strip(), number))
    if not keys:
        raise Invalid("keys_none")
    return keys


def open_door(places: Places, machine: Machine) -> None:
    """A key of this machine's own, and a hole in the firewall; neither where nobody may log in.

    Raises `OSError` and `Refused("tool_failed")`."""
    rule = places.firewall / "ssh.nft"
    if not (places.ssh / FILE).is_file():
        disk.drop(rule)
        return
    _host_key(places, machine)
    disk.folder(places.firewall)
    disk.put(rule, RULE)


def _host_key(places: Places, machine: Machine) -> None:
    """Made in memory: a power cut leaves no half of it."""
    key, fresh = places.ssh / HOST_KEY, places.run / HOST_KEY
    public = fresh.with_name(f"{fresh.name}.pub")
    if key.is_file():
        return
    try:
        machine.host_key(fresh)
        disk.put(places.ssh / f"{HOST_KEY}.pub", public.read_bytes())
        disk.put(key, fresh.read_bytes(), mode=0o600)
    finally:
        disk.drop(fresh)
        disk.drop(public)


def _key(line: str, number: int) -> str:
    kind, _, rest = line.partition(" ")
    body, _, comment = rest.strip().partition(" ")
    try:
        raw = base64.b64decode(body, validate=True)
    except binascii.Error:
        raw = b""
    named = kind.encode()
    if kind not in _KINDS or raw[: 4 + len(named)] != len(named).to_bytes(4, "big") + named:
        raise Invalid("key_invalid", line=number)
    return " ".join(part for part in (kind, body, re.sub(r"[^ -~]", "", comment)) if part)
