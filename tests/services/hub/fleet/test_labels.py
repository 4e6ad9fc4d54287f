"""Labels and shares."""

import itertools

import pytest

from gateway.errors import Invalid
from services.hub.campaigns.plan import plan_of
from services.hub.fleet.labels import Group, bucket, check_labels

HOMES = [f"home{number}" for number in range(2000)]


def test_a_bucket_is_the_same_for_ever() -> None:
    """Whoever was among the first tenth stays there: these are of the first release."""
    assert [bucket("home1", "a"), bucket("home1", "b"), bucket("home2", "a")] == [
        0.9497810791014583,
        0.25329759249008355,
        0.13237266290050465,
    ]


def test_shares_are_about_as_large_as_they_say() -> None:
    for salt in ("a", "b", "c"):
        tenth = sum(Group(share=0.1, salt=salt).holds(home, {}) for home in HOMES)
        assert 140 < tenth < 260  # 200 and four and a half standard deviations


def test_a_campaign_means_the_same_homes() -> None:
    plan = plan_of(
        {"wish": {"what": "settings", "patch": {"x": 1}}, "labels": {"ring": "a"}, "share": 0.3, "salt": "s"}
    )
    group = Group(labels={"ring": "a"}, share=0.3, salt="s")
    homes = [(home, {"ring": "ab"[len(home) % 2]}) for home in HOMES]
    assert [plan.concerns(*home) for home in homes] == [group.holds(*home) for home in homes]


def test_a_larger_share_holds_whoever_a_smaller_one_held() -> None:
    shares = [0.0, 0.01, 0.3, 0.31, 1.0]
    held = [{home for home in HOMES if Group(share=share, salt="x").holds(home, {})} for share in shares]
    assert all(small <= large for small, large in itertools.pairwise(held))
    assert (held[0], held[-1]) == (set(), set(HOMES))


def test_another_salt_deals_anew() -> None:
    first, second = ({home for home in HOMES if Group(share=0.2, salt=salt).holds(home, {})} for salt in "ab")
    assert 40 < len(first & second) < 130  # 80 by chance


def test_all_labels_must_match() -> None:
    group = Group(labels={"ring": "canary", "site": "oslo"})
    assert group.holds("h", {"ring": "canary", "site": "oslo", "more": "x"})
    assert not group.holds("h", {"ring": "canary"})
    assert not group.holds("h", {"ring": "canary", "site": "berlin"})


@pytest.mark.parametrize(
    "labels",
    [{"": "x"}, {"Ring": "x"}, {"ring": ""}, {"ring": "a b"}, {"ring": "<i>"}, {f"l{n}": "x" for n in range(17)}],
)
def test_labels_that_will_not_do(labels: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="labels_invalid"):
        check_labels(labels)


def test_labels_that_will() -> None:
    assert check_labels({"ring": "canary", "fw_1.x": "1.2-RC"}) == {"ring": "canary", "fw_1.x": "1.2-RC"}
