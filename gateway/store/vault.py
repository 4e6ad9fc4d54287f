"""Sealing of what must not be readable on a stolen card: face templates."""

import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Corrupt, Refused

CREDENTIAL = "hearthgate-vault-key"

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"
_DOMAIN = b"hearthgate-vault-1\x00"


class Vault:
    """AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; sealed = version, nonce, ciphertext, tag.

    The key is the systemd credential "hearthgate-vault-key" where there is one, else 32 bytes in `key_file`, which is
    created with mode 0600 if absent and belongs outside the data directory. Raises `Refused` ("vault_key_inside",
    "vault_key_mode", "vault_key_invalid", "vault_key_unreadable").
    """

    def __init__(self, key_file: Path, *, data_dir: Path | None = None) -> None:
        held = _credential()
        if held is None and data_dir is not None and key_file.resolve().is_relative_to(data_dir.resolve()):
            raise Refused("vault_key_inside", path=str(key_file))
        key = _key(key_file) if held is None else _read(held, forbidden=0o007)  # its ACL shows as group bits
        if len(key) != _KEY_BYTES:
            raise Refused("vault_key_invalid", bytes=len(key), expected=_KEY_BYTES)
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, associated: bytes) -> bytes:
        """`associated` is not hidden but bound: the very same bytes are needed to open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, _DOMAIN + associated)

    def open(self, sealed: bytes, associated: bytes) -> bytes:
        """The plain bytes. `Corrupt("vault_tampered")` for another key, other associated bytes or any change."""
        if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE_BYTES + 16:
            raise Corrupt("vault_tampered")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, _DOMAIN + associated)
        except InvalidTag:
            raise Corrupt("vault_tampered") from None


def _credential() -> Path | None:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    held = Path(directory) / CREDENTIAL if directory else None
    return held if held is not None and held.is_file() else None


def _key(path: Path) -> bytes:
    try:
        _create(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise Refused("vault_key_unreadable", path=str(path), reason=error.strerror or "unknown") from error
    return _read(path, forbidden=0o077)


def _create(path: Path) -> None:
    """Written beside and linked into place: a power cut leaves a whole key or none."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, *, forbidden: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise Refused("vault_key_unreadable", path=str(path), reason=error.strerror or "unknown") from error
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & forbidden:
            raise Refused("vault_key_mode", path=str(path), mode=f"{mode:04o}", expected="0600")
        return file.read(_KEY_BYTES + 1)
