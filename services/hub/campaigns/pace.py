"""How many homes come next, and when it is enough. Pure; nothing but what the homes' rows say is remembered."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from services.hub.campaigns.plan import Pace, Plan
from services.hub.campaigns.standing import WENT_WRONG, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many homes are where. `reached` were made an offer and did not let it lie, `wrong` failed, rolled back or
    timed out."""

    waiting: int = 0
    offered: int = 0
    begun: int = 0
    confirmed: int = 0
    wrong: int = 0

    @property
    def reached(self) -> int:
        return self.offered + self.begun + self.ended

    @property
    def ended(self) -> int:
        return self.confirmed + self.wrong


def tally_of(counts: Mapping[Standing, int]) -> Tally:
    """From how many homes stand where."""
    return Tally(
        waiting=counts.get(Standing.WAITING, 0),
        offered=counts.get(Standing.OFFERED, 0),
        begun=counts.get(Standing.BEGUN, 0),
        confirmed=counts.get(Standing.CONFIRMED, 0),
        wrong=sum(counts.get(standing, 0) for standing in WENT_WRONG),
    )


def wave(plan: Plan, confirmed: int) -> int:
    """From 0; it only grows, as what is confirmed does."""

    def over(number: int) -> bool:
        return confirmed >= ceil(plan.go_on * reach(plan.pace, number))

    most = 1
    while over(most):  # doubled, for without growth a fleet may take millions of waves
        most *= 2
    return bisect_left(range(most), True, key=lambda number: not over(number))


def reach(pace: Pace, number: int) -> int:
    """How many homes may have been reached by the end of a wave."""
    waves = number + 1 if pace.growth == 1 else (pace.growth ** (number + 1) - 1) / (pace.growth - 1)
    return ceil(pace.first * waves)


def per_minute(pace: Pace, number: int) -> float:
    return float(min(pace.per_minute * pace.growth**number, max(pace.most_per_minute, pace.per_minute)))


def window(rate: float) -> timedelta:
    """Over which `rate` is kept to: a minute, or what a single home takes."""
    return timedelta(minutes=max(1.0, 1.0 / rate))


def room(plan: Plan, tally: Tally, recent: int) -> int:
    """How many homes may be made an offer now; `recent` were within the `window`."""
    number = wave(plan, tally.confirmed)
    rate = per_minute(plan.pace, number)
    by_rate = int(rate * (window(rate) / timedelta(minutes=1)) + 1e-9) - recent
    return max(0, min(by_rate, reach(plan.pace, number) - tally.reached, tally.waiting))


def too_many(plan: Plan, tally: Tally) -> bool:
    """Whether so many went wrong that the campaign is over."""
    return tally.ended >= plan.stop_least and tally.wrong >= plan.stop * tally.ended
