"""A supervisor with a clock, and what its sensors and devices say."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.climate.supervisor import Ruling, Supervisor
from gateway.climate.words import (
    NOTHING,
    Alarm,
    Drive,
    Law,
    Measured,
    Mode,
    Moment,
    Observed,
    Order,
    Trust,
    Wanted,
)
from gateway.config.climate import Room

START = datetime(2026, 1, 10, tzinfo=UTC)


def good(value: float, *, doubt: float = 0.0, refused_s: float = float("inf")) -> Measured:
    return Measured(value=value, age_s=0.0, seen_s=0.0, trust=Trust.GOOD, doubt=doubt, refused_s=refused_s)


def lost(trust: Trust = Trust.SILENT) -> Measured:
    value = None if trust is Trust.MISSING else 20.0
    return Measured(value=value, age_s=7200.0, seen_s=7200.0, trust=trust)


class Rig:
    """`tick` takes what differs from the last one; `log` holds every ruling with its time."""

    def __init__(self, **room: object) -> None:
        self.room = Room.model_validate({"name": "living", "sensor": "thermo", "heater": "relay", **room})
        self.supervisor = Supervisor(self.room)
        self.now_s = 50_000.0
        self.tick_s = 60.0
        self.wall_off_s = 0.0
        self.temp = good(20.0)
        self.outdoor = good(0.0)
        self.seen: dict[str, Any] = {}
        self.mode = Mode.AUTO
        self.target_c = 21.0
        self.duty = 0.0
        self.link_up = True
        self.heater_known = False
        self.clock = True
        self.suspected: frozenset[Alarm] = frozenset()
        self.log: list[tuple[float, Ruling]] = []

    @property
    def moment(self) -> Moment:
        wall = START + timedelta(seconds=self.now_s + self.wall_off_s)
        return Moment(mono_s=self.now_s, wall=wall if self.clock else None)

    def tick(self, **change: object) -> Ruling:
        for name, value in change.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        self.now_s += self.tick_s
        observed = Observed(now=self.moment, temp=self.temp, outdoor=self.outdoor, **self.seen)
        ruling = self.supervisor.step(
            observed,
            Wanted(mode=self.mode, target_c=self.target_c),
            Drive(duty=self.duty, law=Law.CLASSIC, why="the test asks"),
            link_up=self.link_up,
            suspected=self.suspected,
            heater_known=self.heater_known,
        )
        self.log.append((self.now_s, ruling))
        return ruling

    def run(self, seconds: float, **change: object) -> Ruling:
        """Ticks for so long; the last ruling."""
        ruling = self.tick(**change)
        for _ in range(round(seconds / self.tick_s) - 1):
            ruling = self.tick()
        return ruling

    def heated(self, seconds: float = 600.0, **change: object) -> Ruling:
        """Long enough for every shortest time."""
        return self.run(seconds, duty=1.0, **change)

    def restarted(self, away_s: float = 0.0, *, clock: bool = True) -> None:
        """The gateway starts anew with what was kept, its monotonic clock too."""
        kept = self.supervisor.snapshot()
        self.supervisor = Supervisor(self.room)
        self.wall_off_s += self.now_s + away_s - 100.0
        self.now_s, self.clock = 100.0, clock
        self.supervisor.restore(kept, self.moment)

    def sent(self, target: str = "relay") -> list[tuple[float, Order]]:
        return [(at_s, order) for at_s, ruling in self.log for order in ruling.orders if order.target == target]

    def state(self, target: str = "relay") -> bool | None:
        """What the target was last ordered."""
        orders = self.sent(target)
        return orders[-1][1].on if orders else None

    def switched(self) -> list[float]:
        """When the heater went on or off."""
        return [
            at_s
            for (_, before), (at_s, ruling) in zip(self.log, self.log[1:], strict=False)
            if ruling.heating is not before.heating
        ]


__all__ = ["NOTHING", "Rig", "good", "lost"]
