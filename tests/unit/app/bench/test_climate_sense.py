"""Goals of windows and heaters are judged by the runs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.app.bench import climate_cells, climate_sense
from gateway.app.bench.climate_sense import rows
from gateway.app.bench.climate_sense_home import Home, Month
from gateway.app.bench.climate_sense_script import DEAD_AT, WIDTHS, Place, death, month
from gateway.app.bench.rows import Row
from gateway.app.eval_climate_judge import Judge
from gateway.app.eval_climate_pilot import Pilot

HOUSES = Path(__file__).parents[4] / "config" / "houses"
B, C = HOUSES / "b.yaml", HOUSES / "c.yaml"
DAY = 1440


def verdict(aired: list[tuple[int, int]], windows: list[tuple[int, int | None]], **alarms: list[int]) -> dict[str, Any]:
    return {
        "days": 31.0,
        "aired": aired,
        "alarms": {"window_open": [rise for rise, _ in windows], **alarms},
        "silenced": {"window_open": [fall for _, fall in windows if fall is not None]},
    }


def dead(minutes: float | None) -> dict[str, Any]:
    return {"required": {"alarm": {"value": minutes}}}


def home(told: dict[str, Any], minutes: tuple[float | None, ...] = (40.0, 50.0), house: Path = B) -> Home:
    months = {width: Month(verdict=told) for width in WIDTHS}
    return Home(
        place=Place(house=house, seed=1), climate="cold", months=months, dead=[dead(minute) for minute in minutes]
    )


def told(*them: Home) -> dict[str, Row]:
    return {row.name: row for row in rows(them)}


def test_an_airing_is_found_while_it_lasts_or_soon_after() -> None:
    airings = [(DAY + at, DAY + at + 20) for at in (0, 100, 200, 300)]
    windows = [(DAY - 5, DAY + 5), (DAY + 134, DAY + 150), (DAY + 236, DAY + 240), (DAY + 290, None)]
    assert Month(verdict=verdict(airings, windows)).found == [True, True, False, True]


def test_short_airings_and_the_first_day_do_not_count() -> None:
    quiet = Month(verdict=verdict([(100, 130), (DAY + 100, DAY + 109)], [(500, 520), (DAY + 120, DAY + 130)]))
    assert quiet.found == []
    assert quiet.false_windows == 0
    assert Month(verdict=verdict([(100, 130)], [(DAY + 120, DAY + 130)])).false_windows == 1


def test_goals_that_are_kept() -> None:
    found = told(home(verdict([(2 * DAY, 2 * DAY + 30)], [(2 * DAY + 8, 2 * DAY + 40)], heating_failure=[5000])))
    assert [row.name for row in found.values() if row.holds is False] == []
    assert found["medium: windows found, wide"].value == 1.0
    assert found["medium: dead heater, median"].value == 45.0
    assert found["medium: false heater alarms, worst home"].value == 1.0


def test_goals_that_are_missed() -> None:
    windows = [(day * DAY + 600, day * DAY + 620) for day in range(2, 6)]
    spoiled = verdict([(2 * DAY, 2 * DAY + 30)], list(windows), heating_failure=[5000], relay_stuck_on=[9000])
    found = told(home(spoiled, (61.0, None)))
    assert {row.name for row in found.values() if row.holds is False} == {
        "medium: windows found, wide",
        "medium: false windows",
        "medium: dead heater, median",
        "medium: false heater alarms, worst home",
    }
    assert found["cold b 1: dead heater, the later one"].value == 1440.0


def test_of_a_heavy_house_only_that_nothing_false_is_said() -> None:
    found = told(home(verdict([(2 * DAY, 2 * DAY + 30)], []), (300.0, None), house=C))
    assert {row.name for row in found.values() if row.goal} == {
        "heavy: false windows",
        "heavy: false heater alarms, worst home",
    }


def test_every_run_of_the_table_is_one_of_the_judges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HEARTHGATE_CLIMATE_HOUSES", "b")
    monkeypatch.setenv("HEARTHGATE_CLIMATE_SEEDS", "1")
    asked: list[climate_cells.Cell] = []

    def lived(cells: list[climate_cells.Cell], _progress: object) -> list[dict[str, Any]]:
        asked.extend(cells)
        return [{} for _ in cells]

    monkeypatch.setattr(climate_sense, "lived", lived)
    assert len(climate_sense.homes(lambda _text: None)) == 2
    assert len({job["faults"] for _who, job in asked}) == len(WIDTHS) + len(DEAD_AT)
    assert all(Path(job["faults"]).is_file() for _who, job in asked)


def test_the_judge_tells_when_it_was_aired_and_when_the_alarm_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wide open window of the first day, found without anything learned; and a heater that dies at once."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    job = {"house": str(B), "weather": "synthetic:cold:1"}
    wide = yaml.safe_load(month(Place(house=B, seed=1), "wide").read_text(encoding="utf-8"))
    (tmp_path / "day.yaml").write_text(yaml.safe_dump({**wide, "days": 1, "faults": wide["faults"][:2]}))
    with Judge() as judge:
        judged = judge.run({**job, "faults": str(tmp_path / "day.yaml")}, lambda hello: Pilot(hello, "classic").answer)
    assert len(judged["aired"]) == 2
    begin, end = judged["aired"][1]
    assert any(begin < rise < end + 15 for rise in judged["alarms"]["window_open"])
    assert len(judged["silenced"]["window_open"]) == len(judged["alarms"]["window_open"])
    broken = yaml.safe_load(death(DEAD_AT[0]).read_text(encoding="utf-8"))
    broken["faults"][0]["at"] = "0d 00:20"
    (tmp_path / "dead.yaml").write_text(yaml.safe_dump({**broken, "days": 1}))
    with Judge() as judge:
        judged = judge.run({**job, "faults": str(tmp_path / "dead.yaml")}, lambda hello: Pilot(hello, "classic").answer)
    assert judged["required"]["alarm"]["value"] is not None
