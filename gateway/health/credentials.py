"""A credential that cannot be used, in words."""

from pathlib import Path

from gateway.config.secrets import read_credential
from gateway.errors import Refused
from gateway.health.finding import Finding, fail

_MESSAGES = {
    "credential_missing": "is not there",
    "credential_mode": "can be read by others",
    "credential_invalid": "does not hold user:password",
}


def credential_worry(worry: str, name: str, secrets_dir: Path) -> Finding | None:
    """None where it can be used."""
    try:
        read_credential(name, secrets_dir)
    except Refused as error:
        message = f"credential '{name}' {_MESSAGES.get(error.key, 'cannot be used')}"
        return fail(worry, error.key, message, f"write user:password into {secrets_dir / name} and chmod 0600 it")
    return None
