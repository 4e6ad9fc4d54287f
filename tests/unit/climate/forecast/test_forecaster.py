"""A room is foretold from its first hour, better once it is known, and without a network too."""

import numpy as np
import pytest

from gateway.climate.forecast.features import AHEAD_S, changes
from gateway.climate.forecast.forecaster import Forecaster, lessons
from gateway.climate.forecast.net import STEPS
from gateway.climate.forecast.past import Past, Series
from gateway.errors import Invalid
from tests.unit.climate.forecast.asked import DAY, constant, daily, net_of

ROOM = daily(12, noise=0.02)
NOW = 10 * DAY + 5 * 3600.0
LEARNED = np.asarray(np.arange(0.5 * DAY, NOW, 600.0), np.float64)


def begun(forecaster: Forecaster) -> Forecaster:
    forecaster.begin(ROOM, LEARNED, zone_s=0.0)
    return forecaster


def test_on_the_first_hour_the_network_speaks() -> None:
    net, _ = net_of(constant(0.4, 0.2))
    outlook = Forecaster(net).step(ROOM, 3600.0, zone_s=0.0)
    assert outlook is not None
    assert outlook.change == pytest.approx(0.4, abs=1e-6)
    assert outlook.spread == pytest.approx(0.2, abs=1e-6)


def test_after_a_week_the_room_is_known() -> None:
    net, _ = net_of(constant(0.3, 0.5))
    forecaster = begun(Forecaster(net))
    for place in range(36):
        outlook = forecaster.step(ROOM, NOW + 600.0 * place, zone_s=0.0)
    assert outlook is not None
    came = changes(ROOM, np.asarray([NOW + 600.0 * 35]))[0]
    assert outlook.change == pytest.approx(came, abs=0.35)
    skill = forecaster.skill()
    assert set(skill) == {ahead / 3600 for ahead in AHEAD_S}
    assert min(skill.values()) > 0


def test_without_a_network_the_rooms_own_rows_speak() -> None:
    assert Forecaster(None).step(ROOM, NOW, zone_s=0.0) is None
    outlook = begun(Forecaster(None)).step(ROOM, NOW, zone_s=0.0)
    assert outlook is not None
    assert outlook.change == pytest.approx(changes(ROOM, np.asarray([NOW]))[0], abs=0.25)


def test_a_network_that_fails_is_asked_no_more() -> None:
    net, backend = net_of(constant(0.4, 0.2))
    forecaster = Forecaster(net)
    backend.fail = Invalid("model_failed")
    assert forecaster.step(ROOM, NOW, zone_s=0.0) is None
    assert forecaster.failed is backend.fail
    backend.fail = None
    assert forecaster.step(ROOM, NOW + 600, zone_s=0.0) is None
    assert begun(forecaster).step(ROOM, NOW + 1200, zone_s=0.0) is not None


def test_nothing_is_foretold_while_nobody_knows_how_warm_it_is() -> None:
    net, _ = net_of(constant(0.4, 0.2))
    assert Forecaster(net).step(ROOM, 20 * DAY, zone_s=0.0) is None


def test_the_rooms_model_is_heard_too() -> None:
    net, _ = net_of(constant(0.0, 0.2))
    outlook = Forecaster(net).step(ROOM, 3600.0, zone_s=0.0, room=np.full(STEPS, 1.0))
    assert outlook is not None
    assert outlook.change == pytest.approx(0.5, abs=1e-6)


def test_the_forecast_is_of_the_room_as_it_is() -> None:
    net, _ = net_of(constant(0.4, 0.2))
    outlook = Forecaster(net).step(ROOM, 3600.0, zone_s=0.0)
    assert outlook is not None
    told = outlook.forecast(20.0)
    assert told.ahead_s == AHEAD_S
    assert told.temp_c == pytest.approx([20.4] * STEPS)
    assert told.spread_c == pytest.approx([0.2] * STEPS)


def test_what_comes_later_changes_no_forecast() -> None:
    times = ROOM.series["temp_c"].times_s
    other = Past(
        series={"temp_c": Series(times_s=times, values=np.where(times > NOW, 30.0, ROOM.series["temp_c"].values))}
    )
    outlooks = []
    for past in (ROOM, other):
        net, _ = net_of(constant(0.3, 0.2))
        outlooks.append(begun(Forecaster(net)).step(past, NOW, zone_s=0.0))
    assert outlooks[0] is not None
    assert outlooks[1] is not None
    assert (outlooks[0].change == outlooks[1].change).all()


def test_who_is_to_be_believed_is_known_from_the_beginning() -> None:
    net, _ = net_of(constant(3.0, 0.5))
    outlook = begun(Forecaster(net)).step(ROOM, NOW, zone_s=0.0)
    assert outlook is not None
    assert outlook.change == pytest.approx(changes(ROOM, np.asarray([NOW]))[0], abs=0.35)


def test_a_short_past_is_no_error() -> None:
    forecaster = Forecaster(None)
    forecaster.begin(ROOM, LEARNED[:10], zone_s=float("nan"))
    assert forecaster.step(ROOM, float(LEARNED[10]), zone_s=float("nan")) is None
    assert not forecaster.skill()


def test_an_hour_without_readings_costs_no_lesson() -> None:
    times, values = ROOM.series["temp_c"].times_s, ROOM.series["temp_c"].values
    silent = (times > NOW + 3600) & (times < NOW + 2 * 3600)
    gap = Past(series={"temp_c": Series(times_s=times[~silent], values=values[~silent])})
    assert np.isnan(changes(gap, np.asarray([NOW]))).any()
    assert np.isfinite(lessons(gap, np.asarray([NOW]))).all()
