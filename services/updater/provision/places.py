"""Where everything lies, below a root that tests choose."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Numbers of those who may read what root writes."""

    gateway: int
    gateway_group: int
    broker_group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    root: Path = Path("/")

    @property
    def stick(self) -> Path:
        """The FAT partition that a person sees on any computer."""
        return self.root / "boot/hearthgate"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def etc(self) -> Path:
        return self.root / "etc/hearthgate"

    @property
    def settings(self) -> Path:
        return self.etc / "gateway.yaml"

    @property
    def secrets(self) -> Path:
        """The gateway's own: `user:password` of cameras."""
        return self.etc / "secrets"

    @property
    def credentials(self) -> Path:
        """Root's; handed to the gateway by systemd."""
        return self.etc / "credentials"

    @property
    def tls(self) -> Path:
        return self.etc / "tls"

    @property
    def mqtt(self) -> Path:
        return self.etc / "mqtt"

    @property
    def granted(self) -> Path:
        """For the gateway: a `gateway.wire.accounts.Granted`."""
        return self.etc / "accounts.json"

    @property
    def data_of_gateway(self) -> Path:
        return self.root / "var/lib/hearthgate"

    @property
    def ssh(self) -> Path:
        return self.root / "etc/ssh/keys"

    @property
    def networks(self) -> Path:
        return self.root / "etc/NetworkManager/system-connections"

    @property
    def share(self) -> Path:
        """What the image brings: the first settings, the broker's access list."""
        return self.root / "usr/share/hearthgate"

    @property
    def image(self) -> Path:
        return self.root / "usr/lib/hearthgate/image.json"

    @property
    def claimed(self) -> Path:
        """Laid by the gateway once somebody owns it."""
        return self.data_of_gateway / "claimed"

    @property
    def imported(self) -> Path:
        """For the updater: a JSON list of `gateway.wire.update.Imported`."""
        return self.root / "var/lib/hearthgate-updater/imported.json"

    @property
    def store(self) -> Path:
        """Where systemd looks for credentials by name (systemd.exec(5), LoadCredential=)."""
        return self.root / "run/credstore"

    @property
    def run(self) -> Path:
        """In memory, for what is not to be found on the disk afterwards."""
        return self.root / "run/hearthgate-provision"

    @property
    def firewall(self) -> Path:
        """Rules that nftables.conf includes."""
        return self.root / "run/hearthgate-nftables"
