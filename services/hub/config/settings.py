"""All that can be set for a hub (`config/hub.yaml` shows it for people)."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gateway.config.base import Credential, FilePath, Port, Seconds, Strict, wrong
from services.hub.config.pages import AlertSettings, WebSettings, is_loopback

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")]

_PLAIN_PORT, _TLS_PORT = 1883, 8883
_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@|[?&]password=")


def _no_password(dsn: str) -> str:
    if not dsn.startswith(("postgresql://", "postgres://")):
        raise wrong("must begin with postgresql://", "left out, an SQLite file in data_dir is used")
    if _PASSWORD.search(dsn):
        raise wrong("holds a password", "put it into a password file and add ?passfile=/path/of/it")
    return dsn


class Tls(Strict):
    cert_file: FilePath
    key_file: FilePath
    """Of mode 0600."""
    ca_file: FilePath | None = None
    """Whose certificates prove a gateway; left out, only tokens do."""


class DoorSettings(Strict):
    """Where gateways connect to the hub itself."""

    host: Host = "127.0.0.1"
    port: Port | None = None
    """Left out: 8883 with TLS, 1883 without."""
    tls: Tls | None = None
    most_connections: Annotated[int, Field(ge=1, le=100_000)] = 20_000

    @property
    def listens_on(self) -> int:
        return self.port or (_PLAIN_PORT if self.tls is None else _TLS_PORT)

    @model_validator(mode="after")
    def _secret(self) -> Self:
        if self.tls is None and not is_loopback(self.host):
            raise wrong("without tls listens on this machine only", "give tls, or host: 127.0.0.1")
        return self


class BrokerTls(Strict):
    """Where left out, the system's authorities are believed and no certificate is shown."""

    ca_file: FilePath | None = None
    cert_file: FilePath | None = None
    key_file: FilePath | None = None

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise wrong("cert_file and key_file belong together", "give both or none")
        return self


class BrokerSettings(Strict):
    """An MQTT 5 broker that gateways connect to instead; any number of hubs share its messages."""

    host: Host
    port: Port = 8883
    tls: BrokerTls | Literal["off"] = BrokerTls()
    """`off` is for a broker on the same machine."""
    credential: Credential | None = None
    """Name of the credential with user:password."""
    group: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,48}$")] = "hub"
    """Workers of one group share the messages between them."""
    receive_maximum: Annotated[int, Field(ge=10, le=65_535)] = 2000
    """Messages a worker holds that are not on the disk yet."""
    patience_s: Annotated[float, Field(ge=0, le=60)] = 3.0
    """For so long a summary waits for the hello that announces it and may have come to another worker."""


class BatchSettings(Strict):
    most: Annotated[int, Field(ge=1, le=5000)] = 500
    """Messages to one commit."""
    linger_s: Annotated[float, Field(ge=0, le=5)] = 0.02
    """How long the first of them waits for company."""


class RetentionSettings(Strict):
    summaries_days: Annotated[int, Field(ge=32, le=3660)] = 400
    """Whole months go at once."""
    rollups_days: Annotated[int, Field(ge=32, le=36_600)] = 3660
    records_days: Annotated[int, Field(ge=32, le=36_600)] = 400
    """Lines of the audit, and alerts that are past."""

    @property
    def summaries(self) -> timedelta:
        return timedelta(days=self.summaries_days)

    @property
    def rollups(self) -> timedelta:
        return timedelta(days=self.rollups_days)

    @property
    def records(self) -> timedelta:
        return timedelta(days=self.records_days)


class HubSettings(Strict):
    data_dir: FilePath = Path("/var/lib/hearthgate-hub")
    secrets_dir: FilePath = Path("/etc/hearthgate-hub/secrets")
    database: Annotated[str, AfterValidator(_no_password)] | None = None
    """A PostgreSQL address; left out, an SQLite file in `data_dir`."""
    door: DoorSettings = DoorSettings()
    broker: BrokerSettings | None = None
    """Where given, the door stays shut."""
    batch: BatchSettings = BatchSettings()
    retention: RetentionSettings = RetentionSettings()
    web: WebSettings | None = None
    """Left out, no pages and no enrolment: of several hubs on one database one has them."""
    alerts: AlertSettings = AlertSettings()
    upkeep_s: Annotated[Seconds, Field(ge=10, le=3600)] = 300.0

    @property
    def bundles(self) -> Path:
        """Workers on several machines share it."""
        return self.data_dir / "bundles"

    @property
    def store(self) -> str | Path:
        return self.database or self.data_dir / "hub.db"
