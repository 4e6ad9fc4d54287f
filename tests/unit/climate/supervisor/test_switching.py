"""Shortest times, starts per hour, leases, links."""

from itertools import pairwise

from tests.unit.climate.supervisor.rig import Rig


def test_heat_is_ordered_with_a_lease_and_renewed_at_a_third_of_it() -> None:
    rig = Rig()
    rig.run(3600, duty=1.0)
    sent = [at_s for at_s, on in rig.orders() if on]
    assert [later - earlier for earlier, later in pairwise(sent)] == [300.0] * (len(sent) - 1)
    assert len(sent) == 12
    assert {order.lease_s for _, ruling in rig.log for order in ruling.orders} == {900.0}
