"""What only a real machine does: other programs, the kernel."""

import contextlib
import ipaddress
import json
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.errors import Refused
from services.updater.provision.places import Owners

_PATIENCE_S = 120.0
"""For a slow card in the first minute of its life; less than the unit's TimeoutStartSec."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    valid: bool
    told: str
    """What the check printed."""


class Machine(Protocol):
    def be_called(self, name: str) -> None:
        """The name by which it greets the network. Raises `OSError`."""

    def check_settings(self, file: Path) -> Verdict:
        """What the gateway itself thinks of it, asked without privileges. Raises `Refused("settings_unchecked")`."""

    def hash_password(self, user: str, password: str, scratch: Path) -> str:
        """A line for Mosquitto. Raises `Refused("tool_failed")`."""

    def host_key(self, file: Path) -> None:
        """A new one for SSH, in `file` and `file`.pub. Raises `Refused("tool_failed")`."""

    def addresses(self) -> list[Address]:
        """Those by which it can be reached at this moment."""


class RealMachine:
    def __init__(self, owners: Owners) -> None:
        self._owners = owners

    def be_called(self, name: str) -> None:
        socket.sethostname(name)

    def check_settings(self, file: Path) -> Verdict:
        program = Path(sys.executable).with_name("hearthgate")
        unprivileged = {"user": self._owners.gateway, "group": self._owners.gateway_group, "extra_groups": []}
        try:
            done = subprocess.run(  # noqa: S603  # our own program
                [program, "check-config", file],
                capture_output=True,
                check=False,
                cwd=file.parent,
                env={"LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
                timeout=_PATIENCE_S,
                **unprivileged,  # type: ignore[call-overload]
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise Refused("settings_unchecked", cause=type(error).__name__) from None
        return Verdict(valid=done.returncode == 0, told=done.stderr.decode(errors="replace"))

    def hash_password(self, user: str, password: str, scratch: Path) -> str:
        scratch.touch(0o600)
        try:
            scratch.write_text(f"{user}:{password}\n", encoding="utf-8")
            _run("mosquitto_passwd", "-U", str(scratch))
            return scratch.read_text(encoding="utf-8").strip()
        finally:
            scratch.unlink(missing_ok=True)

    def host_key(self, file: Path) -> None:
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file))

    def addresses(self) -> list[Address]:
        with contextlib.suppress(Refused, ValueError):
            listed = json.loads(_run("ip", "-json", "address", "show", "up"))
            found = [entry for link in listed for entry in link.get("addr_info", ()) if entry.get("scope") == "global"]
            return [ipaddress.ip_address(entry["local"]) for entry in found if not entry.get("temporary")]
        return []


def _run(program: str, *arguments: str) -> bytes:
    found = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise Refused("tool_failed", tool=program, cause="missing")
    try:
        done = subprocess.run(  # noqa: S603  # fixed program, no shell
            [found, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Refused("tool_failed", tool=program, cause=type(error).__name__) from None
    return done.stdout
