"""Fault table: relay stuck on, relay stuck off and dead heaters, valves, what others suspect."""

import math
from itertools import pairwise

import pytest

from gateway.climate.words import Alarm
from tests.unit.climate.supervisor.rig import Rig, good


def on(power_w: float) -> dict[str, object]:
    return {"power_w": good(power_w)}


def test_a_relay_that_stays_on_is_told_after_a_quarter_of_an_hour() -> None:
    rig = Rig(power_w=2000)
    assert Alarm.RELAY_STUCK_ON not in rig.run(900, seen=on(1900)).alarms
    assert Alarm.RELAY_STUCK_ON in rig.run(120).alarms


def test_the_relays_own_word_counts_where_there_is_no_meter() -> None:
    assert Alarm.RELAY_STUCK_ON in Rig().run(1200, seen={"heater_on": True}).alarms


def test_a_meter_is_believed_before_a_welded_relays_own_word() -> None:
    assert Alarm.RELAY_STUCK_ON in Rig(power_w=2000).run(1200, seen={"heater_on": False, **on(1900)}).alarms


def test_off_is_sent_five_times_again() -> None:
    rig = Rig(limits={"lease_s": 900})
    rig.tick_s = 10.0
    rig.run(1200, seen={"heater_on": True})
    assert all(order.on is False for _, order in rig.sent())
    early = [at_s for at_s, _ in rig.sent() if at_s - rig.log[0][0] < 300]
    assert len(early) == 1 + 5
    assert [later - earlier for earlier, later in pairwise(early[1:])] == [60.0] * 4


def test_the_contactor_in_series_is_opened_and_heats_in_the_relays_place_until_that_lets_go() -> None:
    rig = Rig(second_contactor="main")
    rig.run(900, seen={"heater_on": True})
    assert rig.state("main") is None
    rig.run(120)
    assert rig.state("main") is False
    assert rig.run(600, temp=good(6.0)).heating
    assert rig.state("main") is True
    rig.run(600, temp=good(20.0))
    assert rig.state("main") is False
    cleared = rig.run(120, seen={"heater_on": False})
    assert Alarm.RELAY_STUCK_ON not in cleared.alarms
    assert rig.state("main") is True


def test_an_opened_contactor_hides_the_fault_from_the_meter_and_stays_open_for_a_day() -> None:
    rig = Rig(second_contactor="main", power_w=2000)
    rig.run(1200, seen=on(1900))
    assert Alarm.RELAY_STUCK_ON in rig.run(23 * 3600, seen={"heater_on": False, **on(0)}).alarms
    assert rig.state("main") is False
    assert Alarm.RELAY_STUCK_ON not in rig.run(2 * 3600).alarms
    assert rig.state("main") is True


def test_an_opened_contactor_stays_open_over_a_restart() -> None:
    rig = Rig(second_contactor="main", power_w=2000)
    rig.run(1200, seen=on(1900))
    rig.restarted(3600.0)
    rig.log.clear()
    assert Alarm.RELAY_STUCK_ON in rig.run(3600, seen=on(0)).alarms
    assert rig.state("main") is False


def test_without_meter_and_word_a_room_that_rises_near_the_limit_unasked_tells() -> None:
    rig = Rig()
    temp = 24.0
    for _ in range(180):
        ruling = rig.tick(temp=good(temp))
        temp += 0.02
    assert Alarm.RELAY_STUCK_ON in ruling.alarms


@pytest.mark.parametrize(("contactor", "told"), [(None, False), ("main", True)])
def test_where_a_model_watches_the_heater_a_sunny_room_only_opens_a_contactor(
    contactor: str | None, told: bool
) -> None:
    rig = Rig(second_contactor=contactor)
    temp = 24.0
    for _ in range(180):
        ruling = rig.tick(temp=good(temp), heater_known=True)
        temp += 0.02
    assert (Alarm.RELAY_STUCK_ON in ruling.alarms) is told


def test_a_hot_summer_is_no_fault() -> None:
    rig = Rig()
    temp = 26.0
    for _ in range(180):
        ruling = rig.tick(temp=good(temp), outdoor=good(24.0))
        temp += 0.02
    assert not ruling.alarms


def test_a_welded_relay_that_claims_to_be_off_is_found_by_the_room() -> None:
    rig = Rig()
    temp = 24.0
    for _ in range(180):
        ruling = rig.tick(temp=good(temp), seen={"heater_on": False})
        temp += 0.02
    assert Alarm.RELAY_STUCK_ON in ruling.alarms


def test_a_relay_that_claims_to_be_on_does_not_clear_its_heater() -> None:
    rig = Rig(spare_heater="fan")
    rig.run(600, duty=1.0, seen={"heater_on": True}, suspected=frozenset({Alarm.HEATING_FAILURE}))
    assert Alarm.HEATING_FAILURE in rig.run(5 * 3600, suspected=frozenset()).alarms
    assert rig.state("fan") is True


def test_a_relay_that_did_not_hear_is_cleared_by_its_own_word() -> None:
    rig = Rig()
    assert Alarm.HEATING_FAILURE in rig.run(1500, duty=1.0, seen={"heater_on": False}).alarms
    assert Alarm.HEATING_FAILURE not in rig.run(120, seen={"heater_on": True}).alarms


def test_a_sunny_afternoon_is_no_stuck_relay() -> None:
    rig = Rig()
    temp = 21.0
    for _ in range(300):
        ruling = rig.tick(temp=good(temp))
        temp += 0.018
    assert not ruling.alarms


def test_a_dead_heater_is_told_after_a_quarter_of_an_hour_of_demand() -> None:
    rig = Rig(power_w=2000)
    rig.run(300, duty=1.0, seen=on(0))
    assert Alarm.HEATING_FAILURE not in rig.run(900).alarms
    assert Alarm.HEATING_FAILURE in rig.run(180).alarms
    assert Alarm.HEATING_FAILURE not in rig.run(180, seen=on(1900)).alarms


