"""An hour in a home, and what is told of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.types import UNITS, Event, Kind, Level, Quantity, Reading, Stamp
from gateway.types.climate import Alarm, Drive, Law, Mode, RoomStatus, Trust, Wanted
from gateway.uplink.summaries.summariser import Closed, Summariser
from gateway.uplink.summaries.vitals import ModelNow, Now
from gateway.wire.summary import (
    Comfort,
    DeviceHealth,
    Energy,
    EventCount,
    GatewayHealth,
    HeaterFault,
    ModelHealth,
    Presence,
    Summary,
)

HOUR = 500_000 * 3600


class Home:
    """A summariser in a home whose time is driven by hand: `at` are seconds into the hour."""

    def __init__(self, look: Callable[[], Now] | None = None, every_s: int = 3600) -> None:
        self.now = Now(version="0.1.0", uptime_s=10, cpu_s=1, rss_mb=100, disk_free_mb=5000)
        self.told = Summariser(
            look=look or (lambda: self.now),
            level=lambda device: Level.DOWN if device == "dead" else Level.OK,
            power_w={"kitchen": 2000.0},
            rooms_know=frozenset({"pir"}),
            every_s=every_s,
        )
        self.tick(0)

    def tick(self, at: float) -> Closed | None:
        return self.told.tick(1000 + at, datetime.fromtimestamp(HOUR + at, UTC))

    def close(self) -> tuple[Summary, ...]:
        closed = self.tick(3600)
        assert closed is not None
        return closed.summaries

    def reads(self, device: str, quantity: Quantity, value: float, at: float) -> None:
        self.told.hear(Reading(device=device, quantity=quantity, value=value, unit=UNITS[quantity], stamp=stamp(at)))

    def lives(self, status: RoomStatus, minutes: float) -> None:
        for tick in range(round(minutes * 6) + 1):
            self.told.room(status, 1000 + tick * 10)


def stamp(at: float) -> Stamp:
    return Stamp(wall=datetime.fromtimestamp(HOUR + at, UTC), mono_ns=round((1000 + at) * 1e9))


def room(**changes: object) -> RoomStatus:
    usual = RoomStatus(
        room="kitchen",
        wanted=Wanted(mode=Mode.AUTO, target_c=21.0, ahead=(21.0, 17.0)),
        drive=Drive(duty=1.0, law=Law.CLASSIC, why="cold"),
        orders=(),
        temp_c=21.0,
        trust=Trust.GOOD,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # fields by name


def only(kind: type[Summary], told: tuple[Summary, ...]) -> list[Summary]:
    return [one for one in told if isinstance(one, kind)]


def test_events_are_counted_by_kind() -> None:
    home = Home()
    for number in range(3):
        home.told.hear(
            Event(
                id=f"{number}", kind=Kind.FACE_RECOGNISED, stamp=stamp(1), began=stamp(1), source="door", label="Anna"
            )
        )
    told = home.close()
    assert only(EventCount, told) == [EventCount(hour=HOUR, of=Kind.FACE_RECOGNISED, count=3)]
    assert "Anna" not in str(told)


def test_comfort_is_what_was_missing_or_too_much() -> None:
    home = Home()
    home.lives(room(temp_c=19.5), 30)
    assert only(Comfort, home.close()) == [Comfort(hour=HOUR, room="kitchen", kh_below=0.5, kh_above=0.0, mean_c=19.5)]


def test_a_room_that_cools_down_for_the_night_is_not_too_warm() -> None:
    night = Wanted(mode=Mode.AUTO, target_c=17.0, ahead=(17.0, 21.0))
    home = Home()
    home.lives(room(temp_c=21.0, wanted=night), 30)
    assert only(Comfort, home.close()) == [Comfort(hour=HOUR, room="kitchen", kh_below=0.0, kh_above=0.0, mean_c=21.0)]
    home = Home()
    home.lives(room(temp_c=24.0), 30)
    assert only(Comfort, home.close()) == [Comfort(hour=HOUR, room="kitchen", kh_below=0.0, kh_above=1.0, mean_c=24.0)]


def test_presence_faults_and_heat_of_a_room() -> None:
    home = Home()
    home.lives(room(occupied=0.8, heating=True, alarms=frozenset({Alarm.HEATING_FAILURE, Alarm.WINDOW_OPEN})), 30)
    told = home.close()
    assert only(Presence, told) == [Presence(hour=HOUR, room="kitchen", minutes=30.0)]
    assert only(HeaterFault, told) == [
        HeaterFault(hour=HOUR, room="kitchen", fault=Alarm.HEATING_FAILURE, seconds=1800)
    ]
    assert only(Energy, told) == [Energy(hour=HOUR, thing="kitchen", kwh=1.0, metered=False)]


def test_a_gap_is_not_taken_for_more_of_the_same() -> None:
    home = Home()
    home.told.room(room(occupied=1.0), 1000)
    home.told.room(room(occupied=1.0), 1000 + 1800)
    assert only(Presence, home.close()) == []


def test_a_meter_counts_and_a_new_one_is_believed_from_its_next_report_on() -> None:
    home = Home()
    for at, kwh in ((0, 100.0), (60, 100.2), (120, 0.0), (180, 0.1)):
        home.reads("heater", Quantity.ENERGY, kwh, at)
        home.reads("heater", Quantity.POWER, 5000.0, at)
    assert only(Energy, home.close()) == [Energy(hour=HOUR, thing="heater", kwh=0.3, metered=True)]


def test_power_is_added_up_where_nothing_counts_energy() -> None:
    home = Home()
    home.reads("plug", Quantity.POWER, 1000.0, 0)
    home.reads("plug", Quantity.POWER, 0.0, 360)
    home.reads("plug", Quantity.POWER, 0.0, 3000)
    assert only(Energy, home.close()) == [Energy(hour=HOUR, thing="plug", kwh=0.1, metered=True)]


def test_motion_that_a_room_knows_of_is_not_told_twice() -> None:
    home = Home()
    for device in ("pir", "hall"):
        home.reads(device, Quantity.OCCUPANCY, 1.0, 0)
        home.reads(device, Quantity.OCCUPANCY, 0.0, 300)
    assert only(Presence, home.close()) == [Presence(hour=HOUR, room="hall", minutes=5.0)]


def test_devices_are_told_by_what_they_said() -> None:
    home = Home()
    home.reads("lamp", Quantity.SWITCH, 1.0, 0)
    home.reads("dead", Quantity.SWITCH, 1.0, 0)
    home.reads("Ann's lamp", Quantity.SWITCH, 1.0, 0)
    assert only(DeviceHealth, home.close()) == [
        DeviceHealth(hour=HOUR, device="dead", readings=1, level=Level.DOWN),
        DeviceHealth(hour=HOUR, device="lamp", readings=1, level=Level.OK),
    ]


def test_the_gateway_tells_of_the_hour_and_not_of_its_life() -> None:
    home = Home()
    model = ModelNow(serial=3, inferences=50, failures=1, p95_ms=4.5)
    home.now = replace(home.now, uptime_s=3610, cpu_s=361, camera_bytes=7, models={"net": model})
    told = home.close()
    assert only(GatewayHealth, told) == [
        GatewayHealth(
            hour=HOUR, version="0.1.0", uptime_s=3610, cpu_share=0.1, rss_mb=100, disk_free_mb=5000,
            parts_degraded=0, parts_down=0, camera_bytes=7, uplink_bytes=0,
        )
    ]  # fmt: skip
    assert only(ModelHealth, told) == [
        ModelHealth(hour=HOUR, model="net", serial=3, inferences=50, failures=1, p95_ms=4.5)
    ]


@pytest.mark.parametrize("again", [True, False])
def test_a_restart_goes_on_with_the_hour(again: bool) -> None:
    before, after = Home(), Home()
    before.reads("lamp", Quantity.SWITCH, 1.0, 0)
    if again:
        after.told.restore(before.told.snapshot())
    after.reads("lamp", Quantity.SWITCH, 0.0, 60)
    (told,) = only(DeviceHealth, after.close())
    assert isinstance(told, DeviceHealth)
    assert told.readings == (2 if again else 1)


def test_an_hour_that_ended_while_we_were_off_is_told_under_the_same_name() -> None:
    before = Home()
    before.reads("lamp", Quantity.SWITCH, 1.0, 0)
    saved = before.told.snapshot()
    names = set()
    for _ in range(2):
        after = Home()
        after.told.restore(saved)
        closed = after.tick(7200)
        assert closed is not None
        assert closed.hour == HOUR
        names.add(closed.once)
    assert len(names) == 1
    assert before.tick(3600) is not None
    assert before.told.snapshot()["once"] not in names


@pytest.mark.parametrize("garbage", [{}, {"part": 1}, {"part": HOUR, "once": 3, "sums": {}}, {"sums": [1]}])
def test_what_was_saved_may_be_garbage(garbage: dict[str, object]) -> None:
    home = Home()
    home.told.restore(garbage)
    home.told.restore({"part": HOUR, "once": "x", "sums": {"device/lamp/readings": "many", "x": 1, "device//": 2.0}})
    assert only(DeviceHealth, home.close()) == []


def test_without_a_clock_nothing_is_told_and_the_time_is_counted() -> None:
    home = Home()
    home.told.tick(1010, None)
    home.reads("lamp", Quantity.SWITCH, 1.0, 0)
    assert home.told.tick(1070, None) is None
    assert home.told.unplaced_s == 60
    assert home.tick(120) is None
    assert only(DeviceHealth, home.close()) == []


def test_parts_of_an_hour_add_up() -> None:
    home = Home(every_s=900)
    counts = []
    for part in range(4):
        home.reads("lamp", Quantity.SWITCH, 1.0, part * 900)
        closed = home.tick((part + 1) * 900)
        assert closed is not None
        assert closed.hour == HOUR
        counts += [one.readings for one in only(DeviceHealth, closed.summaries) if isinstance(one, DeviceHealth)]
    assert counts == [1, 1, 1, 1]
