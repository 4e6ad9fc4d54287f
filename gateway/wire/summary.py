"""All that may leave a home: a closed union of small records of numbers, enums and ids of things.

There is no field for free text, a name, a picture or an embedding, and a test walks the union to see that none comes
in. Everything is counted over one clock hour in UTC: `hour` is the POSIX time it began, in s.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gateway.types import Kind, Level
from gateway.types.climate import Alarm
from gateway.wire import release

HOUR_S = 3600

ThingId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")]
"""Of a room, a camera, a device or a gateway, as the settings call it. Never a person's."""
ModelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Version = release.Version
UpdateState = release.UpdateState
Hour = Annotated[int, Field(ge=0, le=2**40, multiple_of=HOUR_S)]
Count = Annotated[int, Field(ge=0, le=2**40)]
Seconds = Annotated[float, Field(ge=0, le=1e9)]
Celsius = Annotated[float, Field(ge=-60, le=200)]
Share = Annotated[float, Field(ge=0, le=1)]


class Stream(StrEnum):
    """What a home chooses by; each is ordered in itself."""

    PRESENCE = "presence"
    EVENTS = "events"
    CLIMATE = "climate"
    ENERGY = "energy"
    DEVICES = "devices"
    MODELS = "models"
    HEALTH = "health"
    UPDATES = "updates"
    DROPS = "drops"


class DropReason(StrEnum):
    FULL = "full"
    """No room within the stream's bytes."""
    AGE = "age"
    """Older than the stream may become."""
    REFUSED = "refused"
    """The hub would not have it."""
    CORRUPT = "corrupt"
    """What was kept could not be read any more."""
    DISK = "disk"
    """It could not be written."""


class _Summary(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    hour: Hour


class Presence(_Summary):
    """For how many minutes of the hour somebody was in a room, or before a camera."""

    kind: Literal["presence"] = "presence"
    room: ThingId
    minutes: Annotated[float, Field(ge=0, le=60)]


class EventCount(_Summary):
    """`noisy` where differential privacy was added: then `count` is the noisy one, and 0 where it fell below."""

    kind: Literal["event_count"] = "event_count"
    of: Kind
    count: Count
    noisy: bool = False


class Comfort(_Summary):
    """Kelvin-hours below what was wanted less 0.5 K, and above what was wanted plus 1 K, in comfort times."""

    kind: Literal["comfort"] = "comfort"
    room: ThingId
    kh_below: Annotated[float, Field(ge=0, le=1000)] = 0.0
    kh_above: Annotated[float, Field(ge=0, le=1000)] = 0.0
    mean_c: Celsius | None = None


class Energy(_Summary):
    """Metered where there is a meter, else from the heater's nominal power and the time it ran."""

    kind: Literal["energy"] = "energy"
    thing: ThingId
    kwh: Annotated[float, Field(ge=0, le=1e5)]
    metered: bool


class HeaterFault(_Summary):
    kind: Literal["heater_fault"] = "heater_fault"
    room: ThingId
    fault: Alarm
    seconds: Seconds
    """Of this hour, that it stood."""


class ModelHealth(_Summary):
    kind: Literal["model_health"] = "model_health"
    model: ModelId
    serial: Count
    inferences: Count
    failures: Count = 0
    p95_ms: Annotated[float, Field(ge=0, le=1e6)] | None = None


class DeviceHealth(_Summary):
    kind: Literal["device_health"] = "device_health"
    device: ThingId
    readings: Count
    level: Level


class GatewayHealth(_Summary):
    kind: Literal["gateway_health"] = "gateway_health"
    version: Version
    uptime_s: Seconds
    cpu_share: Annotated[float, Field(ge=0, le=1024)]
    """CPU seconds by seconds; 2.0 are two cores."""
    rss_mb: Annotated[float, Field(ge=0, le=1e6)]
    disk_free_mb: Annotated[float, Field(ge=0, le=1e9)]
    temp_c: Celsius | None = None
    parts_degraded: Count = 0
    parts_down: Count = 0
    camera_bytes: Count = 0
    """That came in from cameras in this hour."""
    uplink_bytes: Count = 0
    """That left in this hour."""


class Update(_Summary):
    kind: Literal["update"] = "update"
    state: UpdateState
    version: Version
    campaign: Count | None = None


class Dropped(_Summary):
    """What was taken and never arrived, or was not taken, in this hour: nothing is lost in silence."""

    kind: Literal["dropped"] = "dropped"
    stream: Stream
    reason: DropReason
    count: Count
    bytes: Count


Summary = Annotated[
    Presence
    | EventCount
    | Comfort
    | Energy
    | HeaterFault
    | ModelHealth
    | DeviceHealth
    | GatewayHealth
    | Update
    | Dropped,
    Field(discriminator="kind"),
]

SUMMARY: TypeAdapter[Summary] = TypeAdapter(Summary)

STREAM_OF: dict[str, Stream] = {
    "presence": Stream.PRESENCE,
    "event_count": Stream.EVENTS,
    "comfort": Stream.CLIMATE,
    "energy": Stream.ENERGY,
    "heater_fault": Stream.CLIMATE,
    "model_health": Stream.MODELS,
    "device_health": Stream.DEVICES,
    "gateway_health": Stream.HEALTH,
    "update": Stream.UPDATES,
    "dropped": Stream.DROPS,
}
"""By `kind`; every kind travels in one stream only."""