def test_a_heater_that_rests_because_the_room_is_warm_is_not_dead() -> None:
    rig = Rig(power_w=2000)
    assert Alarm.HEATING_FAILURE not in rig.run(3600, duty=1.0, temp=good(21.0), seen=on(0)).alarms


@pytest.mark.parametrize(("window", "told"), [(None, True), (False, True), (True, False)])
def test_without_meter_and_word_a_room_that_cools_under_full_heat_tells(window: bool | None, told: bool) -> None:
    rig = Rig()
    temp = 20.0
    for _ in range(110):
        ruling = rig.tick(duty=1.0, temp=good(temp), seen={"window": window})
        temp -= 0.012
    assert (Alarm.HEATING_FAILURE in ruling.alarms) is told


def test_a_heater_at_its_limit_in_a_cold_night_is_not_dead() -> None:
    rig = Rig()
    temp = 19.0
    for _ in range(600):
        ruling = rig.tick(duty=1.0, temp=good(temp))
        temp -= 0.005
    assert not ruling.alarms


def test_cold_walls_that_draw_the_air_down_at_the_first_start_are_no_dead_heater() -> None:
    """Heavy houses do so for an hour, also where the heater gives all that it was built for."""
    rig = Rig()
    for minute in range(240):
        ruling = rig.tick(duty=1.0, temp=good(18.7 + 1.3 * math.exp(-minute / 45)))
        assert Alarm.HEATING_FAILURE not in ruling.alarms


def cooling(rig: Rig, hours: float, k_h: float) -> Alarm | None:
    """Full heat in a room that cools all the same and is aired for twenty minutes in every two hours: what is told."""
    temp = rig.temp.value or 20.0
    for minute in range(round(hours * 60)):
        temp -= k_h / 60
        airing = 80 <= minute % 120 < 100
        if Alarm.HEATING_FAILURE in rig.tick(duty=float(not airing), temp=good(temp), seen={"window": airing}).alarms:
            return Alarm.HEATING_FAILURE
    return None


def test_airings_do_not_hide_a_dead_heater_for_a_day() -> None:
    assert cooling(Rig(), 7, 0.45) is Alarm.HEATING_FAILURE


def test_a_heater_at_its_limit_is_not_dead_because_of_airings() -> None:
    assert cooling(Rig(), 12, 0.3) is None


def test_a_setback_that_full_heat_has_not_made_up_for_is_no_dead_heater() -> None:
    rig = Rig()
    for minute in range(90):
        rig.tick(duty=0.0, temp=good(21.0 - minute * 0.04))
    for minute in range(300):
        assert Alarm.HEATING_FAILURE not in rig.tick(duty=1.0, temp=good(17.4 + minute * 0.004)).alarms


def test_an_evening_without_heat_after_a_day_of_it_is_no_dead_heater() -> None:
    rig = Rig()
    rig.run(5 * 3600, duty=1.0, temp=good(23.0))
    for minute in range(80):
        rig.tick(duty=0.0, temp=good(23.0 - minute * 0.04))
    for minute in range(120):
        assert Alarm.HEATING_FAILURE not in rig.tick(duty=1.0, temp=good(19.8 + minute * 0.005)).alarms


def test_a_heater_at_its_limit_that_makes_up_for_an_airing_is_not_dead() -> None:
    """The window shuts earlier in what is inferred than on the wall."""
    rig = Rig()
    rig.run(5 * 3600, duty=1.0, temp=good(20.0))
    for minute in range(45):
        rig.tick(temp=good(20.0 - minute * 0.08), seen={"window": minute < 30})
    for minute in range(180):
        assert Alarm.HEATING_FAILURE not in rig.tick(temp=good(16.5 + minute * 0.008)).alarms


def test_the_spare_heater_takes_over_with_its_own_limits() -> None:
    rig = Rig(spare_heater="fan", power_w=2000)
    rig.run(1800, duty=1.0, seen=on(0))
    assert rig.state("fan") is True
    rig.run(600, temp=good(21.3))
    assert rig.state("fan") is False
    rig.run(600, temp=good(20.5))
    assert rig.state("fan") is True
    rig.run(60, temp=good(27.0), target_c=30.0)
    assert rig.state("fan") is False


def test_what_others_found_is_acted_on() -> None:
    rig = Rig(spare_heater="fan", second_contactor="main")
    assert Alarm.HEATING_FAILURE in rig.run(600, duty=1.0, suspected=frozenset({Alarm.HEATING_FAILURE})).alarms
    assert rig.state("fan") is True
    rig.run(600, duty=0.0, suspected=frozenset({Alarm.RELAY_STUCK_ON}))
    assert rig.state("main") is False


def test_a_suspicion_that_the_meter_disproves_opens_nothing() -> None:
    rig = Rig(second_contactor="main", power_w=2000)
    rig.run(600, seen=on(0), suspected=frozenset({Alarm.RELAY_STUCK_ON}))
    assert rig.state("main") is None


def test_a_stuck_valve_has_its_own_name() -> None:
    rig = Rig(drive="valve")
    temp = 24.0
    for _ in range(180):
        ruling = rig.tick(temp=good(temp))
        temp += 0.02
    assert Alarm.VALVE_STUCK in ruling.alarms
    assert Alarm.RELAY_STUCK_ON not in ruling.alarms
    assert rig.sent()[-1][1].level_pct == 0.0


def test_while_nobody_is_heard_the_last_word_proves_nothing() -> None:
    rig = Rig()
    rig.run(300, seen={"heater_on": True})
    assert rig.run(3600, link_up=False).alarms == {Alarm.LINK_LOST}
