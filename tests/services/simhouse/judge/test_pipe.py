"""What the controller on the other end hears, and when."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.simhouse.bench.pipe import Talk
from services.simhouse.bench.requirements import judge
from services.simhouse.bench.script import NO_FAULTS, Fault, Heard, Script
from services.simhouse.bench.verdict import figures
from tests.services.simhouse.judge.rig import on_off, with_script


def talked(script: Script, days: int = 1, alarms: Mapping[int, list[str]] | None = None) -> tuple[Talk, dict[int, Any]]:
    """A whole run against a plain thermostat that raises `alarms` from these minutes on, and all it was told."""
    course = with_script(script, days=days)
    talk, told, state = Talk(course), {}, {}  # type: ignore[var-annotated]

    def answer(minute: int, line: dict[str, Any]) -> dict[str, Any]:
        told[minute] = line
        standing = (alarms or {}).get(minute)
        return on_off(line, state) | ({} if standing is None else {"a": standing})

    for minute in range(len(course)):
        talk.minute(minute, lambda line, minute=minute: answer(minute, line))  # type: ignore[misc]
    return talk, told


def faulty(*faults: Fault, **more: Any) -> Script:
    return replace(NO_FAULTS, faults=faults, **more)


def test_a_thermostat_keeps_the_house_warm_over_the_pipe() -> None:
    talk, told = talked(NO_FAULTS, days=2)
    assert len(told) == 2880
    assert 20.5 < min(talk.plant.record.air[1440:]) < max(talk.plant.record.air) < 21.6


def test_without_a_broker_nothing_is_heard_and_nothing_obeyed() -> None:
    talk, told = talked(faulty(Fault(kind="broker_gone", begin=100, end=200)))
    assert all("r" not in told[minute] and told[minute]["up"] == 0 for minute in range(100, 200))
    assert not any(talk.plant.record.commanded[115:200])


def test_a_dead_gateway_is_told_nothing_and_knows_that_it_was_born_again() -> None:
    _, told = talked(faulty(Fault(kind="gateway_killed", begin=100, end=200)))
    assert not set(range(100, 200)) & set(told)
    assert told[200]["born"] == "crash"
    assert told[200]["t"] - told[99]["t"] == 101 * 60


def test_after_a_power_cut_uptime_begins_anew() -> None:
    talk, told = talked(faulty(Fault(kind="power_cut", begin=100, end=130)))
    assert told[130]["born"] == "boot"
    assert (told[130]["t"], told[131]["t"]) == (30.0, 90.0)
    assert not any(talk.plant.record.flowed[100:130])


def test_a_clock_that_jumps_leaves_uptime_alone() -> None:
    _, told = talked(faulty(Fault(kind="clock_jump", begin=100, end=110, value=-86400.0)))
    assert told[100]["w"] - told[99]["w"] == 60 - 86400
    assert told[100]["t"] - told[99]["t"] == 60
    assert told[110]["w"] - told[99]["w"] == 11 * 60


def test_hostile_set_points_come_one_by_one() -> None:
    spam = Fault(kind="setpoint", begin=10, end=25, values=(99, -40), every_min=5.0, retained=True)
    _, told = talked(faulty(spam))
    assert {minute: line["ask"] for minute, line in told.items() if "ask" in line} == {
        10: [[99, 1]],
        15: [[-40, 1]],
        20: [[99, 1]],
    }


@pytest.mark.parametrize(("raised", "met"), [(150, True), (161, False), (50, False)])
def test_an_alarm_counts_within_its_time_and_not_before_the_fault(raised: int, met: bool) -> None:
    heard = Heard(any_of=("sensor_lost", "sensor_stuck"), within_min=60)
    script = faulty(Fault(kind="sensor_silent", begin=100, end=400), heard=heard)
    talk, _ = talked(script, alarms={raised: ["sensor_lost"]})
    assert kept(script, talk)["alarm"].met is met


def kept(script: Script, talk: Talk, days: int = 1) -> dict[str, Any]:
    course, record = with_script(script, days=days), talk.plant.record
    found = figures(course, record.lived(), slice(0, None))
    return judge(course, record, talk.alarms, found)


def test_requirements_are_judged_by_what_happened() -> None:
    asked = {"frost_minutes": 0.0, "min_temp_c": 19.0, "max_starts_per_hour": 1.0, "recovered_within_min": 5.0}
    cut = faulty(Fault(kind="power_cut", begin=600, end=960), most=asked)
    talk, _ = talked(cut)
    found = kept(cut, talk)
    assert found["frost_minutes"].met
    assert not found["min_temp_c"].met
    assert found["min_temp_c"].value == min(talk.plant.record.air)
    assert found["recovered_within_min"].value == 0.0
