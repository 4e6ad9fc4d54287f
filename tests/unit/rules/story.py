"""A small stage for rules: time that is told, and the words that happen in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone

from gateway.rules.engine import RuleEngine
from gateway.rules.parse import parse_rules
from gateway.types import (
    UNITS,
    Command,
    Event,
    Kind,
    Quality,
    Quantity,
    Reading,
    SetLevel,
    SetTemperature,
    Stamp,
    Switch,
    World,
)

START = datetime(2026, 3, 6, 17, 2, 11, tzinfo=UTC)  # a Friday
HOME = timezone(timedelta(hours=1))


def at(seconds: float) -> Stamp:
    return Stamp(wall=START + timedelta(seconds=seconds), mono_ns=int(seconds * 1e9), boot="one")


def event(
    seconds: float,
    kind: Kind = Kind.MOTION_BEGAN,
    *,
    source: str = "door",
    zone: str | None = None,
    label: str | None = None,
) -> Event:
    stamp = at(seconds)
    return Event(
        id=f"event-{seconds:g}-{kind}", kind=kind, stamp=stamp, began=stamp, source=source, zone=zone, label=label
    )


def reading(
    seconds: float,
    value: float,
    quantity: Quantity = Quantity.TEMPERATURE,
    *,
    device: str = "bedroom",
    quality: Quality = Quality.GOOD,
) -> Reading:
    return Reading(
        device=device, quantity=quantity, value=value, unit=UNITS[quantity], stamp=at(seconds), quality=quality
    )


def short(commands: Sequence[Command]) -> list[str]:
    """Commands in a word each: "lamp on"."""
    told = []
    for command in commands:
        match command.action:
            case Switch(on=on):
                what = "on" if on else "off"
            case SetLevel(level_pct=value) | SetTemperature(temp_c=value):
                what = f"{value:g}"
            case _:
                what = "told"
        told.append(f"{command.target} {what}")
    return told


@dataclass(slots=True)
class Stage:
    """The engine with a world that follows what happens; `local` may be moved."""

    engine: RuleEngine
    world: World = field(default_factory=lambda: World(local=START.astimezone(HOME)))

    @classmethod
    def of(cls, text: str) -> "Stage":
        return cls(RuleEngine(parse_rules(text, "rules.yaml")))

    def happens(self, stimulus: Event | Reading) -> list[str]:
        return short(self.commands(stimulus))

    def commands(self, stimulus: Event | Reading) -> tuple[Command, ...]:
        self._clock(stimulus.stamp)
        if isinstance(stimulus, Reading):
            self.world = self.world.with_reading(stimulus)
        elif stimulus.kind is Kind.FACE_RECOGNISED and stimulus.label:
            self.world = self.world.with_person(stimulus.label, stimulus.stamp)
        return self.engine.step(stimulus, self.world, stimulus.stamp)

    def passes(self, seconds: float) -> list[str]:
        """Only time passes, up to `seconds` after the start."""
        self._clock(at(seconds))
        return short(self.engine.tick(at(seconds), self.world))

    def _clock(self, now: Stamp) -> None:
        self.world = replace(self.world, local=now.wall.astimezone(HOME))
