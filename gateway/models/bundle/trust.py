"""Whose models are let in: decided without a network, from the settings and the statements that follow from them."""

from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import ValidationError

from gateway.errors import Refused
from gateway.models.bundle import signatures
from gateway.models.bundle.rotation import Ring, Statements
from gateway.models.bundle.signatures import Signatures
from gateway.wire.model_manifest import DOMAIN, MOST_MANIFEST_BYTES, ModelManifest


class Trust:
    """Trusts `keys` (hex; at most two) and what they hand over to in the statements kept in `folder`.

    Everything is checked anew at each call: nothing that lies beside the statements can widen the trust, and what one
    process is told, others know. Implements `gateway.models.store.release.Trusted`.
    """

    def __init__(self, keys: Sequence[str], folder: Path) -> None:
        self._start = Ring.of(keys)
        self._statements = Statements(folder)

    def ring(self) -> Ring:
        """Who counts now."""
        return self._statements.apply(self._start)

    def follow(self, statement: bytes) -> Ring:
        """Take in a statement; who counts now. Raises as `Statements.add` does."""
        return self._statements.add(self.ring(), statement)

    def check(self, manifest: bytes, signed: bytes) -> ModelManifest:
        """Of a bundle that is to be taken in: by a key that counts now.

        Raises `Refused`: "manifest_too_large", "manifest_unsigned", "manifest_key_unknown", "manifest_key_revoked",
        "manifest_signature", and only then "manifest_invalid" with the `place`."""
        ring = self.ring()
        return _read(manifest, signed, ring.keys, ring.revoked)

    def recheck(self, manifest: bytes, signed: bytes) -> ModelManifest:
        """Of one that was taken in before: by a key that ever counted and is not revoked. Raises as `check` does."""
        ring = self.ring()
        return _read(manifest, signed, ring.known - ring.revoked, ring.revoked)


def _read(manifest: bytes, signed: bytes, keys: Collection[str], revoked: Collection[str]) -> ModelManifest:
    if len(manifest) > MOST_MANIFEST_BYTES:
        raise Refused("manifest_too_large", part="manifest", most_bytes=MOST_MANIFEST_BYTES)
    found = Signatures.read(signed)
    try:
        signatures.check(DOMAIN, manifest, found, keys)
    except Refused as error:
        if error.key == "manifest_key_unknown" and any(one.key in revoked for one in found.signatures):
            raise Refused("manifest_key_revoked") from None
        raise
    return _parsed(manifest)


def _parsed(manifest: bytes) -> ModelManifest:
    try:
        return ModelManifest.model_validate_json(manifest)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused("manifest_invalid", place=place[:200], cause=first["msg"][:200]) from None
