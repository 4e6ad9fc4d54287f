"""Lets in who is enrolled: by a token, or by the key of a certificate."""

import hashlib
import hmac

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import Refused
from services.hub.auth import tokens
from services.hub.door.contract import Claim
from services.hub.store.contract import Store
from services.hub.store.words import Home

_NOT_LET_IN = "credentials_wrong"


class Enrolled:
    """User name is the gateway's id and password its token; with a certificate neither is needed. What is compared says
    `store.words.Enrolment`. Raises `Refused` ("credentials_wrong", "revoked"); a stranger learns of no id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def admit(self, claim: Claim) -> str:
        home = await self._by_token(claim) if claim.certificate is None else await self._by_key(claim)
        if home is None:
            raise Refused(_NOT_LET_IN)
        if home.revoked is not None:
            raise Refused("revoked")
        return home.gateway

    async def _by_token(self, claim: Claim) -> Home | None:
        home = await self._store.home(claim.user) if claim.user else None
        digest = tokens.digest(claim.password or "")
        known = home.enrolment.token_sha256 if home is not None else None
        same = hmac.compare_digest(digest, known or "")
        return home if same else None

    async def _by_key(self, claim: Claim) -> Home | None:
        assert claim.certificate is not None
        home = await self._store.home_of_key(key_digest(claim.certificate))
        return home if home is not None and claim.user in {None, "", home.gateway} else None


def key_digest(certificate: bytes) -> str:
    """SHA-256 of a certificate's public key, both in DER. Raises `Refused` ("credentials_wrong")."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError:
        raise Refused(_NOT_LET_IN) from None
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
