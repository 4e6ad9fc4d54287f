"""How often a stranger may knock."""

import pytest

from gateway.errors import Refused
from gateway.testing.clock import FakeClock
from gateway.web.auth.limits import KnockLimit, TokenBucket


async def test_a_bucket_empties_and_fills_again(clock: FakeClock) -> None:
    bucket = TokenBucket(clock, burst=2, per_s=0.1)
    assert [bucket.take(), bucket.take(), bucket.take()] == [0.0, 0.0, pytest.approx(10.0)]
    await clock.advance(9.9)
    assert bucket.take() == pytest.approx(0.1)
    await clock.advance(0.2)
    assert bucket.take() == 0.0


def knocks_until_refused(limit: KnockLimit, addresses: list[str]) -> int:
    for number, address in enumerate(addresses):
        try:
            limit.knock(address)
        except Refused:
            return number
    return len(addresses)


def test_a_refusal_says_when_to_come_back(clock: FakeClock) -> None:
    limit = KnockLimit(clock)
    knocks_until_refused(limit, ["192.0.2.1"] * 6)
    with pytest.raises(Refused) as caught:
        limit.knock("192.0.2.1")
    assert (caught.value.key, caught.value.status) == ("too_many_attempts", 429)
    assert caught.value.facts == {"retry_after_s": 30}


def test_one_address_gets_five_attempts(clock: FakeClock) -> None:
    limit = KnockLimit(clock)
    assert knocks_until_refused(limit, ["192.0.2.1"] * 9) == 5
    assert knocks_until_refused(limit, ["192.0.2.2"] * 9) == 5


def test_a_whole_ipv6_network_counts_as_one(clock: FakeClock) -> None:
    addresses = [f"2001:db8::{number:x}" for number in range(1, 9)]
    assert knocks_until_refused(KnockLimit(clock), addresses) == 5


def test_a_mapped_ipv4_address_is_that_address(clock: FakeClock) -> None:
    addresses = ["192.0.2.1", "::ffff:192.0.2.1"] * 4
    assert knocks_until_refused(KnockLimit(clock), addresses) == 5


def test_many_addresses_together_are_limited(clock: FakeClock) -> None:
    addresses = [f"192.0.2.{number}" for number in range(200)]
    assert knocks_until_refused(KnockLimit(clock), addresses) == 60


def test_only_so_many_addresses_are_remembered(clock: FakeClock) -> None:
    limit = KnockLimit(clock, addresses=2)
    knocks_until_refused(limit, ["192.0.2.1"] * 5 + ["192.0.2.2", "192.0.2.3"])
    limit.knock("192.0.2.1")  # forgotten as the oldest, so it has a full bucket again


@pytest.mark.parametrize("address", [None, "", "not an address"])
def test_an_unreadable_address_is_limited_too(clock: FakeClock, address: str | None) -> None:
    limit = KnockLimit(clock)
    for _ in range(5):
        limit.knock(address)
    with pytest.raises(Refused):
        limit.knock(address)
