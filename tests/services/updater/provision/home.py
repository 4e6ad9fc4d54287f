"""A machine of our own making below a temporary directory."""

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from services.updater.provision.machine import Address, Verdict
from services.updater.provision.places import Owners, Places

ME = Owners(gateway=os.getuid(), gateway_group=os.getgid(), broker_group=os.getgid())

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIpTupMigPuVjH33A/yCxmxLwAW+/q7YssMTAg/wVuBX ida@laptop"
WIFI = b"[connection]\nid=home\ntype=wifi\n\n[wifi]\nssid=Home\n\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=0pen-sesame\n"
SETTINGS = b"""timezone: Europe/Berlin
credentials:
  door: admin:c4nary-d00r
mqtt_accounts:
  zigbee2mqtt: c4nary-zigbee
cameras:
  - name: door
    url: rtsp://192.168.1.20/stream1
    credential: door
"""
SECRETS = (b"c4nary-d00r", b"c4nary-zigbee", b"0pen-sesame")


@dataclass(slots=True)
class FakeMachine:
    """Believes every file of settings that does not say "broken"."""

    called: str = ""
    asked: list[bytes] = field(default_factory=list)
    reached: tuple[Address, ...] = (ip_address("192.168.1.7"), ip_address("2003::7"))

    def be_called(self, name: str) -> None:
        self.called = name

    def check_settings(self, file: Path) -> Verdict:
        self.asked.append(file.read_bytes())
        broken = b"broken" in self.asked[-1]
        return Verdict(valid=not broken, told=f"{file}:1: cameras: not so" if broken else f"{file}: valid")

    def hash_password(self, user: str, password: str, scratch: Path) -> str:
        return f"{user}:$7$101$c2FsdHNhbHQ=${password.encode().hex().ljust(16, '0')}"

    def host_key(self, file: Path) -> None:
        file.write_text("private")
        file.with_name(f"{file.name}.pub").write_text("public")

    def addresses(self) -> list[Address]:
        return list(self.reached)


def machine_of(root: Path) -> Places:
    """As the image is when it starts for the first time."""
    places = Places(root=root)
    for folder in (places.stick, places.data, places.share, places.image.parent, places.imported.parent, root / "run"):
        folder.mkdir(parents=True)
    (root / "var/lib/hearthgate").mkdir()
    card = root / "sys/class/net/eth0"
    (card / "device").mkdir(parents=True)
    (card / "address").write_text("d8:3a:dd:01:ab:12\n")
    (places.share / "gateway.yaml").write_text("gateway:\n  id: @NAME@\n")
    (places.share / "hearthgate.acl").write_text("user hearthgate\ntopic readwrite #\n")
    (root / "usr/share/zoneinfo/Europe").mkdir(parents=True)
    (root / "usr/share/zoneinfo/Europe/Berlin").touch()
    places.image.write_text('{"board": "x86_64", "version": "1.0.0", "built": "2026-01-01T00:00:00Z"}')
    return places


def lay_everything(places: Places) -> None:
    """On the FAT partition, as a person would."""
    (places.stick / "network").mkdir(exist_ok=True)
    (places.stick / "network/home.nmconnection").write_bytes(WIFI)
    (places.stick / "authorized_keys").write_text(f"{KEY}\n")
    (places.stick / "hearthgate.yaml").write_bytes(SETTINGS)


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
