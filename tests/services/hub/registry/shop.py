"""A registry with bundles that were really signed."""

from pathlib import Path

from services.hub.registry.registry import Registry
from services.hub.registry.shelf import Shelf
from services.hub.store.hub import HubStore
from tests.models.releases import release_card, variant
from tests.services.hub.store.fleet import NOON
from tests.unit.models.bundle import publisher


def bundle(serial: int) -> bytes:
    data = publisher.manifest(card=release_card(serial))
    return publisher.bundle(data=data, objects=(variant(serial),))


def written(folder: Path, data: bytes) -> Path:
    file = folder / "some.hgmodel"
    file.write_bytes(data)
    return file


def registry_of(store: HubStore, folder: Path) -> Registry:
    return Registry(store.database, Shelf(folder / "bundles"), lambda: NOON)
