"""The physics against what can be worked out by hand, and against a solver with tiny steps."""

from dataclasses import replace

import numpy as np
import pytest

from services.simhouse.bench.blame import replay
from services.simhouse.bench.thermal import exponential, worth_kwh_k
from tests.services.simhouse.judge.rig import BUILDING, HOUSE, course, steady


def test_the_exponential_of_a_rotation_is_a_turn() -> None:
    angle = 2.5
    found = exponential(np.array([[[0.0, -angle], [angle, 0.0]]]))[0]
    assert found == pytest.approx(
        np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), abs=1e-12
    )


def test_without_heat_a_house_ends_up_as_cold_as_the_outside() -> None:
    air = replay(course(weather=steady(3.0, days=60), days=40), lambda _minute, _air: 0.0)[:, 0]
    assert air[-1] == pytest.approx(3.0, abs=0.01)


def test_a_settled_house_loses_what_its_heater_gives() -> None:
    there = course(weather=steady(0.0, days=60), days=40)
    air = replay(there, lambda _minute, _air: 0.4)[:, 0]
    assert air[-1] * BUILDING.loss_kw_k == pytest.approx(0.4 * HOUSE.heater.power_kw, rel=1e-3)


def test_a_minute_is_exact() -> None:
    there = course()
    fine = _euler(outdoor_c=0.0, heat_kw=7.0, minutes=30, parts=2000)
    assert replay(there, lambda _minute, _air: 1.0)[30, 0] == pytest.approx(fine, abs=1e-4)


def _euler(outdoor_c: float, heat_kw: float, minutes: int, parts: int) -> float:
    b, air, envelope, emitter = BUILDING, 20.0, 17.5, 21.5
    hours = 1 / 60 / parts
    for _ in range(minutes * parts):
        inner, warm = (envelope - air) / b.air_envelope_k_kw, (emitter - air) / b.air_emitter_k_kw
        leak, outer = (outdoor_c - air) / b.air_outdoor_k_kw, (outdoor_c - envelope) / b.envelope_outdoor_k_kw
        air += (inner + leak + warm) / b.air_kwh_k * hours
        envelope += (outer - inner) / b.envelope_kwh_k * hours
        emitter += (heat_kw - warm) / b.emitter_kwh_k * hours
    return air


def test_wind_blows_through_the_cracks() -> None:
    draughty = replace(HOUSE, building=replace(BUILDING, wind_share=0.05))

    def end_c(wind_m_s: float) -> float:
        weather = steady(0.0, wind_m_s=wind_m_s)
        return float(replay(course(house=draughty, weather=weather), lambda _minute, _air: 0.3)[-1, 0])

    assert end_c(10.0) < end_c(0.0) - 0.2


def test_a_kelvin_in_store_spares_what_it_is_said_to_be_worth() -> None:
    """The air held at 20 C by an exact thermostat for long enough, once from a warmer envelope."""
    there = course(weather=steady(0.0, days=60), days=40)
    worth = worth_kwh_k(there.house)

    def needed_kwh(envelope_c: float) -> float:
        x, used = np.array([20.0, envelope_c, 20.0, 20.0]), 0.0
        for minute in range(len(there)):
            kind = there.kind[minute]
            free = there.state[kind] @ x + there.push[minute]
            share = float(np.clip((20.0 - free[0]) / there.heat[kind][0], -50, 50))
            used += share * there.house.heater.power_kw / 60
            x = free + there.heat[kind] * share
        return used

    assert needed_kwh(15.0) - needed_kwh(16.0) == pytest.approx(worth[1], rel=0.02)
