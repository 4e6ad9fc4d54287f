"""network/*.nmconnection: connections in NetworkManager's own form (nm-settings-keyfile(5))."""

import re
from configparser import Error, RawConfigParser
from pathlib import Path

from gateway.errors import Invalid
from services.updater.provision import disk
from services.updater.provision.places import Places

FOLDER = "network"
ENDING = ".nmconnection"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}\.nmconnection")
_MOST_BYTES = 64 * 1024
_TYPES = {
    "wifi": "wifi",
    "802-11-wireless": "wifi",
    "ethernet": "ethernet",
    "802-3-ethernet": "ethernet",
    "vlan": "vlan",
    "bridge": "bridge",
    "bond": "bond",
    "gsm": "gsm",
    "wireguard": "wireguard",
}
"""What NetworkManager does by itself: a connection of another type may start a program."""

_SPELLINGS = {"802-11-wireless": "wifi", "802-11-wireless-security": "wifi-security", "802-3-ethernet": "ethernet"}


def take_in(places: Places, file: Path) -> None:
    """Raises `Invalid` ("network_name", "network_form", "network_type", "network_ssid", "network_password", what
    `disk.read` raises) and `OSError`."""
    if not _NAME.fullmatch(file.name):
        raise Invalid("network_name", expected="letters, digits, space, _ . -")
    data = disk.read(file, _MOST_BYTES)
    check(data)
    disk.put(places.networks / file.name, data.replace(b"\r\n", b"\n"), mode=0o600)


def check(data: bytes) -> None:
    """What NetworkManager would drop without a word to the person who wrote it. Raises as `take_in` does."""
    parser = RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",), empty_lines_in_values=False)
    try:
        parser.read_string(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Invalid("network_form", expected="UTF-8") from None
    except Error as error:
        raise Invalid("network_form", line=getattr(error, "lineno", None) or "unknown") from None
    sections = {_SPELLINGS.get(name, name): dict(parser[name]) for name in parser.sections()}
    connection = sections.get("connection", {})
    if "id" not in connection:
        raise Invalid("network_form", expected="id= under [connection]")
    kind = _TYPES.get(connection.get("type", ""))
    if kind is None:
        raise Invalid("network_type", found=connection.get("type", "")[:32], expected=", ".join(sorted(set(_TYPES))))
    if kind == "wifi":
        _check_wifi(sections)


def _check_wifi(sections: dict[str, dict[str, str]]) -> None:
    if not sections.get("wifi", {}).get("ssid"):
        raise Invalid("network_ssid", expected="ssid= under [wifi]")
    security = sections.get("wifi-security", {})
    if security.get("key-mgmt") == "wpa-psk" and not _is_wpa_key(security.get("psk", "")):
        raise Invalid("network_password", expected="8 to 63 characters")


def _is_wpa_key(psk: str) -> bool:
    """IEEE 802.11i: a pass phrase of 8 to 63 printable ASCII characters, or 64 hexadecimal digits."""
    return bool(re.fullmatch(r"[ -~]{8,63}|[0-9A-Fa-f]{64}", psk))
