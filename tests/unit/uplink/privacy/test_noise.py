"""The noise is what it says it is, and no hour is told twice."""

import random
from collections import Counter
from fractions import Fraction
from math import exp

import pytest

from gateway.types import Kind
from gateway.uplink.privacy.counts import PrivateCounts
from gateway.uplink.privacy.laplace import discrete_laplace
from gateway.uplink.privacy.ledger import Ledger
from gateway.wire.summary import EventCount, Presence

HOUR = 500_000 * 3600
DRAWS = 20_000


@pytest.mark.parametrize("scale", [Fraction(1), Fraction(3, 2), Fraction(24)])
def test_noise_is_laplace(scale: Fraction) -> None:
    """Chi-square over the middle of the distribution; the seed is fixed, so the bound is not a matter of luck."""
    below = random.Random(3).randrange
    drawn = Counter(discrete_laplace(scale, below) for _ in range(DRAWS))
    ratio = exp(-1 / float(scale))
    reach = round(2 * float(scale))
    chi2 = 0.0
    for value in range(-reach, reach + 1):
        expected = DRAWS * (1 - ratio) / (1 + ratio) * ratio ** abs(value)
        chi2 += (drawn[value] - expected) ** 2 / expected
    cells = 2 * reach + 1
    assert chi2 < cells + 4 * (2 * cells) ** 0.5


def told(*counts: EventCount) -> list[EventCount | Presence]:
    return [Presence(hour=HOUR, room="kitchen", minutes=3), *counts]


def test_every_kind_is_told_with_noise_and_nothing_else_is_touched() -> None:
    private = PrivateCounts(Ledger(24.0), random.Random(1).randrange)
    blurred = private.blur(HOUR, told(EventCount(hour=HOUR, of=Kind.MOTION_BEGAN, count=10_000)))
    counts = {one.of: one for one in blurred if isinstance(one, EventCount)}
    assert set(counts) == set(Kind)
    assert all(one.noisy for one in counts.values())
    assert abs(counts[Kind.MOTION_BEGAN].count - 10_000) < 50
    assert blurred[0] == Presence(hour=HOUR, room="kitchen", minutes=3)


def test_an_hour_is_told_once_also_after_a_restart() -> None:
    ledger = Ledger(1.0)
    PrivateCounts(ledger).blur(HOUR, told())
    again = Ledger(1.0)
    again.restore({**ledger.snapshot(), "x": 3, "7": -1, "8": "much"})
    assert PrivateCounts(again).blur(HOUR, told()) == tuple(told())
    assert len(PrivateCounts(again).blur(HOUR + 3600, told())) == 1 + len(Kind)


def test_a_day_costs_what_was_set() -> None:
    ledger = Ledger(2.0)
    midnight = 20_000 * 86_400
    assert all(ledger.pay(midnight + hour * 3600) for hour in range(24))
    assert not any(ledger.pay(midnight + hour * 3600) for hour in range(24))
    assert ledger.spent() == {"2024-10-04": pytest.approx(2.0)}
