"""Small makers shared by the tests of the corridor."""

from gateway.seams import Stimulus
from gateway.types import (
    Command,
    Event,
    Kind,
    Origin,
    Outcome,
    Quantity,
    Reading,
    Result,
    Stamp,
    Switch,
    World,
    new_id,
)


def event(kind: Kind = Kind.MOTION_BEGAN, *, label: str | None = None, stamp: Stamp | None = None) -> Event:
    stamp = stamp or Stamp.now()
    return Event(id=new_id(), kind=kind, stamp=stamp, began=stamp, source="door", label=label)


def reading(value: float = 20.0) -> Reading:
    return Reading(device="hall", quantity=Quantity.TEMPERATURE, value=value, unit="degC", stamp=Stamp.now())


def command(cause: Event | None = None, target: str = "lamp") -> Command:
    stamp = cause.stamp if cause else Stamp.now()
    return Command(
        id=new_id(),
        target=target,
        action=Switch(on=True),
        issued=Stamp.now(),
        ttl_s=5,
        origin=Origin.RULE,
        cause=cause.id if cause else "user",
        trigger=stamp,
        why="motion at door",
    )


class LampOnMotion:
    """An engine of one rule; keeps the worlds it was shown."""

    def __init__(self) -> None:
        self.worlds: list[World] = []
        self.ticks = 0

    def step(self, stimulus: Stimulus, world: World, now: Stamp) -> tuple[Command, ...]:
        self.worlds.append(world)
        return (command(stimulus),) if isinstance(stimulus, Event) and stimulus.kind is Kind.MOTION_BEGAN else ()

    def tick(self, now: Stamp, world: World) -> tuple[Command, ...]:
        self.ticks += 1
        return ()


def done(order: Command) -> Outcome:
    return Outcome(command=order.id, result=Result.DONE, took_s=0.01, published=order.trigger)
