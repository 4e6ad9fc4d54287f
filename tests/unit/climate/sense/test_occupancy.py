"""Who is there: rooms never seen, sensors that lie, and no set-back on one sensor's word."""

import json
from dataclasses import replace
from datetime import UTC

import pytest

from gateway.climate.sense.occupancy import Occupancy
from gateway.climate.sense.presence import Presence
from gateway.climate.words import Observed, Trust
from tests.unit.climate.sense.rooms import Office, good, moment

HOUR, DAY = 3600, 86400


def judged(office: Office, days: int) -> tuple[float, float]:
    """Balanced accuracy and F1."""
    occupancy = Occupancy(UTC)
    hits = {(there, said): 0 for there in (True, False) for said in (True, False)}
    for observed, there in office.minutes(days):
        hits[there, occupancy.step(observed).probability >= 0.5] += 1
    seen, missed, alarmed, quiet = hits[True, True], hits[True, False], hits[False, True], hits[False, False]
    return (seen / (seen + missed) + quiet / (quiet + alarmed)) / 2, 2 * seen / (2 * seen + missed + alarmed)


@pytest.mark.parametrize(
    "office",
    [
        Office(),
        Office(volume_m3=25, air_changes=0.3),
        Office(volume_m3=150, air_changes=1.5, people=4),
        Office(volume_m3=40, air_changes=2.5),
        Office(offset_ppm=60, noise_ppm=10),
        Office(offset_ppm=-60),
    ],
    ids=["ordinary", "small and tight", "large and airy", "well ventilated", "reads high", "reads low"],
)
def test_finds_people_by_co2_in_rooms_it_never_saw(office: Office) -> None:
    balanced, f1 = judged(office, days=7)
    assert balanced >= 0.8
    assert f1 >= 0.7


def settled(observed: Observed, seconds: int = HOUR, every: int = 10) -> Presence:
    """What is said after watching the same for a while."""
    occupancy = Occupancy(UTC)
    start = observed.now.mono_s - 1000.0
    return [occupancy.step(replace(observed, now=moment(start + s))) for s in range(0, seconds, every)][-1]


def test_knows_nothing_without_sensors() -> None:
    presence = settled(Observed(now=moment(0), temp=good(20.0)))
    assert presence.away is None
    assert presence.probability == pytest.approx(0.25, abs=0.05)


def test_motion_is_believed_at_once() -> None:
    occupancy = Occupancy(UTC)
    quiet = Observed(now=moment(0), temp=good(20.0), motion_s=4 * HOUR, phones={"ann": False})
    assert occupancy.step(quiet).away is True
    stirred = occupancy.step(replace(quiet, now=moment(1), motion_s=0.0))
    assert stirred.probability > 0.5
    assert stirred.away is False
    assert "moved" in stirred.why


def test_one_silent_motion_sensor_empties_no_room() -> None:
    presence = settled(Observed(now=moment(0), temp=good(20.0), motion_s=10 * HOUR))
    assert presence.probability < 0.15
    assert presence.away is False


def test_clear_air_alone_empties_no_room() -> None:
    presence = settled(Observed(now=moment(0), temp=good(20.0), co2=good(420.0)))
    assert presence.probability < 0.15
    assert presence.away is False


def test_darkness_convicts_nobody() -> None:
    presence = settled(Observed(now=moment(0), temp=good(20.0), light=good(0.0), motion_s=10 * HOUR))
    assert presence.away is False


def test_two_kinds_of_sensors_do() -> None:
    presence = settled(Observed(now=moment(0), temp=good(20.0), motion_s=10 * HOUR, co2=good(420.0)))
    assert presence.away is True


def test_phones_that_left_are_believed_while_nothing_stirs() -> None:
    away = Observed(now=moment(0), temp=good(20.0), phones={"ann": False, "bob": False})
    assert settled(away).away is True
    assert settled(replace(away, motion_s=60.0)).away is False
    assert settled(replace(away, phones={"ann": False, "bob": True})).away is False


def test_a_guest_without_phone_is_seen_in_the_air() -> None:
    occupancy = Occupancy(UTC)
    said = [
        occupancy.step(
            Observed(
                now=moment(s),
                temp=good(20.0),
                co2=good(420 + max(0, s - HOUR) / 10),
                phones={"ann": False},
            )
        )
        for s in range(0, 3 * HOUR, 60)
    ]
    assert said[59].away is True
    assert said[-1].away is False


