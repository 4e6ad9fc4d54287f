"""Decisions hold up against chance: simulated candidates with fixed seeds, looked at after every sample."""

import numpy as np
import pytest

from gateway.models.rollout.histograms import Latencies, Scores
from gateway.models.rollout.statistics import Verdict, rate_factor, share_verdict, stability_index, wilson

RUNS = 400


@pytest.mark.parametrize("limit", [0.02, 0.05, 0.1, 0.5])
def test_shares_far_from_the_limit_are_decided_right_although_looked_at_all_the_time(limit: float) -> None:
    rng = np.random.default_rng(5)
    for share, right in ((limit / 2, Verdict.GOOD), (min(0.9, limit * 1.5), Verdict.BAD)):
        wrong = 0
        for _ in range(RUNS):
            hits = np.cumsum(rng.random(4000) < share)
            verdicts = (share_verdict(int(bad), total, limit) for total, bad in enumerate(hits, 1))
            wrong += next((v for v in verdicts if v is not Verdict.OPEN), Verdict.OPEN) is not right
        assert wrong / RUNS <= 0.02, f"{share} of {limit}"


def test_the_ends_of_the_range_of_limits() -> None:
    assert share_verdict(0, 0, 0.0) is Verdict.GOOD
    assert share_verdict(1, 10_000, 0.0) is Verdict.BAD
    assert share_verdict(10, 10, 1.0) is Verdict.GOOD
    assert share_verdict(50, 50, 0.9) is not Verdict.GOOD
    assert share_verdict(1, 1, 0.1) is Verdict.OPEN, "one bad answer is no evidence"


def test_wilson_covers_the_share() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(8, 10, z=1.96)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


def test_a_rate_differs_surely_only_with_enough_counts() -> None:
    assert rate_factor((0, 0), (3600.0, 3600.0)) == (1.0, 1.0)
    factor, sure = rate_factor((12, 2), (3600.0, 3600.0))
    assert factor == pytest.approx(5.0)
    assert sure < 3
    assert rate_factor((200, 20), (3600.0, 3600.0))[1] > 3
    assert rate_factor((20, 200), (3600.0, 3600.0))[1] > 3, "either way"
    assert rate_factor((120, 20), (6 * 3600.0, 3600.0))[1] == 1.0, "six times as long"


def test_histograms_of_one_distribution_stay_within_chance() -> None:
    rng = np.random.default_rng(7)
    beyond = 0
    for _ in range(RUNS):
        one, other = Scores(), Scores()
        for score in rng.beta(2, 2, 200):
            one.add(float(score))
        for score in rng.beta(2, 2, 200):
            other.add(float(score))
        index, chance = stability_index(one.counts, other.counts)
        beyond += index > chance
    assert beyond / RUNS <= 0.01
    assert stability_index([0] * 10, [1] * 10)[1] == float("inf")


def test_latencies_in_buckets_keep_quantiles_to_a_few_per_cent() -> None:
    times = np.random.default_rng(3).lognormal(-5, 0.4, 2000)
    kept = Latencies()
    for time in times:
        kept.add(float(time))
    for q in (0.5, 0.95):
        assert kept.quantile(q) == pytest.approx(float(np.quantile(times, q)), rel=0.04)
        low, high = kept.bounds(q)
        assert low < np.exp(-5 + 0.4 * {0.5: 0.0, 0.95: 1.645}[q]) < high, "the true quantile"
    assert Latencies().quantile(0.5) == 0.0
    kept.add(1e9)
    kept.add(0.0)
    assert kept.total == 2002
