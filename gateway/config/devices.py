"""What is measured and what can be switched, over MQTT."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.config.base import Slug, Strict, Title, Topic, wrong
from gateway.types import Quantity
from gateway.wire.units import units_of

JsonPath = Annotated[str, Field(min_length=1, max_length=200)]

POWER = re.compile(r"(?<=/)power(?P<relay>[0-9]*)$", re.IGNORECASE)
"""The last level of the topic that switches a Tasmota relay."""

Positive = Annotated[float, Field(gt=0)]


class Sensor(Strict):
    """One quantity of one device, and where it is found."""

    device: Slug
    quantity: Quantity
    topic: Topic
    json_path: JsonPath | None = None
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
    def _convertible(self) -> Self:
        known = units_of(self.quantity)
        if self.unit and self.unit not in known:
            raise wrong(f"{self.quantity.value} does not come in this unit", f"known: {', '.join(known) or 'none'}")
        return self

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.range is not None and self.range[0] >= self.range[1]:
            raise wrong("range must go from low to high")
        return self


class Lease(Strict):
    """How a device is made to let go by itself when we fall silent: heat must end where nobody renews it."""

    kind: Literal["topic", "tasmota_pulsetime", "zigbee_on_time", "otgw"]
    """"topic": the seconds are sent to `topic` before each command. "tasmota_pulsetime": the same by Tasmota's own
    PulseTime. "zigbee_on_time": Zigbee2MQTT's on_time, within the command. "otgw": the OpenTherm Gateway forgets a
    set-point by itself after a minute, so it is repeated until the lease ends."""
    topic: Topic | None = None
    payload: Annotated[str, Field(max_length=200)] = "{seconds}"
    """What is sent to `topic`; {seconds} stands for the length of the lease."""

    @model_validator(mode="after")
    def _told_somehow(self) -> Self:
        if (self.kind == "topic") != (self.topic is not None):
            raise wrong("a topic belongs to kind: topic, and only there")
        if "{seconds}" not in self.payload:
            raise wrong("payload must hold {seconds}")
        return self


class Device(Strict):
    """Something that takes commands."""

    name: Slug
    title: Title | None = None
    kind: Literal["lamp", "switch", "heater", "cover", "fan"] = "switch"
    command_topic: Topic
    on_payload: str = "ON"
    off_payload: str = "OFF"
    state_topic: Topic | None = None
    """Where the device answers; without it a command is done when the broker has it."""
    state_path: JsonPath | None = None
    """Dotted path to the state in a JSON answer."""
    state_on: str | None = None
    state_off: str | None = None
    """The words of the answer, where they differ from those of the command."""
    level_command_topic: Topic | None = None
    """Where a level is sent, for what dims or opens."""
    level_state_topic: Topic | None = None
    level_path: JsonPath | None = None
    level_scale: Positive = 100.0
    """The device's own number for 100 %."""
    temperature_command_topic: Topic | None = None
    """Where a set-point is sent, such as a boiler's flow temperature."""
    temperature_payload: Annotated[str, Field(max_length=200)] = "{temp_c}"
    """What is sent there; {temp_c} stands for the set-point in degC with one decimal, as in "CS={temp_c}"."""
    availability_topic: Topic | None = None
    available_payload: str = "online"
    unavailable_payload: str = "offline"
    needs_ack: bool = True
    """False for a device that never answers."""
    echo: bool = True
    """False for a device that does not repeat a state that did not change."""
    lease: Lease | None = None
    """Without one the device keeps its last state when the gateway falls silent."""

    @model_validator(mode="after")
    def _settable(self) -> Self:
        if "{temp_c}" not in self.temperature_payload:
            raise wrong("temperature_payload must hold {temp_c}")
        return self

    @model_validator(mode="after")
    def _pulsed(self) -> Self:
        pulsed = self.lease is not None and self.lease.kind == "tasmota_pulsetime"
        if pulsed and POWER.search(self.command_topic) is None:
            hint = "command_topic must end in /POWER or /POWER<n>; else use kind: topic"
            raise wrong("PulseTime belongs to a Tasmota relay", hint)
        return self
