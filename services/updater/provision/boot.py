"""One start: every step in its turn, whatever became of the one before."""

import datetime as dt
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from functools import partial

from gateway.errors import GatewayError
from services.updater.provision import accounts, claim, disk, identity, tls
from services.updater.provision.machine import Machine
from services.updater.provision.places import Owners, Places
from services.updater.provision.stick import imports, keys, network, settings

log = logging.getLogger(__name__)

VAULT_KEY = "hearthgate-vault-key"
HANDED = (VAULT_KEY, claim.CREDENTIAL, accounts.CREDENTIAL)
"""Credentials that the gateway's unit loads by name, as hearthgate.NAME."""


def start(places: Places, owners: Owners, machine: Machine) -> list[str]:
    """Names of the steps that failed; each was logged. Raises nothing that a disk, a tool or a file can cause."""
    failed = []
    for name, step in steps(places, owners, machine):
        try:
            step()
        except (OSError, GatewayError, ValueError) as error:
            log.error("%s: %s", name, error)
            failed.append(name)
    return failed


def steps(places: Places, owners: Owners, machine: Machine) -> Iterator[tuple[str, Callable[[], object]]]:
    """Those that the gateway cannot do without come first; what lies on the stick can spoil nothing of them."""
    yield "folders", partial(make_folders, places, owners)
    yield "name", partial(identity.settle, places, machine)
    yield "certificate", partial(renew, places, owners, machine)
    yield "vault key", partial(_vault_key, places)
    yield "claim code", partial(claim.code, places)
    yield "first settings", partial(_first_settings, places, owners)
    yield "stick", partial(_take_in, places, owners, machine)
    yield "broker", partial(accounts.settle, places, owners, machine)
    yield "ssh", partial(keys.open_door, places, machine)
    yield "credentials", partial(_hand_over, places)
    yield "note", partial(tell, places)


def make_folders(places: Places, owners: Owners) -> None:
    """All that the other steps write into, and nothing there that a power cut left behind. Raises `OSError`."""
    for path in (places.etc, places.tls):
        disk.folder(path)
    for path in (places.credentials, places.ssh, places.networks):
        disk.folder(path, mode=0o700)
    disk.folder(places.mqtt, mode=0o750, group=owners.broker_group)
    disk.folder(places.secrets, mode=0o700, owner=owners.gateway, group=owners.gateway_group)
    disk.folder(places.run, mode=0o750, group=owners.gateway_group)
    ours = (places.etc, places.tls, places.ssh, places.credentials, places.mqtt, places.secrets, places.networks)
    for path in (*ours, places.imported.parent, places.stick, places.stick / network.FOLDER):
        disk.sweep(path)


def renew(places: Places, owners: Owners, machine: Machine) -> bool:
    """Whether there is a new certificate. Raises `OSError`."""
    names = identity.Names(host=identity.name(places), addresses=tuple(machine.addresses()))
    return tls.ensure(places, owners, names, _now(places))


def built(places: Places) -> dt.datetime | None:
    """When the image was made: no clock of it can rightly be earlier."""
    try:
        text = json.loads(places.image.read_bytes())["built"]
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _take_in(places: Places, owners: Owners, machine: Machine) -> None:
    imports.record(places, imports.take_in(places, owners, machine))


def tell(places: Places) -> None:
    """The claim code on the FAT partition, or nothing there any more. Raises `OSError`."""
    claim.tell(places, identity.name(places))


def _now(places: Places) -> dt.datetime:
    return max(dt.datetime.now(dt.UTC), built(places) or dt.datetime.min.replace(tzinfo=dt.UTC))


def _vault_key(places: Places) -> None:
    """Never made anew where there is one: all that it sealed would be lost."""
    file = places.credentials / VAULT_KEY
    if not os.path.lexists(file):
        disk.put(file, secrets.token_bytes(32), mode=0o600)


def _first_settings(places: Places, owners: Owners) -> None:
    if not os.path.lexists(places.settings):
        text = (places.share / "gateway.yaml").read_text(encoding="utf-8")
        named = text.replace("@NAME@", identity.name(places))
        disk.put(places.settings, settings.complete(named).encode(), mode=0o640, group=owners.gateway_group)


def _hand_over(places: Places) -> None:
    disk.folder(places.store, mode=0o700)
    for name in HANDED:
        disk.put(places.store / f"hearthgate.{name}", (places.credentials / name).read_bytes(), mode=0o600)
