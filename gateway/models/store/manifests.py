"""Signed manifests under the hashes of their bytes, each with its signatures beside it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from gateway.errors import Corrupt, Refused
from gateway.models import files
from gateway.models.store.release import Release, Trusted
from gateway.wire.model_manifest import MOST_MANIFEST_BYTES, ModelManifest


class Manifests:
    """`<folder>/<digest>.json` and `.sig`. Takes no lock, as `Objects`."""

    def __init__(self, folder: Path, trust: Trusted) -> None:
        self.folder = folder
        self.trust = trust

    def put(self, digest: str, manifest: bytes, signatures: bytes) -> None:
        """Raises `Refused`: "model_disk_full", "model_unwritable"."""
        files.write(self.folder / f"{digest}.sig", signatures)
        files.write(self.folder / f"{digest}.json", manifest)

    def read(self, model: str, digest: str) -> Release:
        """Vouched for by its hash and its signature. Raises `Refused("model_missing")`, `Corrupt`:
        "manifest_damaged", "manifest_other_model"; and what `Trusted.recheck` does."""
        data = self._bytes(digest)
        manifest = self.trust.recheck(data, self._content(f"{digest}.sig"))
        if manifest.card.id != model:
            raise Corrupt("manifest_other_model", model=model, found=manifest.card.id)
        return Release(digest=digest, manifest=manifest)

    def unchecked(self, digest: str) -> ModelManifest:
        """Vouched for by its hash only: to know which files are its own, not to run them."""
        try:
            return ModelManifest.model_validate_json(self._bytes(digest))
        except ValidationError:
            raise Corrupt("manifest_damaged", manifest=digest) from None

    def digests(self) -> tuple[str, ...]:
        return tuple(sorted(file.stem for file in self.folder.glob("[0-9a-f]*.json")))

    def sweep(self, keep: Iterable[str]) -> int:
        """Remove the manifests that are not of these digests, and what an interrupted write left."""
        return files.sweep(self.folder, {f"{digest}{kind}" for digest in keep for kind in (".json", ".sig")})

    def _bytes(self, digest: str) -> bytes:
        data = self._content(f"{digest}.json")
        if hashlib.sha256(data).hexdigest() != digest:
            raise Corrupt("manifest_damaged", manifest=digest)
        return data

    def _content(self, name: str) -> bytes:
        with files.opening(self.folder / name) as stream:
            data = stream.read(MOST_MANIFEST_BYTES + 1)
        if len(data) > MOST_MANIFEST_BYTES:
            raise Refused("manifest_too_large", file=name, most_bytes=MOST_MANIFEST_BYTES)
        return data
