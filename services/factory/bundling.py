"""Writing a bundle: the same manifest, signatures and files give the same bytes."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import Refused
from gateway.models import files
from gateway.models.bundle.layout import MANIFEST, MOST_BUNDLE_BYTES, OBJECTS, SIGNATURES, Member, tail
from gateway.models.bundle.signatures import Signature, Signatures
from gateway.wire.model_card import ModelCard


def public_hex(key: Ed25519PrivateKey) -> str:
    """The name of the pair."""
    return key.public_key().public_bytes_raw().hex()


def sign(domain: bytes, data: bytes, keys: Iterable[Ed25519PrivateKey]) -> Signatures:
    """By each of the keys. Ed25519 needs no random numbers: the same again gives the same."""
    made = (Signature(key=public_hex(key), sig=key.sign(domain + data).hex()) for key in keys)
    return Signatures(signatures=tuple(made))


def contents(card: ModelCard, folder: Path) -> dict[str, bytes]:
    """The card's files, found by their names and checked, by SHA-256. Raises as `files.opened` does."""
    return {file.sha256: files.read(folder / file.name, file.sha256, file.bytes) for file in card.files()}


def pack(manifest: bytes, signatures: Signatures, objects: Mapping[str, bytes]) -> bytes:
    """The bundle. Raises `Refused`: "bundle_too_large", "model_hash" for an object that is not of its name."""
    members = {MANIFEST: manifest, SIGNATURES: signatures.model_dump_json().encode()}
    for sha256, data in sorted(objects.items()):
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Refused("model_hash", expected=sha256)
        members[OBJECTS + sha256] = data
    packed = b"".join(_stored(members))
    if len(packed) > MOST_BUNDLE_BYTES:
        raise Refused("bundle_too_large", bytes=len(packed), most_bytes=MOST_BUNDLE_BYTES)
    return packed


def _stored(contents: Mapping[str, bytes]) -> Iterator[bytes]:
    members = [Member(name=name, size=len(data), crc=zlib.crc32(data)) for name, data in contents.items()]
    for member in members:
        yield member.header
        yield contents[member.name]
    yield tail(members)
