"""A room to learn and to heat: three stores in steps of a minute, and what a thermometer says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from gateway.climate.history import History
from gateway.climate.words import Moment

ZONE = ZoneInfo("Europe/Amsterdam")
BEGAN = datetime(2026, 1, 5, tzinfo=ZONE).astimezone(UTC)
"""A Monday, midnight in `ZONE`."""


@dataclass(slots=True)
class Lab:
    """A medium house with radiators: 168 W/K, 7 kW. The outside swings by 3 K a day around `outdoor_c`."""

    air_c: float = 20.0
    envelope_c: float = 17.5
    emitter_c: float = 21.5
    outdoor_c: float = 4.0
    power_kw: float = 7.0
    minute: int = 0

    @property
    def outdoor(self) -> float:
        return self.outdoor_c - 3 * float(np.cos(2 * np.pi * (self.minute / 1440 - 0.15)))

    def heat(self, duty: float, minutes: int = 5) -> None:
        for _ in range(minutes):
            people = 0.35 if 960 <= self.minute % 1440 < 1380 else 0.12
            inward = (self.envelope_c - self.air_c) / 0.9 + (self.emitter_c - self.air_c) / 3.0 + people
            air = (inward + (self.outdoor - self.air_c) / 18.0) / 2.0
            envelope = ((self.air_c - self.envelope_c) / 0.9 + (self.outdoor - self.envelope_c) / 8.0) / 9.0
            emitter = ((self.air_c - self.emitter_c) / 3.0 + duty * self.power_kw) / 0.08
            self.air_c, self.envelope_c, self.emitter_c = (
                self.air_c + air / 60,
                self.envelope_c + envelope / 60,
                self.emitter_c + emitter / 60,
            )
            self.minute += 1

    @property
    def now(self) -> Moment:
        return Moment(mono_s=60.0 * self.minute, wall=BEGAN + timedelta(minutes=self.minute))


def wanted_c(minute: int) -> float:
    """21 degrees from 6:30 to 8:30 and from 16:00 to 22:00, 17 else."""
    return 21.0 if 390 <= minute % 1440 < 510 or 960 <= minute % 1440 < 1320 else 17.0


def row_of(lab: Lab, duty: float, temp_c: float, **other: float) -> dict[str, float]:
    wall = lab.now.wall
    assert wall is not None
    return {
        "time_s": wall.timestamp(),
        "temp_c": temp_c,
        "outdoor_c": lab.outdoor,
        "duty": duty,
        "window": 0.0,
        "fault": 0.0,
        **other,
    }


def live(lab: Lab, days: float, seed: int = 1, each: Callable[[dict[str, float], Lab], None] | None = None) -> History:
    """`days` under a simple thermostat that starts an hour early; `each` is told every row."""
    history, rng, on = History(), np.random.default_rng(seed), False
    for _ in range(round(days * 288)):
        temp = float(np.round(lab.air_c + rng.normal(0, 0.04), 1))
        goal = max(wanted_c(lab.minute), wanted_c(lab.minute + 60))
        on = temp < goal - 0.2 or (on and temp < goal + 0.2)
        lab.heat(float(on))
        row = row_of(lab, float(on), float(np.round(lab.air_c + rng.normal(0, 0.04), 1)))
        history.add(**row)
        if each:
            each(row, lab)
    return history
