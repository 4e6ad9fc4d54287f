"""A supervisor with a clock, and what its devices would do."""

from datetime import UTC, datetime, timedelta

from gateway.climate.supervisor import Ruling, Supervisor
from gateway.climate.words import NOTHING, Alarm, Drive, Law, Measured, Mode, Moment, Observed, Trust, Wanted
from gateway.config.climate import Room

START = datetime(2026, 1, 10, tzinfo=UTC)
NONE: frozenset[Alarm] = frozenset()


def good(value: float, **more: float) -> Measured:
    return Measured(value=value, age_s=0.0, seen_s=0.0, trust=Trust.GOOD, **more)


def lost(value: float | None = None, trust: Trust = Trust.SILENT) -> Measured:
    return Measured(value=value, age_s=7200.0, seen_s=7200.0, trust=trust)


class Rig:
    """`tick` with what differs from last time; `log` holds every ruling with its time."""

    def __init__(self, **room: object) -> None:
        named = {"name": "living", "sensor": "thermo", "heater": "relay", **room}
        self.room = Room.model_validate(named)
        self.supervisor = Supervisor(self.room)
        self.now_s = 50_000.0
        self.tick_s = 60.0
        self.temp: Measured = good(20.0)
        self.seen: dict[str, object] = {}
        self.mode = Mode.AUTO
        self.target_c = 21.0
        self.duty = 0.0
        self.link_up = True
        self.clock = True
        self.suspected = NONE
        self.log: list[tuple[float, Ruling]] = []

    @property
    def moment(self) -> Moment:
        return Moment(mono_s=self.now_s, wall=START + timedelta(seconds=self.now_s) if self.clock else None)

    def tick(self, **change: object) -> Ruling:
        for name, value in change.items():
            setattr(self, name, value)
        self.now_s += self.tick_s
        seen: dict[str, object] = {"outdoor": good(0.0), **self.seen}
        ruling = self.supervisor.step(
            Observed(now=self.moment, temp=self.temp, **seen),  # type: ignore[arg-type]
            Wanted(mode=self.mode, target_c=self.target_c),
            Drive(duty=self.duty, law=Law.CLASSIC, why="the test asks"),
            link_up=self.link_up,
            suspected=self.suspected,
        )
        self.log.append((self.now_s, ruling))
        return ruling

    def run(self, seconds: float, **change: object) -> Ruling:
        """Ticks for so long; the last ruling."""
        ruling = self.tick(**change)
        for _ in range(round(seconds / self.tick_s) - 1):
            ruling = self.tick()
        return ruling

    def orders(self, target: str = "relay") -> list[tuple[float, bool | None]]:
        """When a target was ordered what."""
        return [(at_s, order.on) for at_s, ruling in self.log for order in ruling.orders if order.target == target]

    def starts(self) -> list[float]:
        return [
            at_s
            for (at_s, ruling), (_, before) in zip(self.log[1:], self.log, strict=False)
            if ruling.heating and not before.heating
        ]


__all__ = ["NONE", "NOTHING", "Rig", "good", "lost"]
