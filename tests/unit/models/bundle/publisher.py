"""A publisher for tests: keys from fixed seeds, manifests, statements and bundles of the tiny model."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.models.bundle import rotation
from gateway.models.bundle.rotation import Statement
from gateway.wire.model_manifest import DOMAIN, ModelManifest
from services.factory.bundling import pack, public_hex, sign
from tests.models.tiny import card, tiny_model

CREATED = datetime(2026, 11, 1, tzinfo=UTC)


def key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.to_bytes(4)).digest())


def name(seed: int) -> str:
    """The public key, in hex."""
    return public_hex(key(seed))


def manifest(**changes: Any) -> bytes:
    """Of the tiny model, as it comes in a bundle; `changes` are the manifest's own."""
    given: dict[str, Any] = {"card": card(origin={"kind": "bundle"}), "created": CREATED}
    return ModelManifest(**{**given, **changes}).model_dump_json().encode()


def signatures(data: bytes, *seeds: int, domain: bytes = DOMAIN) -> bytes:
    return sign(domain, data, map(key, seeds)).model_dump_json().encode()


def bundle(*seeds: int, data: bytes | None = None, objects: tuple[bytes, ...] | None = None) -> bytes:
    data = manifest() if data is None else data
    held = (tiny_model(),) if objects is None else objects
    return pack(
        data, sign(DOMAIN, data, map(key, seeds or (1,))), {hashlib.sha256(one).hexdigest(): one for one in held}
    )


def statement(number: int, keys: tuple[int, ...], *, by: tuple[int, ...], revoked: tuple[int, ...] = ()) -> bytes:
    """That the `keys` count from now on; all by their seeds."""
    said = Statement(number=number, keys=tuple(map(name, keys)), revoked=tuple(map(name, revoked)))
    return rotation.write(said, sign(rotation.DOMAIN, rotation.text(said).encode(), map(key, by)))


def written(folder: Path, data: bytes) -> Path:
    file = folder / "tiny.hgmodel"
    file.write_bytes(data)
    return file
