"""Rooms that are kept warm. What the words mean is in `gateway.climate.words`."""

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.config.base import Number, Slug, Strict, Title, Topic, wrong

Celsius = Annotated[float, Field(ge=5, le=30)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PresetName = Literal["frost", "away", "eco", "sleep", "comfort", "boost"]


class Presets(Strict):
    frost: Celsius = 7.0
    away: Celsius = 16.0
    eco: Celsius = 18.0
    sleep: Celsius = 17.0
    comfort: Celsius = 21.0
    boost: Celsius = 22.0
    boost_s: Positive = 3600.0


class Change(Strict):
    """From `at` on, local time, on these days."""

    at: time
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    preset: PresetName | None = None
    temp_c: Celsius | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.preset is None) == (self.temp_c is None):
            raise wrong("needs either a preset or a temp_c")
        return self


class Limits(Strict):
    """What the supervisor holds whatever anybody asks. None of it can be set over MQTT."""

    frost_c: Annotated[float, Field(ge=5, le=12)] = 7.0
    high_c: Annotated[float, Field(ge=24, le=35)] = 28.0
    """No heat above it."""
    set_min_c: Celsius = 5.0
    set_max_c: Celsius = 30.0
    min_on_s: Annotated[float, Field(ge=0, le=3600)] = 240.0
    min_off_s: Annotated[float, Field(ge=0, le=3600)] = 240.0
    starts_per_hour: Annotated[int, Field(ge=1, le=12)] = 6
    max_on_s: Annotated[float, Field(ge=1800, le=172800)] = 86400.0
    """Longest heating without a pause while the room does not get colder."""
    lease_s: Annotated[float, Field(ge=60, le=900)] = 900.0
    floor_max_c: Annotated[float, Field(ge=20, le=35)] = 29.0


class Room(Strict):
    name: Slug
    title: Title | None = None
    sensor: Slug
    """The device whose temperature (and humidity, CO2, light where it has them) is the room's."""
    offset_c: Annotated[float, Field(ge=-5, le=5)] = 0.0
    """Added to what the sensor says."""
    backup_sensor: Slug | None = None
    """Another temperature, such as a radiator valve's own, for when the first is lost."""
    heater: Slug | None = None
    drive: Literal["relay", "valve", "opentherm"] = "relay"
    emitter: Literal["radiator", "floor", "electric"] = "radiator"
    law: Literal["auto", "hysteresis", "tpi", "pi"] = "auto"
    """How plain control heats: "auto" suits the drive and the emitter, with few starts of a relay."""
    power_w: Positive | None = None
    """What the heater gives, or takes, at full power."""
    power_sensor: Slug | None = None
    use_sensor: Slug | None = None
    """The device whose power is what people use in the room; it tells whether somebody is there."""
    second_contactor: Slug | None = None
    """A switch in series with the heater, opened when its relay is stuck."""
    spare_heater: Slug | None = None
    cooler: Slug | None = None
    floor_sensor: Slug | None = None
    windows: tuple[Slug, ...] = ()
    """Devices whose contact says open."""
    motion: tuple[Slug, ...] = ()
    doors: tuple[Slug, ...] = ()
    presets: Presets = Presets()
    schedule: tuple[Change, ...] = ()
    """Without one, comfort is held."""
    limits: Limits = Limits()
    loss_duty_per_k: Share | None = None
    """Share of full power that holds the room per kelvin above the outside, where it is known; else it is learned."""

    @property
    def actuators(self) -> tuple[str | None, ...]:
        return (self.heater, self.spare_heater, self.cooler, self.second_contactor)


class PriceBand(Strict):
    """From `at` on, local time, every day."""

    at: time
    price: Number


class Tariff(Strict):
    """Price per kWh: one for all times, bands of the day, or hourly over MQTT (the others then serve where it is
    silent). All prices have one currency."""

    price: Number = 0.30
    bands: tuple[PriceBand, ...] = ()
    topic: Topic | None = None
    """JSON: a list of {"start": ISO time with zone, "price": number}, one an hour."""
    solar_price: Number = 0.08
    """What is lost by using the home's own surplus instead of selling it."""


class Boiler(Strict):
    """One heat source for several rooms; on while enough of them ask for heat and their valves had time to open."""

    device: Slug
    min_demand: Share = 0.1
    """Least sum of the valves' openings, in rooms."""
    valve_s: Annotated[float, Field(ge=0, le=900)] = 180.0
    overrun_s: Annotated[float, Field(ge=0, le=1800)] = 300.0
    pump: Slug | None = None
    """Runs while the boiler does, and `overrun_s` longer."""


class Climate(Strict):
    rooms: tuple[Room, ...] = ()
    outdoor: Slug | None = None
    """The device whose temperature is that of the outside."""
    forecast_topic: Topic | None = None
    """JSON: a list of {"time": ISO time with zone, "temperature": degC}, one an hour; where there is none, yesterday's
    course is assumed."""
    solar_sensor: Slug | None = None
    """The device whose power is the surplus of the home's own production."""
    phones: tuple[Slug, ...] = ()
    """Devices whose occupancy says that a phone is at home."""
    boiler: Boiler | None = None
    tariff: Tariff = Tariff()
    control: Literal["auto", "classic"] = "auto"
    """"auto" plans with the room's model where that has proved better than guessing; "classic" never does."""
    pause_s: Annotated[float, Field(ge=60, le=7200)] = 1800.0
    """Longest pause for an open window."""

    @property
    def driven(self) -> frozenset[str]:
        """Devices that take their commands from climate control and from nobody else."""
        named = [name for room in self.rooms for name in room.actuators]
        if self.boiler is not None:
            named += [self.boiler.device, self.boiler.pump]
        return frozenset(name for name in named if name is not None)
