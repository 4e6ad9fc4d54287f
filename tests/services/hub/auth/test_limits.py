"""How often somebody may try."""

import pytest

from gateway.errors import Refused
from services.hub.auth.limits import Lockout, Pace, network

PACE = Pace(burst=2, every_s=10.0)


def test_the_wait_that_is_told_is_enough() -> None:
    now = [0.0]
    lockout = Lockout(PACE, lambda: now[0])
    lockout.knock("a")
    lockout.knock("a")
    with pytest.raises(Refused) as caught:
        lockout.knock("a")
    assert caught.value.status == 429
    now[0] += float(str(caught.value.facts["retry_after_s"]))
    lockout.knock("a")
    with pytest.raises(Refused):
        lockout.knock("a")
    lockout.knock("b")


def test_what_was_right_does_not_count() -> None:
    lockout = Lockout(PACE, lambda: 0.0)
    for _ in range(5):
        lockout.knock("a")
        lockout.forgive("a")


def test_it_forgets_whom_it_has_not_heard_of_for_longest() -> None:
    lockout = Lockout(PACE, lambda: 0.0, most=2)
    for key in ("a", "a", "b", "c"):
        lockout.knock(key)
    lockout.knock("a")
    assert len(lockout._left) == 2


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_one_machine_is_one_address(address: str | None, counts_as: str) -> None:
    assert network(address) == counts_as
