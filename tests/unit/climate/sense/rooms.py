"""Rooms to watch, made up: what their sensors say minute by minute, and who really was there."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.climate.words import NOTHING, Measured, Moment, Observed, Trust

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""


def moment(seconds: float, *, wall: bool = True) -> Moment:
    return Moment(mono_s=1000.0 + seconds, wall=START + timedelta(seconds=seconds) if wall else None)


def good(value: float | None, age_s: float = 0.0) -> Measured:
    return NOTHING if value is None else Measured(value=value, age_s=age_s, seen_s=age_s, trust=Trust.GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A well-mixed room with one sensor. `air_changes` per hour, `offset_ppm` what its sensor is wrong by."""

    volume_m3: float = 60.0
    air_changes: float = 0.6
    people: int = 2
    noise_ppm: float = 5.0
    offset_ppm: float = 0.0
    seed: int = 1

    def minutes(self, days: int) -> Iterator[tuple[Observed, bool]]:
        """Mondays to Fridays somebody is there from 8 to 18, but for breaks; CO2 only."""
        chance = random.Random(self.seed)
        ppm, there, until = 420.0, 0, 0
        for minute in range(days * 1440):
            hour, weekday = minute / 60 % 24, minute // 1440 % 7
            if minute >= until:
                busy = 8 <= hour < 18 and weekday < 5 and chance.random() < 0.8
                there = chance.randint(1, self.people) if busy else 0
                until = minute + 5 + int(chance.expovariate(1 / (60 if there else 20)))
            ppm += (there * 18000 / self.volume_m3 - self.air_changes * (ppm - 420.0)) / 60
            said = round(ppm + self.offset_ppm + chance.gauss(0, self.noise_ppm))
            now = moment(minute * 60.0)
            yield Observed(now=now, temp=good(21.0), co2=good(said)), there > 0
