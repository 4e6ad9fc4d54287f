"""What people do to a house, by seed: they are at home, cook, air and bring guests."""

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.house import People

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MINUTES_A_DAY = 1440

_GUESTS_KW = 0.4
_AIRING_MIN = (5, 20)


def internal_gain_kw(people: People, home: Flags, minute_of_day: npt.NDArray[np.int64], seed: int) -> Floats:
    """Heat of each minute (n,). Cooking is around 18:00 for 35 min, breakfast around 07:00 for 15 min at 0.6 of it."""
    rng = np.random.default_rng((seed, 1))
    gain = np.where(home, people.home_kw, people.away_kw)
    for begin in range(0, len(gain), MINUTES_A_DAY):
        day = slice(begin, begin + MINUTES_A_DAY)
        gain[day] *= rng.uniform(0.8, 1.2)
        for around, lasts, share in ((1080, 35, 1.0), (420, 15, 0.6)):
            at = around + rng.normal(0, 15)
            cooks = (minute_of_day[day] >= at) & (minute_of_day[day] < at + lasts) & (rng.random() < 0.9)
            gain[day][cooks] += share * people.cooking_kw
        if rng.random() < people.guests_week / 7:
            come = rng.uniform(13, 20) * 60
            stay = (minute_of_day[day] >= come) & (minute_of_day[day] < come + rng.uniform(120, 300))
            gain[day][stay] += _GUESTS_KW
    return gain


def airing_kw_k(people: People, minute_of_day: npt.NDArray[np.int64], seed: int) -> Floats:
    """What open windows add to the loss of each minute (n,), by day only."""
    rng = np.random.default_rng((seed, 2))
    loss = np.zeros(len(minute_of_day))
    for begin in range(0, len(loss), MINUTES_A_DAY):
        for _ in range(rng.poisson(people.airings_day)):
            at = begin + round(rng.uniform(7, 22) * 60)
            loss[at : at + round(rng.uniform(*_AIRING_MIN))] = people.airing_w_k / 1000
    return loss
