"""The planner of one room: heat by its model, as late or as cheap as can be. Where it cannot say, it says None."""

from collections.abc import Mapping

import numpy as np

from gateway.climate.grid import STEPS, STEPS_A_QUARTER
from gateway.climate.model.learner import Learner
from gateway.climate.model.observer import Observer
from gateway.climate.plan.ahead import Ahead, per_step
from gateway.climate.plan.band import Band, band, grace_steps
from gateway.climate.plan.cheapest import Cheapest, Plan
from gateway.climate.plan.course import Course, course
from gateway.climate.plan.lack import Watch
from gateway.climate.plan.margin import Margin
from gateway.climate.plan.outlook import foreseen, why
from gateway.climate.plan.relay import Relay, ripple_c
from gateway.climate.saved import mapping
from gateway.climate.words import Drive, Floats, Forecast, Law, Mode, Moment, Observed, Wanted
from gateway.config.climate import Room, Tariff

_WORTH = 1.02
"""Prices that differ by less are one price."""

_FULL = 0.99

_LATEST_S = 1800.0
"""The oldest decision that is still followed."""


class Planner:
    """`step` every tick; decisions are taken when the learner has a new row, and when another temperature is wanted."""

    def __init__(self, room: Room, tariff: Tariff) -> None:
        self._room = room
        self._tariff = tariff
        self._cheapest = Cheapest()
        self._relay = Relay(room.limits.min_on_s)
        self.margin = Margin()
        self._watch = Watch()
        self._since_s = 0.0
        self._decided_at: tuple[int, float] | None = None
        self._decided_s = float("-inf")
        self._drive: Drive | None = None
        self._view: tuple[Course, Band] | None = None
        self._plan: Plan | None = None
        self._rmse_c: tuple[float, ...] = ()

    def step(self, observed: Observed, wanted: Wanted, learner: Learner, ahead: Ahead) -> Drive | None:
        """What the model would do, or None: not trusted, nothing measured, no heat wanted, or no solution in time."""
        now = observed.now
        observer = learner.observer
        asked = wanted.mode in {Mode.AUTO, Mode.HEAT} and observed.temp.good is not None
        if not asked or observer is None or not learner.trusted(now):
            self._drive = None
            self._decided_at = None
            return None
        if (learner.steps, wanted.target_c) != self._decided_at:
            self._since_s = min(max(now.mono_s - self._decided_s, 0.0), _LATEST_S)
            self._decided_at, self._decided_s = (learner.steps, wanted.target_c), now.mono_s
            self._drive = self._decide(observed, wanted, learner, observer, ahead)
        return self._drive if now.mono_s - self._decided_s <= _LATEST_S else None

    @property
    def forecast(self) -> Forecast | None:
        """Where the room goes as planned, by quarter hours for a day; None where nothing is planned."""
        if self._view is None or self._drive is None:
            return None
        return foreseen(*self._view, self._plan, self._rmse_c)

    def snapshot(self) -> dict[str, object]:
        return {"margin": self.margin.snapshot()}

    def restore(self, saved: Mapping[str, object], _now: Moment) -> None:
        """The margin that was learned; anything unreadable is as if it had never been."""
        self.margin.restore(mapping(saved, "margin"))

    def _decide(
        self, observed: Observed, wanted: Wanted, learner: Learner, observer: Observer, ahead: Ahead
    ) -> Drive | None:
        full = self._drive is not None and self._drive.duty > _FULL
        self.margin.learn(self._watch.step(observed, wanted, observer.air_c, since_s=self._since_s, full=full))
        view = course(learner, observer, ahead, learner.quarters.ahead(observed.now, STEPS))
        if not np.all(np.isfinite(view.free)):
            learner.fail("the model foresees what is no number", observed.now)
            return None
        limits = band(wanted, self.margin.value_c, grace_steps(view))
        self._view, self._plan, self._rmse_c = (view, limits), None, learner.skill.rmse_c
        price = self._price(ahead)
        if price is not None:
            self._plan = self._cheapest.solve(view, limits, price)
            if self._plan is None:
                return None
        return self._choose(view, limits, wanted, observed)

    def _choose(self, view: Course, limits: Band, wanted: Wanted, observed: Observed) -> Drive:
        store = self._plan is not None and _stores(self._plan, limits, ripple_c(view.pace_k_h))
        if self._room.drive == "relay":
            if observed.heater_on is not None:
                self._relay.put(on=observed.heater_on, mono_s=observed.now.mono_s)
            duty = float(self._relay.step(view, limits.low, store=store, mono_s=observed.now.mono_s))
        else:
            duty = max(view.least(limits.low), float(self._plan.duty[0]) if store and self._plan else 0.0)
        return Drive(
            duty=duty,
            law=Law.PLAN,
            why=why(duty, view, limits, wanted, store=store, rmse_c=self._rmse_c),
            aim_c=float(limits.low[0]),
        )

    def _price(self, ahead: Ahead) -> Floats | None:
        """Price of full power by quarter hours, (QUARTERS,); None where it does not matter when."""
        if not (ahead.price or ahead.solar_w):
            return None
        price = per_step(ahead.price or (self._tariff.price,))[::STEPS_A_QUARTER]
        if ahead.solar_w and self._room.power_w:
            share = np.clip(per_step(ahead.solar_w)[::STEPS_A_QUARTER] / self._room.power_w, 0, 1)
            price = share * self._tariff.solar_price + (1 - share) * price
        return price if np.max(price) > _WORTH * np.min(price) else None


def _stores(plan: Plan, limits: Band, ripple: float) -> bool:
    """Whether the plan heats now beyond what is needed, by more than the `ripple` of a relay, in K."""
    if plan.duty[0] < 0.5:
        return False
    pauses = np.flatnonzero(plan.duty < 0.5)
    end = int(pauses[0]) if len(pauses) else len(plan.duty)
    return bool(plan.temp_c[end - 1] - limits.low[STEPS_A_QUARTER * end - 1] > ripple)
