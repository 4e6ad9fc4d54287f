import json
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import Invalid
from gateway.wire.hourly import MOST_HOURS, at, hourly_of

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOON_S = START.timestamp()


def told(entries: object) -> bytes:
    return json.dumps(entries).encode()


def price(entry: object) -> dict[str, object]:
    return {"start": "2026-01-05T13:00:00+01:00", "price": entry}


def test_hours_are_ordered_and_in_posix_time() -> None:
    later = {"start": "2026-01-05T13:00:00Z", "price": 0.31}
    assert hourly_of(told([later, price("0.28")]), when="start", what="price") == (
        (NOON_S, 0.28),
        (NOON_S + 3600, 0.31),
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"start": "2026-01-05T13:00:00", "price": 1.0},
        {"start": "soon", "price": 1.0},
        {"start": 3, "price": 1.0},
        {"price": 1.0},
        price(None),
        price(True),
        price("NaN"),
        price([1]),
        7,
        None,
        [],
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_read_costs_only_itself(bad: object) -> None:
    assert len(hourly_of(told([bad, price(0.2)]), when="start", what="price")) == 1
    with pytest.raises(Invalid, match="no_hours"):
        hourly_of(told([bad]), when="start", what="price")


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b"", "payload_empty"),
        (b"\xff", "payload_not_utf8"),
        (b"[", "payload_not_json"),
        (b"[" * 60_000, "payload_not_json"),
        (b"{}", "wrong_type"),
        (b"[]", "no_hours"),
        (b" " * 70_000, "payload_too_large"),
    ],
)
def test_what_is_no_list_of_hours_is_refused(payload: bytes, key: str) -> None:
    with pytest.raises(Invalid, match=key):
        hourly_of(payload, when="start", what="price")


def test_no_more_is_kept_than_could_be_used() -> None:
    many = [{"start": (START + timedelta(hours=hour)).isoformat(), "price": 0.2} for hour in range(MOST_HOURS + 9)]
    assert len(hourly_of(told(many), when="start", what="price")) == MOST_HOURS


@pytest.mark.parametrize(
    ("after_s", "value"), [(-1, None), (0, 0.2), (3599, 0.2), (3600, 0.4), (7199, 0.4), (7200, None)]
)
def test_the_last_hour_lasts_an_hour(after_s: float, value: float | None) -> None:
    assert at(((NOON_S, 0.2), (NOON_S + 3600, 0.4)), NOON_S + after_s) == value


def test_a_hole_of_days_is_not_filled() -> None:
    hours = ((NOON_S, 0.2), (NOON_S + 3 * 86400, 0.4))
    assert at(hours, NOON_S + 6 * 3600) == 0.2
    assert at(hours, NOON_S + 2 * 86400) is None
    assert at((), NOON_S) is None
