import numpy as np
import pytest

from gateway.climate.grid import QUARTERS, STEPS
from gateway.climate.plan import cheapest
from gateway.climate.plan.ahead import outdoor_steps, per_step
from gateway.climate.plan.band import Band
from gateway.climate.plan.cheapest import Cheapest
from gateway.climate.plan.course import Course
from gateway.climate.plan.relay import Relay
from gateway.climate.words import Floats
from tests.unit.climate.plan.rooms import model

COLD_NIGHT = np.repeat([0.4, 0.1, 0.4], [32, 8, 56])
"""A price that is low between 8 and 10 hours from now."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cheapest, "LIMIT_S", 60.0)


def course(free: float = 14.0) -> Course:
    reply = model().air.duty
    return Course(free=np.full(STEPS, free), reply=reply, full=np.cumsum(reply))


def band(low: float, from_step: int = 0) -> Band:
    steps = np.where(np.arange(STEPS) < from_step, 5.0, low)
    return Band(low=steps, high=np.full(STEPS, 23.0))


def test_heat_is_given_in_the_cheap_hours_before_it_is_needed() -> None:
    plan = Cheapest().solve(course(), band(18.0, from_step=144), COLD_NIGHT)
    assert plan is not None
    assert np.sum(plan.duty[32:40]) == pytest.approx(8.0)
    assert np.sum(plan.duty[:32]) == pytest.approx(0.0)
    assert np.all(plan.temp_c[48:] > 17.99)


def test_no_plan_costs_less_than_the_one_found() -> None:
    """Against random plans that keep the band as well."""
    view, limits = course(), band(16.0, from_step=36)
    plan = Cheapest().solve(view, limits, COLD_NIGHT)
    assert plan is not None
    rng = np.random.default_rng(1)
    for _ in range(200):
        other = np.clip(rng.uniform(0, 1) + rng.normal(0, 0.3, QUARTERS), 0, 1)
        temps = view.free + np.convolve(np.repeat(other, 3), view.reply)[:STEPS]
        if np.all(temps[38::3] >= 16.0):
            assert other @ COLD_NIGHT >= plan.duty @ COLD_NIGHT


def test_what_cannot_be_reached_is_come_near_to() -> None:
    plan = Cheapest().solve(course(free=-20.0), band(25.0), COLD_NIGHT)
    assert plan is not None
    assert np.all(plan.duty[:40] > 0.999)


def test_the_band_is_not_left_upwards_for_a_bargain() -> None:
    plan = Cheapest().solve(course(free=18.0), band(18.0), np.repeat([0.01, 5.0], [40, 56]))
    assert plan is not None
    assert float(np.max(plan.temp_c)) < 23.1


def test_a_solver_that_is_used_again_finds_the_same() -> None:
    again = Cheapest()
    for low in (15.0, 19.0, 17.0):
        kept = again.solve(course(), band(low), COLD_NIGHT)
        fresh = Cheapest().solve(course(), band(low), COLD_NIGHT)
        assert kept is not None
        assert fresh is not None
        assert kept.duty @ COLD_NIGHT == pytest.approx(fresh.duty @ COLD_NIGHT, rel=1e-6)


def test_heat_waits_until_waiting_would_be_too_late() -> None:
    view, low, relay = course(free=16.0), band(18.0, from_step=60).low, Relay(240.0)
    assert view.shortfall(low, 0) <= 0
    assert not relay.step(view, low, store=False, mono_s=0.0)
    soon = band(18.0, from_step=6).low
    assert view.shortfall(soon, 1) > 0
    assert relay.step(view, soon, store=False, mono_s=300.0)


def test_the_shortest_burn_is_kept() -> None:
    relay, cold, warm = Relay(900.0), band(18.0).low, band(10.0).low
    assert relay.step(course(), cold, store=False, mono_s=0.0)
    assert relay.step(course(), warm, store=False, mono_s=600.0)
    assert not relay.step(course(), warm, store=False, mono_s=900.0)


def test_a_relay_that_started_often_rests_for_longer() -> None:
    """Barely enough for a short pause: allowed after few starts, not after many."""
    view = course(free=18.02)
    falling = Course(free=view.free - 0.004 * np.arange(STEPS), reply=view.reply, full=view.full)
    low = np.full(STEPS, 17.99)

    def stays_on(starts: int) -> bool:
        relay = Relay(0.0)
        for start in range(starts):
            relay.put(on=True, mono_s=60.0 * start)
            relay.put(on=False, mono_s=60.0 * start + 30)
        relay.put(on=True, mono_s=60.0 * starts)
        return relay.step(falling, low, store=False, mono_s=60.0 * starts + 300)

    assert not stays_on(2)
    assert stays_on(45)


def test_the_least_heat_is_just_enough() -> None:
    view, low = course(free=16.0), np.full(STEPS, 15.0)
    low[9] = view.free[9] + view.full[8] + view.reply[9] / 2
    least = view.least(low)
    assert least == pytest.approx(0.5)
    after = view.free + least * view.reply
    after[1:] += view.full[:-1]
    assert float(np.min(after - low)) == pytest.approx(0.0, abs=1e-6)


def day() -> Floats:
    return 5 + 3 * np.sin(2 * np.pi * np.arange(STEPS) / STEPS)


def test_the_outside_goes_on_as_yesterday_from_where_it_is() -> None:
    lately = day()
    lately[-1] = 9.0
    ahead = outdoor_steps((), lately)
    assert ahead[0] == pytest.approx(9.0)
    assert ahead[200] == pytest.approx(lately[200] + 4.0 * np.exp(-200 / 144))


def test_a_forecast_of_the_outside_is_believed_where_it_is_whole() -> None:
    assert outdoor_steps((1.0, 2.0), day())[[0, 2, 3, 287]].tolist() == [1.0, 1.0, 2.0, 2.0]
    assert outdoor_steps((1.0, float("nan")), day()).tolist() == outdoor_steps((), day()).tolist()
    assert outdoor_steps((), np.array([3.0, 4.0])).tolist() == [4.0] * STEPS
    assert outdoor_steps((), np.array([])).tolist() == [8.0] * STEPS
    assert len(per_step((1.0,) * 200)) == STEPS
