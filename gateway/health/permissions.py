"""Can secrets be read by us and by nobody else?"""

import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.config.settings import Settings
from gateway.health.credentials import credential_worry
from gateway.health.finding import Finding, fail, ok

WORRY = "permissions"


def check_permissions(settings: Settings) -> list[Finding]:
    """Credentials of cameras and of an own broker are looked at with these."""
    secrets_dir = settings.gateway.secrets_dir
    users = [credential_worry(WORRY, name, secrets_dir) for name in settings.mqtt.users]
    findings = [*_key(settings.gateway.key_file), *(one for one in users if one is not None)]
    return findings or [ok(WORRY, "key and credentials are private")]


def _key(path: Path) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return  # made on first start
    except OSError as error:
        reason = error.strerror or "unknown"
        yield fail(WORRY, "vault_key_unreadable", f"{path} cannot be read: {reason}", "give it to the user hearthgate")
        return
    if mode & 0o077:
        yield fail(WORRY, "vault_key_mode", f"{path} can be read by others (mode {mode:04o})", f"chmod 0600 {path}")
