from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from gateway.climate.grid import QUARTERS
from gateway.climate.plan.tariff import Prices
from gateway.climate.words import Moment
from gateway.config.climate import PriceBand, Tariff

ZONE = ZoneInfo("Europe/Amsterdam")
BANDS = Tariff(
    bands=(
        PriceBand(at=time(7), price=0.28),
        PriceBand(at=time(17), price=0.45),
        PriceBand(at=time(21), price=0.28),
        PriceBand(at=time(23), price=0.18),
    )
)


def at(text: str) -> Moment:
    return Moment(mono_s=0.0, wall=datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC))


@pytest.mark.parametrize(
    ("local", "price"),
    [("2026-01-05T06:59", 0.18), ("2026-01-05T07:00", 0.28), ("2026-01-05T20:59", 0.45), ("2026-01-05T23:30", 0.18)],
)
def test_bands_are_of_the_local_day_and_the_last_one_lasts_over_midnight(local: str, price: float) -> None:
    assert Prices(BANDS, ZONE).now(at(local)) == price


def test_the_day_ahead_is_known_by_quarter_hours() -> None:
    ahead = Prices(BANDS, ZONE).ahead(at("2026-01-05T16:00"))
    assert len(ahead) == QUARTERS
    assert ahead[:5] == (0.28, 0.28, 0.28, 0.28, 0.45)
    assert ahead[4 + 16] == 0.28
    assert ahead[-1] == 0.28


def test_a_night_in_which_the_clocks_change_is_an_hour_shorter() -> None:
    """2026-03-29: 02:00 becomes 03:00, so seven o'clock is six hours after midnight."""
    ahead = Prices(BANDS, ZONE).ahead(at("2026-03-29T00:00"))
    assert ahead[23] == 0.18
    assert ahead[24] == 0.28


def test_what_was_told_goes_before_the_bands_where_it_reaches() -> None:
    prices, now = Prices(BANDS, ZONE), at("2026-01-05T16:00")
    assert now.wall is not None
    begins = now.wall.timestamp()
    prices.hear(((begins, 0.9), (begins + 3600, 0.1)))
    ahead = prices.ahead(now)
    assert prices.now(now) == 0.9
    assert ahead[:4] == (0.9,) * 4
    assert ahead[4:8] == (0.1,) * 4
    assert ahead[8] == 0.45


def test_one_price_or_no_clock_leaves_nothing_to_plan_by() -> None:
    assert Prices(Tariff(price=0.3), ZONE).ahead(at("2026-01-05T16:00")) == ()
    assert Prices(BANDS, ZONE).ahead(Moment(mono_s=0.0, wall=None)) == ()
    assert Prices(Tariff(price=0.3), ZONE).now(Moment(mono_s=0.0, wall=None)) == 0.3
