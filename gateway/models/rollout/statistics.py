"""When counts are enough to decide. Pure.

Gates are looked at every second, and a fixed test looked at often enough rejects everything. So shares are judged by a
sequential test, and what is compared by intervals must be far beyond its limit.
"""

import math
from collections.abc import Sequence
from enum import Enum

RISK = 0.01
"""Of calling a share good that is bad, and the other way round."""

FAR = 3.29
"""Standard deviations: one in 2,000, because it is looked at often."""

_CHI2_BY_DEGREES = {9: 27.88}
"""Upper 0.1 % points of the chi-squared distribution."""


class Verdict(Enum):
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


def share_verdict(bad: int, total: int, limit: float) -> Verdict:
    """Whether the share of bad ones is below `limit`: Wald's sequential probability ratio test ("Sequential Tests of
    Statistical Hypotheses", 1945) of half the limit against one and a half times the limit. Where nothing may be bad
    the first one decides, and where all may be bad none does."""
    if limit <= 0:
        return Verdict.BAD if bad else Verdict.GOOD
    if limit >= 1:
        return Verdict.GOOD
    low, high = limit / 2, min(limit * 1.5, (1 + limit) / 2)
    evidence = bad * math.log(high / low) + (total - bad) * math.log((1 - high) / (1 - low))
    boundary = math.log((1 - RISK) / RISK)
    if evidence >= boundary:
        return Verdict.BAD
    return Verdict.GOOD if evidence <= -boundary else Verdict.OPEN


def wilson(hits: int, total: int, z: float = FAR) -> tuple[float, float]:
    """The interval of a share (Wilson, "Probable Inference, the Law of Succession", JASA 1927)."""
    if total == 0:
        return 0.0, 1.0
    share, extra = hits / total, z * z / total
    middle = (share + extra / 2) / (1 + extra)
    half = z / (1 + extra) * math.sqrt(share * (1 - share) / total + extra / (4 * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def rate_factor(counts: tuple[int, int], exposures: tuple[float, float]) -> tuple[float, float]:
    """By which factor the two rates differ, whichever is the larger, and the least factor it surely is.

    Given their sum, one of two Poisson counts is binomial (Przyborowski & Wilenski, "Homogeneity of Results in Testing
    Samples from Poisson Series", 1940)."""
    (one, other), (time, other_time) = counts, exposures
    if time <= 0 or other_time <= 0 or one + other == 0:
        return 1.0, 1.0
    if one / time < other / other_time:
        (one, other), (time, other_time) = (other, one), (other_time, time)
    least, _ = wilson(one, one + other)
    sure = least / max(1 - least, 1e-9) * other_time / time
    return (one + 0.5) / time / ((other + 0.5) / other_time), max(1.0, sure)


def stability_index(expected: Sequence[int], found: Sequence[int]) -> tuple[float, float]:
    """The population stability index of two histograms over the same bins, and how large chance alone makes it: under
    equality it is nearly (1/n + 1/m) times chi-squared with one degree less than bins (Yurdakul & Naranjo, "Statistical
    Properties of the Population Stability Index", 2020). Half a count is added to each bin, so none is empty."""
    n, m = sum(expected), sum(found)
    if not n or not m:
        return 0.0, math.inf
    bins = len(expected)
    p = [(count + 0.5) / (n + bins / 2) for count in expected]
    q = [(count + 0.5) / (m + bins / 2) for count in found]
    index = sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))
    return index, _CHI2_BY_DEGREES[bins - 1] * (1 / n + 1 / m)


def quantile_ranks(total: int, q: float, z: float = FAR) -> tuple[float, float]:
    """Between which ranks (0..total) of an ordered sample the true quantile lies; free of any distribution (David &
    Nagaraja, "Order Statistics", 2003, section 7.1)."""
    half = z * math.sqrt(total * q * (1 - q))
    return max(0.0, total * q - half), min(float(total), total * q + half)
