"""hearthgate.yaml: the gateway's settings, and beside them in one file what belongs into no settings.

```yaml
timezone: Europe/Berlin      # of the house; UTC without it
credentials:                 # of cameras and brokers: NAME: USER:PASSWORD
  door: admin:secret
mqtt_accounts:               # who may speak to the gateway's own broker: NAME: PASSWORD
  zigbee2mqtt: another secret
cameras: ...
```
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import Invalid
from services.updater.provision import accounts, disk
from services.updater.provision.machine import Machine
from services.updater.provision.places import Owners, Places

FILE = "hearthgate.yaml"
_SECTIONS = ("credentials", "mqtt_accounts")
_ZONE = "timezone"
_NAMED = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}")
_ENTRY = re.compile(r"[ \t]+(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,63})[ \t]*:[ \t]+(?P<value>\S.*?)[ \t]*")
_QUOTED = re.compile(r"'(?P<single>(?:[^']|'')*)'|\"(?P<double>[^\"\\]*)\"")
_MOST_BYTES = 256 * 1024

_BROKER = """
# The broker of this machine; a host of yours under mqtt: takes its place.
mqtt:
  host: 127.0.0.1
  credential: broker
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """`settings` with the other lines blank, so that every one keeps its number."""

    settings: str
    timezone: str | None
    credentials: dict[str, str] = field(repr=False)
    mqtt_accounts: dict[str, str] = field(repr=False)


def take_in(places: Places, owners: Owners, machine: Machine) -> None:
    """Secrets first: whatever the power does, what the settings name is there.

    Raises `Invalid` ("settings_text", "settings_secrets", "settings_timezone", "settings_invalid", what `disk.read`
    and `accounts` raise), `Refused` ("settings_unchecked", "tool_failed") and `OSError`."""
    parted = part(_text(disk.read(places.stick / FILE, _MOST_BYTES)))
    settings = complete(parted.settings).encode()
    for client, password in parted.mqtt_accounts.items():
        accounts.check(client, password)
    zone = _zone(places, parted.timezone)
    _check(places, owners, machine, settings)
    if zone is not None:
        disk.link(places.etc / "localtime", zone)
    for name, secret in parted.credentials.items():
        file = places.secrets / name
        disk.put(file, secret.encode(), mode=0o600, owner=owners.gateway, group=owners.gateway_group)
    if parted.mqtt_accounts:
        accounts.admit(places, machine, parted.mqtt_accounts)
    disk.put(places.settings, settings, mode=0o640, group=owners.gateway_group)


def part(text: str) -> Parted:
    """Raises `Invalid("settings_secrets")` with the line of what is no `name: value`."""
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    section, zone, left = None, None, []
    for number, line in enumerate(text.splitlines(), start=1):
        if line[:1] not in {"", " ", "\t", "#"}:
            name, _, rest = line.partition(":")
            section = name.strip() if name.strip() in _SECTIONS and _is_bare(rest) else None
            zone = _bare(rest) if name.strip() == _ZONE else zone
            left.append("" if section or name.strip() == _ZONE else line)
        elif section is None:
            left.append(line)
        else:
            left.append("")
            found[section] |= _entry(line, number)
    return Parted(settings="\n".join(left) + "\n", timezone=zone, **found)


def complete(text: str) -> str:
    """With the broker of this machine where the settings name none."""
    named = re.search(r"^mqtt[ \t]*:", text, re.MULTILINE)
    return text if named else text + _BROKER


def _bare(rest: str) -> str:
    return rest.partition("#")[0].strip().strip("'\"")


def _is_bare(rest: str) -> bool:
    return _bare(rest) == ""


def _zone(places: Places, named: str | None) -> Path | None:
    """The file of a time zone, as the device will find it. Raises `Invalid("settings_timezone")`."""
    if named is None:
        return None
    file = Path("usr/share/zoneinfo") / named
    if not _NAMED.fullmatch(named) or not (places.root / file).is_file():
        raise Invalid("settings_timezone", found=named[:64], expected="a name such as Europe/Berlin")
    return Path("/") / file


def _entry(line: str, number: int) -> dict[str, str]:
    if not line.strip() or line.lstrip().startswith("#"):
        return {}
    entry = _ENTRY.fullmatch(line)
    if entry is None:
        raise Invalid("settings_secrets", line=number, expected="NAME: VALUE")
    return {entry["name"]: _value(entry["value"], number)}


def _value(text: str, number: int) -> str:
    """A YAML scalar on one line: plain, or in quotes. What YAML would read differently has to be quoted."""
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return quoted["double"] if quoted["single"] is None else quoted["single"].replace("''", "'")
    if text[0] in "'\"{[&*!|>%@`#" or " #" in text or ": " in text:
        raise Invalid("settings_secrets", line=number, expected="quotes around the value")
    return text


def _text(raw: bytes) -> str:
    """Editors of Windows begin with a mark, or write UTF-16."""
    try:
        return raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("settings_text", expected="UTF-8") from None


def _check(places: Places, owners: Owners, machine: Machine, settings: bytes) -> None:
    file = places.run / FILE
    try:
        disk.put(file, settings, mode=0o640, group=owners.gateway_group)
        verdict = machine.check_settings(file)
    finally:
        disk.drop(file)
    if not verdict.valid:
        raise Invalid("settings_invalid", problems=verdict.told.replace(f"{places.run}/", "").strip())
