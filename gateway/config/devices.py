"""What is measured and what can be switched, over MQTT."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.config.base import Slug, Strict, Title, Topic, wrong
from gateway.types import Quantity

Positive = Annotated[float, Field(gt=0)]


class Sensor(Strict):
    """One quantity of one device, and where it is found."""

    device: Slug
    quantity: Quantity
    topic: Topic
    json_path: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Dotted path into a JSON payload; without it the payload is the value."""
    unit: str = ""
    """The unit the device sends, where it is not the canonical one."""
    on_payload: str | None = None
    off_payload: str | None = None
    max_age_s: Positive | None = None
    """Silence longer than this makes the value stale; leave out for sensors that speak only on change."""
    range: tuple[float, float] | None = None
    """Believable values, in the canonical unit."""
    max_step: Positive | None = None
    """Largest believable change between two messages, in the canonical unit."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.range is not None and self.range[0] >= self.range[1]:
            raise wrong("range must go from low to high")
        return self


class Device(Strict):
    """Something that takes commands."""

    name: Slug
    title: Title | None = None
    kind: Literal["switch", "light", "heater", "cover", "thermostat"] = "switch"
    command_topic: Topic
    state_topic: Topic | None = None
    """Where the device confirms; without it a command counts as done when the broker has it."""
    json_path: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Dotted path to the state in a JSON payload of `state_topic`."""
    on_payload: str = "ON"
    off_payload: str = "OFF"
    level_topic: Topic | None = None
    """Where a level in percent is sent, for lights that dim."""
    temperature_topic: Topic | None = None
    """Where a set-point in degrees Celsius is sent."""
    availability_topic: Topic | None = None
    ack_s: Positive = 5.0
    """How long to wait for the confirmation."""
