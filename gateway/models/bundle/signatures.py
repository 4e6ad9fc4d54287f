"""Ed25519 signatures (RFC 8032) over exact bytes, told apart by domain, by the keys that made them."""

from collections.abc import Collection
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import Refused

MOST_SIGNATURES = 8
MOST_SIGNATURE_BYTES = 4096

PublicKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""The 32 bytes of an Ed25519 public key, in hex; its own name."""


class Signature(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: PublicKey
    sig: str = Field(pattern=r"^[0-9a-f]{128}$")


class Signatures(BaseModel):
    """`signatures.json`: by several keys while publishers change over from one to the next."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    signatures: tuple[Signature, ...] = Field(max_length=MOST_SIGNATURES)

    @classmethod
    def read(cls, data: bytes) -> "Signatures":
        """Raises `Refused`: "manifest_too_large", "manifest_unsigned" where there are none that can be read."""
        if len(data) > MOST_SIGNATURE_BYTES:
            raise Refused("manifest_too_large", part="signatures", most_bytes=MOST_SIGNATURE_BYTES)
        try:
            found = cls.model_validate_json(data)
        except ValidationError:
            raise Refused("manifest_unsigned", cause="signatures that cannot be read") from None
        if not found.signatures:
            raise Refused("manifest_unsigned", cause="no signature")
        return found


def check(domain: bytes, data: bytes, signatures: Signatures, keys: Collection[str]) -> str:
    """The first of `keys` that signed `domain + data`.

    Raises `Refused`: "manifest_key_unknown" where none of them claims to have, "manifest_signature" where none of those
    that claim it did."""
    ours = [one for one in signatures.signatures if one.key in keys]
    if not ours:
        raise Refused("manifest_key_unknown", found=", ".join(one.key[:16] for one in signatures.signatures))
    for one in ours:
        if _made_by(one, domain + data):
            return one.key
    raise Refused("manifest_signature", key_claimed=ours[0].key[:16])


def _made_by(one: Signature, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(one.key)).verify(bytes.fromhex(one.sig), message)
    except (InvalidSignature, ValueError):  # ValueError: the key is no point of the curve
        return False
    return True
