"""`Classic`: one room by plain control."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from gateway.climate import saved as kept
from gateway.climate.classic.choice import law_of
from gateway.climate.classic.cooldown import CoolDown
from gateway.climate.classic.heatup import HeatUp
from gateway.climate.classic.laws import Felt, Hysteresis
from gateway.climate.classic.losses import Losses
from gateway.climate.classic.optimum import REACHED_K, Aim, Optimum
from gateway.climate.classic.trend import Trend
from gateway.climate.classic.why import clause
from gateway.climate.words import Drive, Law, Mode, Moment, Observed, Wanted
from gateway.config.climate import Room

OUTDOOR_C = 5.0
"""Assumed where no outdoor temperature is to be had."""

DELAY_S: Mapping[str, float] = {"radiator": 900.0, "electric": 600.0, "floor": 3600.0}
"""Until a change of the heat has shown in the temperature that is measured."""

RUSH_K = 0.8
"""So far below the aim the room is warmed at full power, until it has reached it."""

_GAP_S = 900.0
_FULL, _NONE = 0.97, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    temp_c: float
    outdoor_c: float
    elapsed_s: float
    mono_s: float
    duty: float


class Classic:
    """Works from the first tick on what is assumed of its emitter; learns minutes per degree, losses and cooling from
    what the room does, whoever drives it. So `step` is called every tick, also while a plan is followed."""

    def __init__(self, room: Room, zone: tzinfo = UTC) -> None:
        self._delay_s = DELAY_S[room.emitter]
        self._law, self._cooler = law_of(room), Hysteresis(below_k=0.3, above_k=0.1)
        self._trend = Trend()
        self._heat_up, self._cool_down = HeatUp(room.emitter), CoolDown(room.emitter)
        self._losses = Losses(room.loss_duty_per_k)
        self._optimum = Optimum(self._heat_up, self._cool_down)
        self._zone = zone
        self._last_s: float | None = None
        self._slow = room.emitter == "floor"
        self._rush = False
        self._duty = 0.0
        self._outdoor_c = OUTDOOR_C
        self._target_c = room.presets.comfort

    @property
    def minutes_per_degree(self) -> float | None:
        """At the outdoor temperature of the last step; None until the room was warmed up once."""
        if not self._heat_up.learned:
            return None
        return self._heat_up.per_degree(self._target_c, self._outdoor_c)

    def step(self, observed: Observed, wanted: Wanted, ran: float | None = None, *, driving: bool = True) -> Drive:
        """`ran` is the share of full power since the last step where it was another than was asked for here; `driving`
        is False while somebody else decides it: then nothing integrates. Without a trusted temperature the heat follows
        the cold outside along the room's losses."""
        now = observed.now
        elapsed_s = 0.0 if self._last_s is None else max(now.mono_s - self._last_s, 0.0)
        self._last_s = now.mono_s
        self._outdoor_c = OUTDOOR_C if observed.outdoor.good is None else observed.outdoor.good
        temp_c = observed.temp.good if observed.temp.good is not None else observed.backup.good
        if temp_c is None or elapsed_s > _GAP_S:
            self._lose_track()
        if temp_c is None:
            aim = Aim(aim_c=wanted.target_c)
            duty = 0.0 if wanted.mode is Mode.COOL else self._losses.duty(wanted.target_c, self._outdoor_c)
        else:
            aim = self._optimum.step(temp_c, self._outdoor_c, wanted, now.mono_s)
            seen = _Seen(
                temp_c=temp_c,
                outdoor_c=self._outdoor_c,
                elapsed_s=elapsed_s,
                mono_s=now.mono_s,
                duty=0.0 if observed.heater_on is False else self._duty if ran is None else ran,
            )
            self._learn(seen, wanted, aim, window=observed.window is True)
            duty = self._controlled(seen, wanted, aim, decided_s=elapsed_s if driving else 0.0)
        self._duty = duty
        why = clause(duty, temp_c, aim, wanted, now=now, zone=self._zone)
        return Drive(duty=duty, law=Law.CLASSIC, why=why, aim_c=None if aim.aim_c == wanted.target_c else aim.aim_c)

    def _learn(self, seen: _Seen, wanted: Wanted, aim: Aim, *, window: bool) -> None:
        if window:
            self._heat_up.give_up()
            self._cool_down.give_up()
            return
        if wanted.next_c is None or wanted.next_c <= wanted.target_c:
            self._target_c = wanted.target_c
        goal_c = max(aim.aim_c, wanted.target_c) - REACHED_K
        self._heat_up.watch(seen.temp_c, goal_c, seen.outdoor_c, seen.mono_s, full=seen.duty >= _FULL)
        self._cool_down.watch(seen.temp_c, seen.outdoor_c, seen.mono_s, off=seen.duty <= _NONE)
        self._losses.watch(seen.duty, seen.temp_c - seen.outdoor_c, seen.elapsed_s)

    def _lose_track(self) -> None:
        self._trend.forget()
        self._heat_up.give_up()
        self._cool_down.give_up()

    def _controlled(self, seen: _Seen, wanted: Wanted, aim: Aim, decided_s: float) -> float:
        slope = self._trend.step(seen.temp_c, seen.elapsed_s)
        soon_c = seen.temp_c + slope * self._delay_s / 3600.0
        cooling = wanted.mode is Mode.COOL
        felt = Felt(
            temp_c=seen.temp_c,
            soon_c=-soon_c if cooling else soon_c,
            aim_c=-aim.aim_c if cooling else aim.aim_c,
            hold=self._losses.duty(aim.aim_c, seen.outdoor_c),
            elapsed_s=decided_s,
        )
        if cooling:
            return -self._cooler.step(felt)
        duty = self._law.step(felt)
        near_c = soon_c if self._slow else seen.temp_c
        if near_c >= aim.aim_c - REACHED_K:
            self._rush = False
        elif seen.temp_c < aim.aim_c - RUSH_K:
            self._rush = True
        return 1.0 if self._rush else duty

    def snapshot(self) -> dict[str, object]:
        return {
            "heat_up": self._heat_up.snapshot(),
            "cool_down": self._cool_down.snapshot(),
            "losses": self._losses.snapshot(),
        }

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """What was learned; what it is doing it finds out anew."""
        self._last_s = now.mono_s
        self._heat_up.restore(kept.mapping(saved, "heat_up"))
        self._cool_down.restore(kept.mapping(saved, "cool_down"))
        self._losses.restore(kept.mapping(saved, "losses"))
