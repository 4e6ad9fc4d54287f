"""`hearthgate models install|trust`."""

import argparse
import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gateway.app.places import folder_of, known_settings, store, trust
from gateway.app.terminal import Progress
from gateway.config.settings import Settings
from gateway.health.clock import believed
from gateway.models import files
from gateway.models.bundle.address import Limits
from gateway.models.bundle.download import fetched_bundle
from gateway.models.bundle.install import install
from gateway.models.bundle.rotation import MOST_STATEMENT_BYTES, Ring
from gateway.models.store.store import ModelStore


def install_bundle(arguments: argparse.Namespace) -> int:
    """Taken in, it waits for the roll-out; a model that nobody served until now serves at the next start."""
    settings = known_settings(arguments.config)[0]
    kept = store(settings)
    with _at_hand(arguments.source, settings, Limits()) as file:
        release = install(file, kept, trust(settings), now=believed(datetime.now(UTC)))
    card = release.card
    told = {"id": card.id, "version": card.version, "serial": card.serial, "digest": release.digest}
    told["slot"] = slot = _slot(kept, card.id, release.digest)
    print(json.dumps(told) if arguments.json else f"{card.id} {card.version}, serial {card.serial}: taken in, {slot}")
    return 0


def trust_keys(arguments: argparse.Namespace) -> int:
    """Whose bundles are taken in; after the statement, where one is given."""
    settings = known_settings(arguments.config)[0]
    ring = trust(settings).ring()
    if arguments.source is not None:
        with _at_hand(arguments.source, settings, Limits(most_bytes=MOST_STATEMENT_BYTES)) as file:
            ring = trust(settings).follow(_read(file))
    _show(ring, as_json=arguments.json)
    return 0


@contextmanager
def _at_hand(source: str, settings: Settings, limits: Limits) -> Generator[Path]:
    """The file, fetched first where `source` is a URL."""
    if "://" not in source:
        yield Path(source)
        return
    with fetched_bundle(source, folder_of(settings) / "downloads", progress=Progress(), limits=limits) as file:
        yield file


def _read(file: Path) -> bytes:
    with files.opening(file) as stream:
        return stream.read(MOST_STATEMENT_BYTES + 1)


def _slot(kept: ModelStore, model: str, digest: str) -> str:
    return next(slot for slot, held in kept.slots(model).filled.items() if held == digest)


def _show(ring: Ring, *, as_json: bool) -> None:
    retired = sorted(ring.known - ring.revoked - set(ring.keys))
    if as_json:
        told = {"number": ring.number, "trusted": ring.keys, "retired": retired, "revoked": sorted(ring.revoked)}
        print(json.dumps(told))
        return
    for state, keys in (("trusted", ring.keys), ("retired", retired), ("revoked", sorted(ring.revoked))):
        for key in keys:
            print(f"{state:8} {key}")
    if not ring.keys:
        print("nobody's bundles are taken in: models.trusted_keys is empty")
