"""What a campaign is to bring to whom, and how carefully."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import Invalid
from gateway.wire.document import Document
from gateway.wire.model_card import ModelId, Sha256
from gateway.wire.summary import Share, Version
from services.hub.fleet.labels import bucket
from services.hub.registry.kinds import Kind
from services.hub.registry.shelf_rows import Shelved

Label = Annotated[str, Field(min_length=1, max_length=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ModelWish(_Strict):
    """A bundle of the registry."""

    what: Literal["model"] = "model"
    model: ModelId
    sha256: Sha256
    serial: Annotated[int, Field(ge=0, lt=2**53)]

    @property
    def lane(self) -> str:
        return f"model/{self.model}"


class ImageWish(_Strict):
    """An image of the operating system: of the registry, or at `url`."""

    what: Literal["image"] = "image"
    url: Annotated[str, Field(pattern=r"^https://[^\s@]{1,500}$")] | None = None
    sha256: Sha256
    version: Version

    @property
    def lane(self) -> str:
        return "image"


class SettingsWish(_Strict):
    """A merge patch (RFC 7396) for the wishes of each home."""

    what: Literal["settings"] = "settings"
    patch: Annotated[Document, Field(min_length=1)]

    @property
    def lane(self) -> str:
        return "settings"


def shelved(wish: "Wish") -> str | None:
    """The hash of what it takes from the registry."""
    if isinstance(wish, ModelWish):
        return wish.sha256
    return wish.sha256 if isinstance(wish, ImageWish) and wish.url is None else None


def wish_for(one: Shelved) -> dict[str, Any]:
    """As a plan has it."""
    release = one.release
    if one.kind is Kind.MODEL:
        return {"what": "model", "model": release.name, "sha256": one.sha256, "serial": release.serial}
    return {"what": "image", "sha256": one.sha256, "version": release.version}


Wish = Annotated[ModelWish | ImageWish | SettingsWish, Field(discriminator="what")]


Rate = Annotated[float, Field(ge=0.001, le=10_000)]
"""Homes a minute; at the least one in seventeen hours."""


class Pace(_Strict):
    """Waves: the first one reaches `first` homes at `per_minute`; each later one is `growth` times as large, and as
    fast up to `most_per_minute`."""

    first: Annotated[int, Field(ge=1, le=100_000)] = 5
    per_minute: Rate = 1.0
    growth: Annotated[float, Field(ge=1, le=10)] = 2.0
    most_per_minute: Rate = 100.0


class Plan(_Strict):
    """`labels`: the homes that have all of these, all homes where empty; of those the `share` whose hash with `salt`
    says so, always the same ones. `go_on`: share of all reached by the end of a wave that has to be confirmed before
    the next one begins. `stop`: share of the homes that came to an end which may fail, judged from `stop_least` of them
    on; then the campaign stops, and with `rollback` sends back all homes. `timeout_s`: from a home's first word to its
    last. `answer_s`: for so long an offer lies in wait for a home that is silent; then another one has its turn."""

    wish: Wish
    labels: Annotated[dict[Label, Label], Field(max_length=16)] = Field(default_factory=dict)
    share: Annotated[Share, Field(gt=0)] = 1.0
    salt: Annotated[str, Field(max_length=64)] = ""
    pace: Pace = Pace()
    go_on: Annotated[Share, Field(ge=0.01)] = 0.9
    stop: Annotated[Share, Field(gt=0)] = 0.2
    stop_least: Annotated[int, Field(ge=1, le=100_000)] = 3
    rollback: bool = True
    timeout_s: Annotated[int, Field(ge=60, le=90 * 86400)] = 7 * 86400
    answer_s: Annotated[int, Field(ge=30, le=86400)] = 600

    @property
    def lane(self) -> str:
        """What a home follows one campaign at a time for."""
        return self.wish.lane

    def concerns(self, gateway: str, labels: dict[str, str]) -> bool:
        """Whether a home with these labels is among those meant."""
        return self.labels.items() <= labels.items() and bucket(gateway, self.salt) < self.share

    def draw(self, gateway: str) -> int:
        """A home's place in the queue, from 0 to 2^53: another one in each campaign with another salt."""
        digest = hashlib.sha256(f"order/{self.salt}/{gateway}".encode()).digest()
        return int.from_bytes(digest[:8]) >> 11


def plan_of(document: object) -> Plan:
    """Raises `Invalid("plan_invalid")` with the `place` of what is wrong first."""
    try:
        return Plan.model_validate(document)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Invalid("plan_invalid", place=place) from None
