"""Releases of the tiny model for tests, and someone who vouches for them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.errors import Refused
from gateway.models.store.admission import Here
from gateway.models.store.intake import Intake
from gateway.models.store.objects import Objects, Sealer
from gateway.models.store.shelf import Shelf
from gateway.models.store.store import ModelStore
from gateway.models.store.tryout import TryOut
from gateway.wire.model_card import ModelCard
from gateway.wire.model_manifest import ModelManifest
from tests.models.tiny import card, tiny_model

CREATED = datetime(2026, 11, 1, tzinfo=UTC)
HERE = Here(machine="aarch64", board="Raspberry Pi 5 Model B Rev 1.0", gateway="0.4.2")


def variant(number: int) -> bytes:
    """The tiny model as other bytes: what follows a FlatBuffer is not read."""
    return tiny_model() + number.to_bytes(4, "little")


def release_card(serial: int = 1, **changes: Any) -> ModelCard:
    """The card of `variant(serial)`."""
    given = {"serial": serial, "version": f"1.{serial}", "origin": {"kind": "bundle"}, **changes}
    return card(given.pop("data", variant(serial)), **given)


def manifest(shown: ModelCard, **changes: Any) -> bytes:
    given = {"card": shown, "created": CREATED, **changes}
    return ModelManifest(**given).model_dump_json().encode()


def signed(data: bytes) -> bytes:
    return json.dumps({"by": hashlib.sha256(b"tests" + data).hexdigest()}).encode()


class FakeTrust:
    """Trusts `signed` manifests; `retired` ones only where they were taken in before; `lost` has no key at all.
    `credulous` does not look at signatures: then everything behind them can be tested."""

    def __init__(self, *, credulous: bool = False) -> None:
        self.credulous = credulous
        self.retired = False
        self.lost = False

    def check(self, manifest: bytes, signatures: bytes) -> ModelManifest:
        if self.retired:
            raise Refused("manifest_key_unknown")
        return self.recheck(manifest, signatures)

    def recheck(self, manifest: bytes, signatures: bytes) -> ModelManifest:
        if self.lost:
            raise Refused("manifest_key_unknown")
        if not self.credulous and signatures != signed(manifest):
            raise Refused("manifest_signature")
        try:
            return ModelManifest.model_validate_json(manifest)
        except ValidationError:
            raise Refused("manifest_invalid") from None


def passes(_card: ModelCard, _objects: Objects) -> None:
    """A try-out that everything passes."""


def make_store(
    folder: Path,
    *,
    packaged: Mapping[str, ModelCard] | None = None,
    trust: FakeTrust | None = None,
    sealer: Sealer | None = None,
    try_out: TryOut = passes,
    free: int = 1 << 40,
) -> ModelStore:
    shelf = Shelf(folder, trust or FakeTrust(), packaged or {}, sealer)
    return ModelStore(shelf, Intake(shelf=shelf, here=HERE, try_out=try_out, free=lambda _folder: free))


def take_in(store: ModelStore, serial: int, **changes: Any) -> str:
    """The digest of the release of `variant(serial)`."""
    about = {
        name: changes.pop(name)
        for name in ("created", "expires", "rollback", "boards", "min_gateway")
        if name in changes
    }
    now = changes.pop("now", None)
    shown = release_card(serial, **changes)
    data = manifest(shown, **about)
    return store.take_in(data, signed(data), {shown.sha256: variant(serial)}, now=now).digest
