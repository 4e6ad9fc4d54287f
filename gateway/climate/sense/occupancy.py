"""Is somebody in the room? Evidence of independent kinds is added as log-odds to what is usual at this time.

Naive Bayes over cues (each conditionally independent of the others given presence), with the weekly habit as prior:
log-odds = habit + sum of what each kind of sensor says. `docs/climate-sense.md` has the measured figures.
"""

import math
from collections.abc import Mapping
from datetime import tzinfo

from gateway.climate import saved as kept
from gateway.climate.sense import cues
from gateway.climate.sense.air import PLAUSIBLE_PPM, Air, log_odds
from gateway.climate.sense.habit import Habit, slot_of
from gateway.climate.sense.meters import Light, Power
from gateway.climate.sense.presence import Cue, Presence, left, reasons
from gateway.climate.words import Measured, Moment, Observed

PRIOR = 0.25
"""Share of time that somebody is in a room of which nothing is known."""

_STEP_S = 60.0
_FRESH_S = 1800.0
_LIMIT = 8.0
_FORECAST_S = 300.0
_HABIT_WEIGHT = 0.5
"""Habit was learned from these very cues, so it counts half."""


class Occupancy:
    """One room's presence. Judged once a minute and whenever something stirs; in between the last answer stands."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._air = Air()
        self._light = Light()
        self._power = Power()
        self._habit = Habit(PRIOR)
        self._co2_at_s = -math.inf
        self._co2_said: float | None = None
        self._judged_s = -math.inf
        self._slot: int | None = None
        self._usual_odds = 0.0
        self._return_at_s: float | None = None
        self._forecast_s = -math.inf
        self._stirred: tuple[object, ...] = ()
        self._presence = Presence(probability=PRIOR, away=None, returns_s=None, why="nothing is known yet")

    def step(self, observed: Observed) -> Presence:
        """To be called at every tick, of any length."""
        now_s = observed.now.mono_s
        stirred = _stirred(observed)
        if now_s - self._judged_s >= _STEP_S or stirred != self._stirred:
            dt_s = min(now_s - self._judged_s, 3600.0) if self._judged_s > -math.inf else 0.0
            self._judged_s, self._stirred = now_s, stirred
            self._presence = self._judge(observed, dt_s)
        return self._presence

    def _judge(self, observed: Observed, dt_s: float) -> Presence:
        said = self._listen(observed)
        usual = self._usual(observed.now)
        others = _probability(usual + sum(said.values()))
        if (lux := _fresh(observed.light)) is not None:
            said[Cue.LIGHT] = self._light.step(lux, others, dt_s)
        if (watts := _fresh(observed.use_w)) is not None:
            said[Cue.POWER] = self._power.step(watts, others, dt_s)
        probability = _probability(usual + sum(said.values()))
        self._learn(observed.now, probability, dt_s)
        away = left(said, probability, was_away=bool(self._presence.away)) if said else None
        return Presence(
            probability=probability,
            away=away,
            returns_s=self._returns_s(observed.now) if probability < 0.5 else None,
            why=reasons(said, probability),
        )

    def _listen(self, observed: Observed) -> dict[Cue, float]:
        """What the cues say that need no learning from others."""
        heard = {
            Cue.MOTION: cues.motion(observed.motion_s, observed.door_s),
            Cue.DOOR: cues.door(observed.door_s),
            Cue.PHONES: cues.phones(observed.phones),
            Cue.AIR: self._hear_air(observed.co2, observed.now.mono_s),
        }
        return {cue: evidence for cue, evidence in heard.items() if evidence is not None}

    def _hear_air(self, co2: Measured, now_s: float) -> float | None:
        """A value that is merely held says nothing new: slopes are taken between measurements."""
        ppm = co2.good
        if ppm is not None and PLAUSIBLE_PPM[0] <= ppm <= PLAUSIBLE_PPM[1]:
            at_s = now_s - co2.age_s
            if at_s - self._co2_at_s >= 1.0:
                self._co2_at_s = at_s
                self._co2_said = self._air.step(ppm, at_s)
        return self._co2_said if now_s - self._co2_at_s <= _FRESH_S else None

    def _usual(self, now: Moment) -> float:
        """Log-odds by habit. Asked once for each slot, before the slot is learned from, lest beliefs echo."""
        prior = log_odds(PRIOR)
        local = now.local(self._zone)
        if local is None:
            return prior
        if (slot := slot_of(local)) != self._slot:
            self._slot = slot
            self._usual_odds = prior + _HABIT_WEIGHT * (log_odds(self._habit.occupied(local)) - prior)
        return self._usual_odds

    def _learn(self, now: Moment, probability: float, dt_s: float) -> None:
        local = now.local(self._zone)
        if local is not None:
            arrived = probability >= 0.5 > self._presence.probability
            self._habit.learn(local, probability, arrived, dt_s)

    def _returns_s(self, now: Moment) -> float | None:
        if now.mono_s - self._forecast_s >= _FORECAST_S:
            self._forecast_s = now.mono_s
            local = now.local(self._zone)
            in_s = None if local is None else self._habit.returns_s(local)
            self._return_at_s = None if in_s is None else now.mono_s + in_s
        return None if self._return_at_s is None else max(0.0, self._return_at_s - now.mono_s)

    def snapshot(self) -> dict[str, object]:
        return {
            "air": self._air.snapshot(),
            "light": self._light.snapshot(),
            "power": self._power.snapshot(),
            "habit": self._habit.snapshot(),
        }

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """What took days to learn; whoever is there now is found out anew, whatever `now` is."""
        del now
        self._air.restore(kept.mapping(saved, "air"))
        self._light.restore(kept.mapping(saved, "light"))
        self._power.restore(kept.mapping(saved, "power"))
        self._habit.restore(kept.mapping(saved, "habit"))


def _fresh(measured: Measured) -> float | None:
    return measured.good if measured.age_s <= _FRESH_S else None


def _probability(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-_LIMIT, min(_LIMIT, odds))))


def _stirred(observed: Observed) -> tuple[object, ...]:
    """Changes that must not wait for the minute to end."""
    moved = observed.motion_s is not None and observed.motion_s < 5.0
    door = observed.door_s is not None and observed.door_s < 5.0
    return moved, door, *observed.phones.values()
