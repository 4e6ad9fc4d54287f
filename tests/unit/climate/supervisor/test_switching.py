"""Shortest times, starts per hour, leases; gateway crash, MQTT loss, power loss."""

from itertools import pairwise

import pytest

from gateway.climate.supervisor import Supervisor
from gateway.climate.words import Alarm
from tests.unit.climate.supervisor.rig import Rig, good


def test_every_order_has_a_lease_and_is_renewed_at_a_third_of_it() -> None:
    rig = Rig()
    rig.run(3600, duty=1.0)
    sent = [at_s for at_s, order in rig.sent() if order.on]
    assert [later - earlier for earlier, later in pairwise(sent)] == [300.0] * 11
    assert {order.lease_s for _, ruling in rig.log for order in ruling.orders} == {900.0}


def test_a_lease_may_be_shorter() -> None:
    rig = Rig(limits={"lease_s": 300})
    rig.run(3600)
    assert {order.lease_s for _, order in rig.sent()} == {300.0}
    assert [later - earlier for (earlier, _), (later, _) in pairwise(rig.sent())] == [120.0] * 29


@pytest.mark.parametrize("tick_s", [1.0, 7.0, 60.0])
def test_shortest_times_hold_whatever_the_tick(tick_s: float) -> None:
    rig = Rig(limits={"starts_per_hour": 12})
    rig.tick_s = tick_s
    for _ in range(round(3600 / tick_s)):
        rig.tick(duty=1.0 - rig.duty)
    assert rig.switched()
    assert min(later - earlier for earlier, later in pairwise(rig.switched())) >= 240.0


def test_a_law_gets_one_start_less_an_hour_than_allowed_and_a_guard_the_last() -> None:
    rig = Rig(limits={"min_on_s": 0, "min_off_s": 0, "starts_per_hour": 4})
    rig.tick()
    for _ in range(40):
        rig.tick(duty=1.0 - rig.duty)
    assert len(rig.switched()) == 2 * 3
    assert rig.tick(duty=0.0, temp=good(6.0)).heating


def test_the_hour_of_starts_slides() -> None:
    rig = Rig(limits={"min_on_s": 0, "min_off_s": 0, "starts_per_hour": 3})
    for _ in range(600):
        rig.tick(duty=1.0 - rig.duty)
    starts = rig.switched()[::2]
    assert len(starts) >= 18
    assert all(later - earlier >= 3600.0 for earlier, later in zip(starts, starts[2:], strict=False))


def test_after_a_start_of_the_gateway_the_relay_counts_as_just_switched_off() -> None:
    rig = Rig()
    rig.run(240, duty=1.0)
    assert rig.switched() == []
    assert rig.state() is False
    assert rig.tick().heating
    rig.restarted()
    rig.log.clear()
    rig.run(240)
    assert rig.switched() == []
    assert rig.tick().heating


@pytest.mark.parametrize(
    ("away_s", "clock", "heats"), [(0.0, True, False), (3600.0, True, True), (3600.0, False, False)]
)
def test_starts_of_the_last_hour_survive_a_restart(away_s: float, clock: bool, heats: bool) -> None:
    rig = Rig(limits={"min_on_s": 0, "min_off_s": 0, "starts_per_hour": 4})
    for _ in range(6):
        rig.tick(duty=1.0 - rig.duty)
    rig.restarted(away_s, clock=clock)
    assert rig.run(120, duty=1.0).heating is heats


def test_restart_is_told_once() -> None:
    rig = Rig()
    assert Alarm.RESTARTED not in rig.run(600).alarms
    rig.restarted()
    assert Alarm.RESTARTED in rig.tick().alarms
    assert Alarm.RESTARTED not in rig.run(600).alarms


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"actuators": 7, "line": "x", "ceiling": None, "wall": "never"},
        {
            "actuators": {"heater": [None, "a", -1.0, 1e99]},
            "line": {"hours": [[1, 2], [1, 2, 3, "x"], 3]},
            "wall": float("nan"),
        },
        {
            "ceiling": {"overshoot_k": float("inf")},
            "line": {"hours": [[float("nan"), 1.0, 1.0, 1.0]], "yesterday_c": "cold"},
            "feedback": {"stuck_s": float("nan")},
        },
    ],
)
def test_a_damaged_memory_is_forgotten(kept: dict[str, object]) -> None:
    rig = Rig()
    rig.supervisor = Supervisor(rig.room)
    rig.supervisor.restore(kept, rig.moment)
    assert rig.heated().heating


def test_while_the_link_is_lost_nothing_is_sent_and_the_lease_runs_out() -> None:
    rig = Rig()
    assert rig.heated().heating
    rig.log.clear()
    lost = rig.run(840, link_up=False)
    assert lost.alarms == {Alarm.LINK_LOST}
    assert lost.heating
    assert not rig.run(120).heating
    assert rig.sent() == []


def test_when_the_link_comes_back_everything_is_said_again() -> None:
    rig = Rig(cooler="ac")
    rig.heated()
    rig.tick(link_up=False)
    rig.tick(link_up=True)
    assert {order.target for order in rig.log[-1][1].orders} == {"relay", "ac"}


def test_after_the_lease_ran_out_the_shortest_off_time_counts_from_then() -> None:
    rig = Rig()
    rig.heated()
    rig.run(960, link_up=False)
    assert not rig.tick(link_up=True).heating
    assert rig.run(240).heating


def test_after_a_restart_without_a_link_the_shortest_off_time_counts_from_the_first_word() -> None:
    """Until then the device may still run on its last lease."""
    rig = Rig()
    rig.heated()
    rig.restarted()
    rig.run(600, link_up=False)
    rig.log.clear()
    rig.tick(link_up=True)
    assert rig.state() is False
    assert not rig.run(180).heating
    assert rig.tick().heating


def test_a_valve_gets_its_opening_and_small_changes_wait() -> None:
    rig = Rig(drive="valve")
    rig.run(60, duty=0.5)
    rig.run(60, duty=0.51)
    assert [order.level_pct for _, order in rig.sent()] == [50.0]
    rig.run(60, duty=0.6)
    rig.run(60, duty=0.0)
    assert [order.level_pct for _, order in rig.sent()] == [50.0, 60.0, 0.0]


@pytest.mark.parametrize(
    ("emitter", "duty", "flow_c"),
    [("radiator", 0.0, 10.0), ("radiator", 0.5, 50.0), ("radiator", 1.0, 75.0), ("floor", 1.0, 45.0)],
)
def test_a_boiler_gets_a_flow_temperature(emitter: str, duty: float, flow_c: float) -> None:
    rig = Rig(drive="opentherm", emitter=emitter)
    rig.tick(duty=duty)
    order = rig.sent()[-1][1]
    assert (order.flow_c, order.on, order.level_pct) == (flow_c, None, None)


def test_a_room_without_a_heater_gets_no_orders() -> None:
    rig = Rig(heater=None)
    rig.run(600, duty=1.0)
    assert rig.log[-1][1].orders == ()
