"""User and password from a file that nobody else can read; arguments are visible to everybody."""

import stat
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    user: str
    password: str = field(repr=False)


def read_credentials(file: Path) -> Credentials:
    """From one line "user:password".

    Raises `Refused` ("credentials_unreadable", "credentials_open_to_others", "credentials_malformed")."""
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("credentials_unreadable", file=str(file)) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refused("credentials_open_to_others", file=str(file))
    user, colon, password = text.strip().partition(":")
    if not (user and colon and password):
        raise Refused("credentials_malformed", file=str(file))
    return Credentials(user=user, password=password)
