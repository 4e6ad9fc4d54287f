"""The product's control in the judge's houses, as the command line asks for it."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.app.cli import main
from gateway.app.eval_climate import ALL, Question, evaluate, lines, question
from gateway.app.eval_climate_judge import Judge
from gateway.app.eval_climate_memory import Memory
from gateway.app.eval_climate_pilot import Pilot
from gateway.errors import ConfigError, Refused

HOUSE = str(Path(__file__).parents[3] / "config" / "houses" / "b.yaml")
JOB = {"house": HOUSE, "weather": "synthetic:cold:1", "days": 1, "warm_up_days": 0}

HELLO = {
    "zone": "Europe/Amsterdam",
    "climate": {
        "rooms": [
            {"name": "room", "sensor": "sensor", "heater": "heater", "schedule": [{"at": "00:00", "temp_c": 20}]}
        ],
        "outdoor": "outdoor",
    },
}
NOON = 1_673_348_400.0


def minute(number: int, temp_c: float | None = 18.0, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"t": 1000.0 + 60 * number, "w": NOON + 60 * number, **more}
    return told if temp_c is None else {"r": [["sensor", "temperature", temp_c]], **told}


def levels(pilot: Pilot, told: Mapping[str, Any]) -> dict[str, float]:
    return {device: level for device, level, _lease in pilot.answer(told).get("o", ())}


def test_a_cold_room_is_heated_and_a_warm_one_is_not() -> None:
    cold, warm = Pilot(HELLO, "classic"), Pilot(HELLO, "classic")
    for number in range(10):
        last = {"cold": levels(cold, minute(number)), "warm": levels(warm, minute(number, 23.0))}
        assert last["warm"].get("heater", 0.0) == 0.0
        if last["cold"].get("heater"):
            return
    pytest.fail("a room at 18 C was never heated")


def test_reasons_and_alarms_are_told_when_they_change() -> None:
    pilot = Pilot(HELLO, "classic")
    assert pilot.answer(minute(0))["why"]
    jumped = pilot.answer(minute(1, w=NOON + 1e6))
    assert "clock" in jumped["a"]


def test_a_wish_from_outside_changes_what_is_wanted() -> None:
    pilot = Pilot(HELLO, "classic")
    answers = [pilot.answer(minute(number, 18.0, ask=[[15.0, 0]] if number == 0 else [])) for number in range(30)]
    assert not any(level for answer in answers for _device, level, _lease in answer.get("o", ()))


def test_what_was_known_survives_a_crash() -> None:
    pilot = Pilot(HELLO, "classic", Memory())
    pilot.answer(minute(0, ask=[[15.0, 0]]))
    for number in range(1, 12):
        pilot.answer(minute(number))
    answers = [pilot.answer(minute(40, born="crash")), *(pilot.answer(minute(number)) for number in range(41, 70))]
    assert "restarted" in answers[0]["a"]
    assert not any(level for answer in answers for _device, level, _lease in answer.get("o", ()))


def test_a_run_to_its_verdict_with_a_trace(tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    told: list[str] = []
    found = evaluate(Question(job={**JOB, "trace": str(trace)}, controllers=("classic",)), None, told.append)
    figures = found["controllers"]["classic"]
    assert figures["kwh_week"] > 100
    assert figures["kh_below"] < 20
    assert told == ["climate: classic"]
    with trace.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1440
    assert rows[0]["time"] == "2023-01-09T23:00:00Z"
    assert {row["heater"] for row in rows} == {"0", "1"}
    assert all(row["reason"] for row in rows)
    assert "kWh/week" in next(iter(lines(found)))


def test_rivals_and_the_limit_stand_beside_ours(tmp_path: Path) -> None:
    found = evaluate(Question(job=JOB, controllers=("tuned", "always-21", "perfect")), tmp_path, lambda _text: None)
    figures = found["controllers"]
    assert set(figures) == {"tuned", "always-21", "perfect", "perfect relay"}
    assert figures["perfect"]["kwh_week"] < figures["always-21"]["kwh_week"]
    assert found["comfort_limit_kh"] >= 0
    assert list(lines(found))[-1].startswith("a perfect relay reaches")


def test_a_fault_script_is_asked_of_our_own_control_only(tmp_path: Path) -> None:
    script = tmp_path / "faults.yaml"
    script.write_text(
        "id: s\ndays: 1\nfaults: [{kind: broker_gone, at: '0d 02:00', for: 2h}]\n"
        "require: {frost_minutes: 0, alarm: {any_of: [link_lost], within_min: 20}}\n",
        encoding="utf-8",
    )
    asked = question({**JOB, "faults": str(script)})
    assert asked.controllers == ("ours",)
    found = evaluate(asked, None, lambda _text: None)
    assert found["controllers"]["ours"]["kept"]
    assert list(lines(found))[-1].startswith("ours: alarm kept")


def test_without_faults_everybody_is_asked() -> None:
    assert question(JOB).controllers == ALL
    assert question({**JOB, "controller": "perfect"}).controllers == ("perfect",)


def test_a_house_that_is_not_good_ends_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = tmp_path / "mine.yaml"
    house.write_text("name: mine\nroof: flat\n", encoding="utf-8")
    assert main(["eval", "climate", "--house", str(house), "--weather", "synthetic:cold:1"]) == 78
    assert "mine.yaml:2: roof: is not known" in capsys.readouterr().err
    with Judge() as judge, pytest.raises(ConfigError) as caught:
        judge.run({**JOB, "house": str(house)}, lambda hello: Pilot(hello, "classic").answer)
    assert (caught.value.problems[-1].line, caught.value.problems[-1].path) == (2, "roof")


def test_weather_that_there_is_not_is_refused() -> None:
    with Judge() as judge, pytest.raises(Refused) as caught:
        judge.run({**JOB, "weather": "synthetic:hot:1"}, lambda hello: Pilot(hello, "classic").answer)
    assert "climate_unknown" in str(caught.value)


def test_the_command_prints_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--house", HOUSE, "--weather", "synthetic:mild:1", "--days", "1", "--warm-up-days", "0"]
    assert main(["eval", "climate", *arguments, "--controller", "classic", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["controllers"]) == {"classic"}


def test_a_home_that_nobody_foretells_is_heated_the_same() -> None:
    foretold, unforetold = Pilot(HELLO, "auto", Memory()), Pilot(HELLO, "auto", Memory(), foretold=False)
    for number in range(120):
        told = minute(number, 18.0 + number / 60, **({"born": "crash"} if number == 60 else {}))
        assert unforetold.answer(told) == foretold.answer(told)


def test_what_was_learned_elsewhere_is_lived_on_with() -> None:
    """In another run, what a home knew is there from the first minute on."""
    memory = Memory()
    pilot = Pilot(HELLO, "classic", memory)
    pilot.answer(minute(0, ask=[[15.0, 0]]))
    for number in range(1, 12):
        pilot.answer(minute(number))
    later = Pilot(HELLO, "classic", Memory.of_json(memory.to_json(), NOON + 1200))
    answers = [later.answer(minute(20 + number)) for number in range(30)]
    assert "restarted" in answers[0]["a"]
    assert not any(level for answer in answers for _device, level, _lease in answer.get("o", ()))
