"""Coming prices and the forecast that a row keeps."""

from dataclasses import replace
from datetime import UTC, datetime

from gateway.app.climate_ahead import Coming, foretold
from gateway.climate.home import Home
from gateway.climate.words import Forecast, Moment
from gateway.config.climate import Climate
from tests.unit.wire.test_climate import STATUS

BANDS = [{"at": "07:00", "price": 0.28}, {"at": "17:00", "price": 0.45}, {"at": "21:00", "price": 0.28}]
PRICED = Climate.model_validate({"tariff": {"bands": BANDS}})
AHEAD = Forecast(ahead_s=(1800.0, 5400.0, 7200.0), temp_c=(20.0, 21.0, 22.0), spread_c=(0.1, 0.2, 0.3))


def at(text: str, mono_s: float = 0.0) -> Moment:
    return Moment(mono_s=mono_s, wall=datetime.fromisoformat(text).replace(tzinfo=UTC))


def prices(coming: Coming, now: Moment) -> dict[str, float]:
    coming.look(Home(PRICED, UTC), (), now)
    return {f"{datetime.fromtimestamp(at_s, UTC):%d %H:%M}": price for at_s, price in coming.shown(STATUS).price_ahead}


def test_only_changes_are_told_and_the_first_is_the_quarter_that_began() -> None:
    coming = Coming(PRICED.tariff, UTC)
    assert prices(coming, at("2026-01-05T16:07:31")) == {"05 16:00": 0.28, "05 17:00": 0.45, "05 21:00": 0.28}


def test_what_was_told_counts_at_once_and_else_five_minutes_later() -> None:
    coming, now = Coming(PRICED.tariff, UTC), at("2026-01-05T16:07:31")
    assert now.wall is not None
    prices(coming, now)
    coming.hear_prices(((now.wall.timestamp() - 451, 0.9), (now.wall.timestamp() + 3149, 0.1)))
    assert list(prices(coming, replace(now, mono_s=10.0)).values())[:3] == [0.9, 0.1, 0.45]
    assert "05 16:00" in prices(coming, at("2026-01-05T16:16:00", 200.0))
    assert "05 16:15" in prices(coming, at("2026-01-05T16:16:00", 400.0))


def test_without_a_clock_or_with_one_price_nothing_is_to_come() -> None:
    assert prices(Coming(PRICED.tariff, UTC), Moment(mono_s=0.0, wall=None)) == {}
    assert prices(Coming(Climate().tariff, UTC), at("2026-01-05T16:07:31")) == {}


def test_a_row_keeps_what_is_expected_as_far_as_it_reaches() -> None:
    assert foretold(replace(STATUS, forecast=AHEAD)) == {"in_1h_c": 20.5}
    far = replace(AHEAD, ahead_s=(3600.0, 10800.0, 21600.0))
    assert foretold(replace(STATUS, forecast=far)) == {"in_1h_c": 20.0, "in_3h_c": 21.0}
    assert foretold(replace(STATUS, forecast=None)) == {}
