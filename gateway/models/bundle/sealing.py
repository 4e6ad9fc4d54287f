"""Files of models encrypted on the disk, so that a copied card does not give them away."""

import hashlib
import hmac
import itertools
import re
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.config.secrets import read_token
from gateway.errors import Corrupt, Refused

CHUNK = 1 << 20

_KEY = re.compile(r"[0-9a-fA-F]{64}")
_FORMAT = b"HGSEAL1\n"
_HEAD = struct.Struct(">8s8s12sQ")
_TAG = 16


class AesGcmSealer:
    """AES-256-GCM (NIST SP 800-38D) in chunks of a MiB. Implements `gateway.models.store.objects.Sealer`.

    A sealed file is a head (format, key's mark, random 96-bit nonce, plain length) and the chunks, each with its tag.
    A chunk's nonce is the file's XOR its number (as in TLS 1.3, RFC 8446 section 5.3); head, name and number are its
    associated data. So a chunk that is cut off, moved, or taken from another file does not open. There is always one.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._mark = hmac.new(key, b"hearthgate seal key", hashlib.sha256).digest()[:8]

    @classmethod
    def from_credential(cls, name: str, secrets_dir: Path) -> "AesGcmSealer":
        """Of the credential with 64 hex digits. Raises `Refused` as `read_token` does."""
        text = read_token(name, secrets_dir)
        if not _KEY.fullmatch(text):
            raise Refused("credential_invalid", name=name, expected="64 hex digits")
        return cls(bytes.fromhex(text))

    def seal(self, data: bytes, name: str) -> bytes:
        """`name` is not hidden but bound: only under it can the file be opened."""
        head = _HEAD.pack(_FORMAT, self._mark, secrets.token_bytes(12), len(data))
        plain = memoryview(data)
        chunks = (plain[at : at + CHUNK] for at in range(0, max(1, len(data)), CHUNK))
        return head + b"".join(
            self._cipher.encrypt(nonce, chunk, bound)
            for chunk, (nonce, bound) in zip(chunks, _chunks(head, name), strict=False)
        )

    def unseal(self, data: bytes, name: str) -> bytes:
        """Raises `Corrupt("model_seal_broken")` for any change, `Refused("model_sealed")` where the key is another."""
        head, sealed = data[: _HEAD.size], memoryview(data)[_HEAD.size :]
        self._check(head, len(sealed))
        chunks = (sealed[at : at + CHUNK + _TAG] for at in range(0, len(sealed), CHUNK + _TAG))
        try:
            return b"".join(
                self._cipher.decrypt(nonce, chunk, bound)
                for chunk, (nonce, bound) in zip(chunks, _chunks(head, name), strict=False)
            )
        except InvalidTag:
            raise Corrupt("model_seal_broken", file=name) from None

    def _check(self, head: bytes, found: int) -> None:
        if len(head) < _HEAD.size or not head.startswith(_FORMAT):
            raise Corrupt("model_seal_broken", cause="no sealed file")
        _, mark, _, length = _HEAD.unpack(head)
        if mark != self._mark:
            raise Refused("model_sealed", cause="by another key")
        if found != length + _TAG * max(1, -(-length // CHUNK)):
            raise Corrupt("model_seal_broken", cause="cut off or grown")


def _chunks(head: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Nonce and associated data of each."""
    nonce, named = int.from_bytes(_HEAD.unpack(head)[2]), head + name.encode()
    for number in itertools.count():
        yield (nonce ^ number).to_bytes(12), named + number.to_bytes(8)
