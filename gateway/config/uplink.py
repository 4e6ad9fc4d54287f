"""What leaves, and where to. Without `host` nothing leaves."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.config.base import Credential, FilePath, Port, Strict, wrong
from gateway.wire.summary import Stream

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")]


class StreamPolicy(Strict):
    """What is kept of one stream while it cannot leave."""

    enabled: bool = True
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    """0 leaves first after an outage."""
    max_bytes: Annotated[int, Field(ge=10_000, le=10**10)] = 8_000_000
    max_age_days: Annotated[float, Field(gt=0, le=3660)] = 90.0
    on_full: Literal["drop_oldest", "reject_new"] = "drop_oldest"
    durability: Literal["full", "normal"] = "full"
    """"full" survives a power cut as soon as it is taken; "normal" may lose the last seconds then."""


_USUAL: dict[Stream, StreamPolicy] = {
    Stream.DROPS: StreamPolicy(priority=0, max_bytes=1_000_000),
    Stream.UPDATES: StreamPolicy(priority=1, max_bytes=1_000_000),
    Stream.CLIMATE: StreamPolicy(priority=2),
    Stream.HEALTH: StreamPolicy(priority=3, max_age_days=30),
    Stream.MODELS: StreamPolicy(priority=4, max_age_days=30),
    Stream.ENERGY: StreamPolicy(priority=4, max_age_days=365),
    Stream.EVENTS: StreamPolicy(),
    Stream.PRESENCE: StreamPolicy(priority=6),
    Stream.DEVICES: StreamPolicy(priority=7, durability="normal", max_age_days=30),
}


class Kafka(Strict):
    """Instead of MQTT, for gateways beside a cluster; needs the extra "kafka"."""

    brokers: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+:[0-9]{1,5}$")], ...], Field(min_length=1)]
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")] = "hearthgate"


class Tls(Strict):
    """Where left out, the system's authorities are believed and no certificate is shown."""

    ca_file: FilePath | None = None
    cert_file: FilePath | None = None
    key_file: FilePath | None = None
    """Of mode 0600; a credential systemd hands over lies in $CREDENTIALS_DIRECTORY and can be named by its path."""

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise wrong("cert_file and key_file belong together", "give both or none")
        return self


class Privacy(Strict):
    epsilon_per_day: Annotated[float, Field(gt=0, le=100)] | None = None
    """Differential privacy of the counts of events; left out, counts are exact."""


class Uplink(Strict):
    host: Host | None = None
    port: Port = 8883
    tls: Tls | Literal["off"] = Tls()
    """`off` is for brokers on the same machine."""
    credential: Credential | None = None
    """Name of the credential with user:password, or user:token."""
    profile: Literal["hub", "generic", "aws", "eventgrid"] = "hub"
    """Names and limits of the other end. Only "hub" sends receipts; elsewhere the broker's acknowledgement counts."""
    bandwidth_kbit_s: Annotated[float, Field(gt=0, le=1e6)] = 64.0
    batch: Annotated[int, Field(ge=1, le=1000)] = 100
    """Most summaries under way at once."""
    batch_s: Annotated[float, Field(ge=0, le=3600)] = 5.0
    """How long the first of a batch waits for company."""
    stalled_s: Annotated[float, Field(ge=5, le=3600)] = 60.0
    """Without a receipt for so long the connection is made anew."""
    every_s: Annotated[int, Field(ge=60, le=3600)] = 3600
    """How often summaries are made. Parts of an hour add up; it must be a whole part of it."""
    streams: Mapping[Stream, StreamPolicy] = Field(default_factory=dict)
    privacy: Privacy = Privacy()
    kafka: Kafka | None = None

    @model_validator(mode="after")
    def _parts(self) -> Self:
        if 3600 % self.every_s:
            raise wrong("every_s must be a whole part of an hour", "for example 60, 300, 900 or 3600")
        if self.every_s < 3600 and self.privacy.epsilon_per_day is not None:
            raise wrong("differential privacy counts by whole hours", "leave every_s out")
        return self

    @property
    def enabled(self) -> bool:
        return self.host is not None or self.kafka is not None

    def policy(self, stream: Stream) -> StreamPolicy:
        """As set, over what is usual for the stream."""
        usual = _USUAL.get(stream, StreamPolicy())
        given = self.streams.get(stream)
        if given is None:
            return usual
        return usual.model_copy(update={name: getattr(given, name) for name in given.model_fields_set})
