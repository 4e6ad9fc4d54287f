from datetime import UTC, datetime, timedelta

from gateway.climate.grid import QUARTERS
from gateway.climate.surplus import Surplus
from gateway.climate.words import Moment


def at(quarter: int, *, clock: bool = True) -> Moment:
    wall = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    return Moment(mono_s=quarter * 900.0, wall=wall if clock else None)


def test_the_day_ahead_is_that_of_yesterday_and_now_is_now() -> None:
    surplus = Surplus()
    for quarter in range(QUARTERS):
        assert surplus.ahead(at(quarter)) == ()
        surplus.hear(float(quarter), at(quarter))
    surplus.hear(500.0, at(QUARTERS))
    ahead = surplus.ahead(at(QUARTERS))
    assert ahead == (500.0, *(float(quarter) for quarter in range(1, QUARTERS)))
    surplus.hear(700.0, at(QUARTERS + 40))
    later = surplus.ahead(at(QUARTERS + 40))
    assert later[:2] == (700.0, 41.0)
    assert later[QUARTERS - 40] == 500.0


def test_a_meter_that_fell_silent_promises_nothing_nor_does_a_clock_that_is_wrong() -> None:
    surplus = Surplus()
    for quarter in range(QUARTERS):
        surplus.hear(-5.0, at(quarter))
    assert surplus.ahead(at(QUARTERS)) == (0.0,) * QUARTERS
    assert surplus.ahead(at(QUARTERS, clock=False)) == ()
    assert surplus.ahead(at(QUARTERS + 3)) == ()
