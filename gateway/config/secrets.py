"""Named credentials. This is I/O, and therefore apart from validation: a missing password is no wrong file."""

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import Refused

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LARGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    user: str
    password: str = field(repr=False)


def read_credential(name: str, secrets_dir: Path) -> Secret:
    """`user:password` from $CREDENTIALS_DIRECTORY/name, which systemd provides, or else `secrets_dir`/name.

    Raises `Refused` ("credential_name", "credential_missing", "credential_mode", "credential_invalid"), never with
    any content.
    """
    text = _content(name, secrets_dir)
    user, colon, password = text.partition(":")
    if not colon or not user or "\n" in text:
        raise Refused("credential_invalid", name=name, expected="user:password")
    return Secret(user=user, password=password)


def read_token(name: str, secrets_dir: Path) -> str:
    """One line, from where `read_credential` looks; raises as it does."""
    text = _content(name, secrets_dir)
    if not text or "\n" in text:
        raise Refused("credential_invalid", name=name, expected="one line")
    return text


def _content(name: str, secrets_dir: Path) -> str:
    if not _NAME.fullmatch(name):
        raise Refused("credential_name")
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    places = [(Path(handed), 0o007)] if handed else []  # group bits there are the mask of systemd's ACL
    places.append((secrets_dir, 0o177))
    for directory, forbidden in places:
        try:
            descriptor = os.open(directory / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Refused("credential_missing", name=name, reason=error.strerror or "unknown") from None
        return _read(descriptor, name, forbidden)
    raise Refused("credential_missing", name=name, looked_in=", ".join(str(place) for place, _ in places))


def _read(descriptor: int, name: str, forbidden: int) -> str:
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(file.fileno())
        mode = stat.S_IMODE(facts.st_mode)
        if mode & forbidden:
            raise Refused("credential_mode", name=name, mode=f"{mode:04o}", expected="0600 or 0400")
        raw = file.read(_LARGEST + 1)
    try:
        text = raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refused("credential_invalid", name=name, expected="UTF-8 text") from None
    if len(raw) > _LARGEST or "\0" in text:
        raise Refused("credential_invalid", name=name, expected=f"one line of at most {_LARGEST} bytes")
    return text
