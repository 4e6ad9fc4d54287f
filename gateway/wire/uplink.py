"""Between a gateway and its hub beside the summaries: topics, hello, receipts, notices, twin and campaigns.

Topics have at most 7 slashes. JSON, UTF-8; every message of a stranger is checked whole and refused whole.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.errors import Invalid
from gateway.wire.document import Document
from gateway.wire.summary import Stream, ThingId, UpdateState, Version

ROOT = "gw/v1"
WIRE = 1
"""Grows with what an older hub could not read; a hub serves this one and the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkTopics:
    gateway: str

    @property
    def base(self) -> str:
        return f"{ROOT}/{self.gateway}"

    def stream(self, stream: Stream) -> str:
        """Gateway to hub: one `Envelope` a message."""
        return f"{self.base}/s/{stream.value}"

    @property
    def hello(self) -> str:
        """Gateway to hub, retained: `Hello`. The last will says `online` false."""
        return f"{self.base}/hello"

    @property
    def receipt(self) -> str:
        """Hub to gateway: `Receipt`."""
        return f"{self.base}/receipt"

    @property
    def notice(self) -> str:
        """Hub to gateway: `Notice`."""
        return f"{self.base}/notice"

    @property
    def desired(self) -> str:
        """Hub to gateway, retained: `Desired`."""
        return f"{self.base}/twin/desired"

    @property
    def reported(self) -> str:
        """Gateway to hub: `Reported`."""
        return f"{self.base}/twin/reported"

    @property
    def offer(self) -> str:
        """Hub to gateway, retained: `Offer` of the newest campaign that concerns it, or empty."""
        return f"{self.base}/campaign/offer"

    @property
    def progress(self) -> str:
        """Gateway to hub: `Progress` of a campaign; sent again until a `Receipt` names it."""
        return f"{self.base}/campaign/progress"


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Hello(_Message):
    """`instance` is drawn once when the data directory is made: two gateways under one id differ in it."""

    online: bool
    instance: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    epoch: Annotated[int, Field(ge=0, lt=10**18)]
    version: Version
    wire: int = WIRE


class Run(_Message):
    """`first` to `last` of one stream and epoch, both included."""

    stream: Stream
    epoch: Annotated[int, Field(ge=0, lt=10**18)]
    first: Annotated[int, Field(ge=0, lt=10**18)]
    last: Annotated[int, Field(ge=0, lt=10**18)]


class Refusal(_Message):
    stream: Stream
    epoch: Annotated[int, Field(ge=0, lt=10**18)]
    seq: Annotated[int, Field(ge=0, lt=10**18)]
    key: Annotated[str, Field(pattern=r"^[a-z_]{1,48}$")]


class Progress(_Message):
    """`state` CONFIRMED only once the gateway's own health gate has passed, IDLE where the gateway has no use for what
    was offered; `key` why, or why it failed."""

    campaign: Annotated[int, Field(ge=1, lt=2**53)]
    gateway: ThingId
    state: UpdateState
    key: Annotated[str, Field(pattern=r"^[a-z_]{1,48}$")] | None = None


class Receipt(_Message):
    """What the hub has on its disk, new or not. A gateway deletes what is `kept` and counts what is `refused` as
    dropped; what is in neither it sends again."""

    kept: Annotated[tuple[Run, ...], Field(max_length=1000)] = ()
    refused: Annotated[tuple[Refusal, ...], Field(max_length=1000)] = ()
    progress: Annotated[tuple[Progress, ...], Field(max_length=1000)] = ()
    """As it arrived, so that a late receipt for a state is not taken for one of the next."""


class Notice(_Message):
    """What the hub has against a gateway: "duplicate_id", "revoked", "wire_unknown"."""

    key: Annotated[str, Field(pattern=r"^[a-z_]{1,48}$")]


class Desired(_Message):
    """A wish for settings: `patch` is an RFC 7396 merge patch on the settings of the file. `version` grows."""

    version: Annotated[int, Field(ge=0, lt=2**53)]
    patch: Document


class Rejected(_Message):
    """`path` within the settings, `key` of the error; never a value."""

    path: Annotated[str, Field(max_length=200)]
    key: Annotated[str, Field(pattern=r"^[a-z_]{1,48}$")]


class Reported(_Message):
    """`version` of the wish last looked at; `sources` tells by path ("climate.pause_s") who decided it, where it was
    not the default; `settings` holds those values alone, and of them only numbers, truth values and words of an
    enumeration: names, texts and addresses stay at home."""

    version: Annotated[int, Field(ge=0, lt=2**53)]
    sources: dict[str, Literal["file", "local", "hub"]]
    settings: Document
    rejected: tuple[Rejected, ...] = ()


class ModelTarget(_Message):
    what: Literal["model"] = "model"
    url: Annotated[str, Field(pattern=r"^https?://[^\s@]{1,500}$")]
    """Of the signed bundle; what it may be is decided by its signature, not by where it came from."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    model: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    serial: Annotated[int, Field(ge=0, lt=2**53)]


class ImageTarget(_Message):
    what: Literal["image"] = "image"
    url: Annotated[str, Field(pattern=r"^https?://[^\s@]{1,500}$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    version: Version


class SettingsTarget(_Message):
    """Carried by the twin; the offer only says which version counts as success."""

    what: Literal["settings"] = "settings"
    version: Annotated[int, Field(ge=0, lt=2**53)]
    patch: Document


Target = Annotated[ModelTarget | ImageTarget | SettingsTarget, Field(discriminator="what")]


class Offer(_Message):
    """Carry out `target`, once. `rollback` sends back to what was before."""

    campaign: Annotated[int, Field(ge=1, lt=2**53)]
    target: Target
    rollback: bool = False


Known = Hello | Receipt | Notice | Desired | Reported | Offer | Progress

MOST_BYTES = 64 * 1024


def dump(message: Known) -> bytes:
    return message.model_dump_json(exclude_none=True).encode()


def load(kind: type[BaseModel], raw: bytes) -> Any:
    """A `kind` of message. Raises `Invalid` ("payload_too_large", "message_invalid")."""
    if len(raw) > MOST_BYTES:
        raise Invalid("payload_too_large", bytes=len(raw))
    try:
        return TypeAdapter(kind).validate_json(raw)
    except ValidationError:
        raise Invalid("message_invalid", kind=kind.__name__) from None