@pytest.mark.parametrize("ppm", [0.0, -5.0, 65535.0])
def test_impossible_co2_is_no_evidence(ppm: float) -> None:
    presence = settled(Observed(now=moment(0), temp=good(20.0), co2=good(ppm)))
    assert presence.away is None


def test_a_sensor_that_fell_silent_says_nothing_more() -> None:
    occupancy = Occupancy(UTC)
    busy = [Observed(now=moment(s), temp=good(20.0), co2=good(500 + s / 10)) for s in range(0, HOUR, 60)]
    assert [occupancy.step(observed) for observed in busy][-1].probability > 0.8
    later = replace(busy[-1], now=moment(2 * HOUR), co2=replace(good(860.0, age_s=HOUR), trust=Trust.SILENT))
    assert occupancy.step(later).away is None


def test_a_drifted_baseline_is_forgiven_within_days() -> None:
    """Nobody is there, and the sensor starts to read 150 ppm too much for ever."""
    occupancy = Occupancy(UTC)
    said = [
        occupancy.step(Observed(now=moment(s), temp=good(20.0), co2=good(420.0 if s < DAY else 570.0))).probability
        for s in range(0, 14 * DAY, 300)
    ]
    assert said[-1] < 0.3


def commuter(day: int, hour: float) -> bool:
    return day % 7 >= 5 or not 8 <= hour < 17


def week_of_a_commuter(occupancy: Occupancy, days: range) -> Presence:
    """At home but for working days from 8 to 17; somebody moves every ten minutes while at home."""
    last = occupancy.step(Observed(now=moment(days[0] * DAY), temp=good(20.0), motion_s=0.0))
    moved = days[0] * DAY
    for s in range(days[0] * DAY, days[-1] * DAY + 10 * HOUR, 300):
        here = commuter(s // DAY, s % DAY / HOUR)
        moved = s if here and s % 600 == 0 else moved
        observed = Observed(now=moment(s), temp=good(20.0), motion_s=float(s - moved), phones={"ann": here})
        last = occupancy.step(observed)
    return last


def test_learns_when_people_come_back() -> None:
    """On the fourth Tuesday at ten: back at five, seven hours ahead."""
    presence = week_of_a_commuter(Occupancy(UTC), range(23))
    assert presence.away is True
    assert presence.returns_s == pytest.approx(7 * HOUR, abs=HOUR)


def test_habits_survive_a_restart_and_garbage_does_no_harm() -> None:
    before = Occupancy(UTC)
    week_of_a_commuter(before, range(22))
    after = Occupancy(UTC)
    after.restore(json.loads(json.dumps(before.snapshot())), moment(22 * DAY))
    presence = week_of_a_commuter(after, range(22, 23))
    assert presence.returns_s == pytest.approx(7 * HOUR, abs=HOUR)
    for garbage in (
        {},
        {"air": 3, "habit": {"present": {"yes": ["x"]}}},
        {"light": {"tally": {"empty": [1, float("nan")]}}},
    ):
        fresh = Occupancy(UTC)
        fresh.restore(garbage, moment(0))
        assert fresh.step(Observed(now=moment(0), temp=good(20.0), motion_s=0.0)).probability > 0.5


def test_no_clock_means_no_habit_and_no_forecast() -> None:
    occupancy = Occupancy(UTC)
    presence = occupancy.step(Observed(now=moment(0, wall=False), temp=good(20.0), motion_s=5 * HOUR))
    assert presence.returns_s is None
    assert presence.probability < 0.3


def test_light_comes_to_say_nothing_where_lamps_burn_all_day() -> None:
    occupancy = Occupancy(UTC)
    lit = Observed(now=moment(0), temp=good(20.0), light=good(400.0), motion_s=10 * HOUR, co2=good(420.0))
    first = occupancy.step(lit).probability
    for s in range(60, 5 * DAY, 300):
        last = occupancy.step(replace(lit, now=moment(s))).probability
    assert last < first / 2


def test_appliances_are_a_cue_of_their_own() -> None:
    """By day people cook; the floor is what the refrigerator draws."""
    occupancy = Occupancy(UTC)
    for s in range(0, 3 * DAY, 300):
        here = s % DAY > 15 * HOUR
        idle = Observed(now=moment(s), temp=good(20.0), motion_s=0.0 if here else 5.0 * HOUR)
        last = occupancy.step(replace(idle, use_w=good(900.0 if here else 80.0)))
    assert last.probability > 0.9
    quiet = Observed(now=moment(3 * DAY + 60), temp=good(20.0), motion_s=2.0 * HOUR, use_w=good(80.0))
    assert occupancy.step(quiet).away is True
