"""Files of private keys: mode 0600, PKCS #8 as PEM, not encrypted, never shown."""

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import Refused
from gateway.models import files

_MOST_BYTES = 64 << 10


def generate(file: Path) -> Ed25519PrivateKey:
    """A new key, kept in `file`. Raises as `create` does."""
    key = Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.PKCS8
    create(file, key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()), 0o600)
    return key


def read(file: Path) -> Ed25519PrivateKey:
    """Raises `Refused`: "key_mode" where others may read it, "key_invalid", "model_missing", "model_unreadable"."""
    with files.opening(file) as stream:
        mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        data = stream.read(_MOST_BYTES)
    if mode & 0o077:
        raise Refused("key_mode", file=file.name, mode=f"{mode:04o}", expected="0600")
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # the error's text might quote the file
        raise Refused("key_invalid", file=file.name) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("key_invalid", file=file.name, expected="Ed25519")
    return key


def create(file: Path, data: bytes, mode: int) -> None:
    """A file that was not there before. Raises `Refused`: "file_exists", "model_unwritable"."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise Refused("file_exists", file=str(file)) from None
    except OSError as error:
        raise Refused("model_unwritable", file=str(file), cause=error.strerror) from None
