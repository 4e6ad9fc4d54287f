"""A registry with bundles that were really signed."""

from collections.abc import AsyncIterator
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


def image(content: bytes = b"a root") -> bytes:
    """As far as the hub looks at one."""
    signature = b"signed"
    return b"hsqs" + content + signature + len(signature).to_bytes(8, "big")


async def chunks(data: bytes, most: int = 1000) -> AsyncIterator[bytes]:
    for begin in range(0, len(data), most):
        yield data[begin : begin + most]


def written(folder: Path, data: bytes) -> Path:
    file = folder / "some.hgmodel"
    file.write_bytes(data)
    return file


def registry_of(store: HubStore, folder: Path) -> Registry:
    return Registry(store.database, Shelf(folder / "bundles"), lambda: NOON)
