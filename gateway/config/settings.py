"""The whole configuration: every default here makes four lines with one camera a complete file."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gateway.config.base import Credential, FilePath, Port, Slug, Strict, Title, wrong
from gateway.config.cameras import Camera
from gateway.config.climate import Climate
from gateway.config.devices import Device, Sensor
from gateway.config.rules import RuleSpec
from gateway.config.uplink import Uplink

Days = Annotated[float, Field(gt=0, le=3660)]


class Gateway(Strict):
    id: Slug = "hearthgate"
    """Names this gateway in topics; two gateways on one broker need two ids."""
    name: Title = "Hearthgate"
    data_dir: FilePath = Path("/var/lib/hearthgate")
    key_file: FilePath = Path("/var/lib/hearthgate-key/vault.key")
    """Seals face templates; made on first start; must not lie in the data directory."""
    secrets_dir: FilePath = Path("/etc/hearthgate/secrets")
    """Credential files where systemd hands none over; each of mode 0600."""


class Discovery(Strict):
    enabled: bool = True
    prefix: Annotated[str, Field(pattern=r"^[^+#\s]+$")] = "homeassistant"
    form: Literal["single", "device"] = "single"
    """"single" works with every Home Assistant, "device" from 2024.11 on."""


class Mqtt(Strict):
    """With a `host` an own broker is used, without one the embedded broker."""

    embedded: bool = True
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")] | None = None
    port: Port = 1883
    credential: Credential | None = None
    """Name of the credential that holds user:password for the broker."""
    tls: bool = False
    listen: str = "127.0.0.1"
    """Embedded only: the address to listen on."""
    users: tuple[Credential, ...] = ()
    """Embedded only: credentials of the devices that may connect."""
    discovery: Discovery = Discovery()

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        if isinstance(data, dict) and "embedded" not in data:
            data = {**data, "embedded": data.get("host") is None}
        if isinstance(data, dict) and data.get("tls") is True and "port" not in data:
            data = {**data, "port": 8883}
        return data

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.embedded == (self.host is not None):
            raise wrong("give either a host or embedded: true", "leave both out for the embedded broker")
        return self


class PageTls(Strict):
    """PEM files. A credential systemd hands over lies in $CREDENTIALS_DIRECTORY and can be named by its path."""

    cert_file: FilePath
    key_file: FilePath


class Web(Strict):
    host: str = "0.0.0.0"  # noqa: S104 - the page is meant for the home network and has a login
    port: Port = 8080
    tls: PageTls | Literal["auto", "off"] = "auto"
    """"auto": https on sockets that systemd hands over for it, with the certificate in /etc/hearthgate/tls; http at an
    address of our own."""
    metrics_credential: Credential | None = None
    """Name of the credential with the bearer token for /metrics; without it only a signed-in person may read them."""


class Retention(Strict):
    """What is kept for how long. Recordings go oldest first."""

    events_days: Days = 90.0
    media_days: Days = 14.0
    strangers_hours: Annotated[float, Field(gt=0, le=24)] = 24.0
    """Pictures of people who never agreed; a day at most."""
    media_mb: Annotated[int, Field(ge=16)] = 2048
    reserve_mb: Annotated[int, Field(ge=16)] = 64
    """Stays free on the disk."""


class Models(Strict):
    directory: FilePath | None = None
    """Where model files lie; "models" in the data directory where left out."""
    accelerator: Literal["auto", "off"] = "auto"
    """"auto" uses an Edge TPU while one works, the processor otherwise; "off" never looks for one."""
    tpu_library: Annotated[str, Field(pattern=r"^[A-Za-z0-9_./+-]+$")] = "libedgetpu.so.1"
    """Built against TensorFlow 2.17 or later; only ever opened in a process of its own."""
    trusted_keys: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    """Ed25519 public keys, in hex, whose model bundles are taken in; at most two, the second to change over to."""
    seal_credential: Credential | None = None
    """Name of the credential with 64 hex digits by which the files of bundles are encrypted on the disk."""


class Faces(Strict):
    announce_again_s: Annotated[float, Field(ge=0)] = 30.0
    """The same person, or any stranger, at the same camera is announced again only after this long."""


class Updates(Strict):
    """Of the whole system, where an updater is installed. A hub's campaigns need none of it."""

    index: Annotated[str, Field(pattern=r"^https://[^\s@]{1,500}$")] | None = None
    """A static index of releases, asked once a day; without it nobody is asked."""
    automatic: Literal["none", "download", "install"] = "none"
    """What is done with a newer release of the index: it is shown, laid beside the running system, or started too."""
    reboot: Literal["night", "by_hand"] = "night"
    """When what a hub had installed is started; what came from the index where `automatic` is "install"."""
    window: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] = "02:00-05:00"
    """The night, in local time."""
    stable_minutes: Annotated[float, Field(ge=1, le=60)] = 3.0
    """For how long all has to be well before a started system counts as good."""


class Logging(Strict):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Strict):
    """Immutable; a change builds new Settings."""

    version: Literal[1] = 1
    gateway: Gateway = Gateway()
    mqtt: Mqtt = Mqtt()
    cameras: tuple[Camera, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    devices: tuple[Device, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    rules_files: tuple[FilePath, ...] = ()
    """Files with more rules; `load_settings` appends them to `rules`."""
    climate: Climate = Climate()
    uplink: Uplink = Uplink()
    web: Web = Web()
    retention: Retention = Retention()
    models: Models = Models()
    faces: Faces = Faces()
    updates: Updates = Updates()
    logging: Logging = Logging()

    @property
    def models_dir(self) -> Path:
        return self.models.directory or self.gateway.data_dir / "models"
