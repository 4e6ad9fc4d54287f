import numpy as np
import pytest

from services.simhouse.bench.verdict import Floats, Lived, figures, most_in_an_hour, starts_at
from tests.services.simhouse.judge.rig import course


def lived(air: Floats, heat: Floats, stored: Floats | None = None) -> Lived:
    return Lived(air=air, stored=air * 0 if stored is None else stored, heat=heat, switched=heat)


def test_figures_of_a_day_worked_out_by_hand() -> None:
    """A weekday with heat for four hours, and a kelvin below the wanted temperature all along."""
    there = course()
    heat = np.zeros(1440)
    heat[600:840] = 1.0
    found = figures(there, lived(there.setpoint - 1.0, heat), slice(0, None))
    assert found.kwh_week == pytest.approx(7 * 4 * 7.0)
    assert found.cost_week == pytest.approx(7 * 4 * 7.0 * 0.30)
    assert found.kh_below == pytest.approx(7 * 24 * 0.5)
    assert found.rms_k == pytest.approx(1.0)
    assert (found.starts_day, found.starts_hour_max) == (1.0, 1)


def test_who_enters_the_judged_days_warmer_has_paid_before() -> None:
    there = course()
    heat, stored = np.ones(1440) * 0.5, np.linspace(130.0, 110.0, 1440)
    found = figures(there, lived(there.setpoint, heat, stored), slice(0, None))
    assert found.kwh_net_week - found.kwh_week == pytest.approx(7 * 20.0)
    assert found.cost_net_week - found.cost_week == pytest.approx(7 * 20.0 * 0.30)


def test_frost_and_heat_are_counted_in_minutes() -> None:
    there = course()
    air = np.full(1440, 20.0)
    air[:7], air[7:10] = 4.9, 28.1
    found = figures(there, lived(air, air * 0), slice(720, None))
    assert (found.frost_minutes, found.over_limit_minutes) == (7, 3)
    assert found.kh_below == pytest.approx(14 * 0.5 * 6)


def test_starts_of_any_hour_count() -> None:
    switched = np.zeros(180)
    switched[[50, 70, 90, 109, 115]] = 1.0
    assert np.flatnonzero(starts_at(switched)).tolist() == [50, 70, 90, 109, 115]
    assert most_in_an_hour(starts_at(switched)) == 4
