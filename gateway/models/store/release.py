"""What was taken in: a manifest, who vouches for it, and which model files it names."""

from dataclasses import dataclass
from typing import Protocol

from gateway.wire.model_card import ModelCard
from gateway.wire.model_manifest import ModelManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version of one model. `digest` is the SHA-256 of the manifest's bytes, and the name it is kept under."""

    digest: str
    manifest: ModelManifest

    @property
    def card(self) -> ModelCard:
        return self.manifest.card


class Trusted(Protocol):
    """Whose signatures count. Checks the signature over the exact bytes before it reads anything else in them.

    Both raise `Refused`: "manifest_unsigned", "manifest_signature", "manifest_key_unknown", "manifest_invalid",
    "manifest_too_large".
    """

    def check(self, manifest: bytes, signatures: bytes) -> ModelManifest:
        """Of a bundle that is to be taken in: by a key that is trusted now."""
        ...

    def recheck(self, manifest: bytes, signatures: bytes) -> ModelManifest:
        """Of one that was taken in before: a key that was retired since still counts, a revoked one does not
        ("manifest_key_revoked")."""
        ...
