"""What is raised and cleared, and what stays."""

import random
from collections.abc import Sequence

import pytest

from services.hub.alerts.judge import Found, Kind, Limit, judge
from services.hub.store.alerts import Alert
from tests.services.hub.store.fleet import NOON

DISK = Limit(raised_at=500.0, cleared_at=600.0, level="warning")
SILENT = Limit(raised_at=120.0, cleared_at=60.0, level="critical")
LIMITS: dict[Kind, Limit] = {"disk_small": DISK, "silent": SILENT}


def standing(kind: str = "silent", subject: str = "", number: int = 1) -> Alert:
    return Alert(id=number, gateway="h", kind=kind, subject=subject, level="critical", value=1.0, raised=NOON)


@pytest.mark.parametrize(
    ("limit", "value", "stood", "stands"),
    [
        (SILENT, 119.9, False, False),
        (SILENT, 120.0, False, True),
        (SILENT, 60.1, True, True),
        (SILENT, 60.0, True, False),
        (DISK, 500.1, False, False),
        (DISK, 500.0, False, True),
        (DISK, 599.9, True, True),
        (DISK, 600.0, True, False),
    ],
)
def test_a_limit_has_two_ends(limit: Limit, value: float, *, stood: bool, stands: bool) -> None:
    assert limit.stands(value, stood=stood) is stands


@pytest.mark.parametrize("seed", range(5))
def test_a_number_near_its_limit_rings_once(seed: int) -> None:
    """However it wanders between the two ends, nothing changes once something did."""
    rng = random.Random(seed)
    for limit in (SILENT, DISK):
        low, high = sorted((limit.raised_at, limit.cleared_at))
        for stood in (False, True):
            for _ in range(100):
                value = rng.uniform(low + 1e-6, high - 1e-6)
                assert limit.stands(value, stood=stood) is stood


def changes(found: Sequence[Found], alerts: Sequence[Alert]) -> tuple[list[str], list[int]]:
    change = judge(found, alerts, LIMITS)
    return [one.subject for one, _ in change.raised], [alert.id for alert in change.cleared]


def test_what_is_not_found_any_more_is_cleared() -> None:
    assert changes([], [standing(), standing("disk_small", number=2)]) == ([], [1, 2])


def test_what_nobody_judges_any_more_is_cleared_and_not_raised() -> None:
    found = [Found(kind="drops", subject="x", value=9.0)]
    assert changes(found, [standing("drops", "x")]) == ([], [1])


def test_subjects_are_judged_apart() -> None:
    found = [Found(kind="silent", subject=subject, value=200.0) for subject in ("a", "b")]
    assert changes(found, [standing(subject="b"), standing(subject="c", number=3)]) == (["a"], [3])
