"""Goals are judged by the runs, and runs are kept."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.app.bench import climate, climate_cells, climate_faults
from gateway.app.bench.climate import rows
from gateway.app.bench.climate_place import Place
from gateway.app.bench.rows import Row
from gateway.errors import Refused

B = str(Path(__file__).parents[4] / "config" / "houses" / "b.yaml")


def ours(**more: float) -> dict[str, Any]:
    usual = {
        "kwh_net_week": 98.0,
        "kh_below": 0.3,
        "cost_net_week": 9.0,
        "starts_day": 10.0,
        "starts_hour_max": 3,
        "first_week_kh_below": 1.0,
        "frost_minutes_ours": 0,
        "over_limit_minutes_ours": 0,
        "longest_tick_ms": 100.0,
    }
    return {**usual, **more, "tick_ms": {"0.5": 0.3, "0.99": 20.0}}


def place(limit_kh: float = 0.0, first_limit_kh: float = 0.0, climate_name: str = "mild", **more: float) -> Place:
    tuned = {
        "energy": {"reached": limit_kh <= 0.5, "kwh_net_week": 100.0, "kh_below": 0.4, "starts_day": 20.0},
        "cost": {"cost_net_week": 10.0},
        "always": {"kwh_net_week": 112.0},
    }
    found = {
        ("auto", "flat"): ours(**more),
        ("auto", "tou"): ours(**more),
        ("tune", "flat"): tuned,
        ("tune", "tou"): tuned,
        ("perfect", "flat"): {
            "optimum": {"kwh_net_week": 96.0},
            "limit_kh": limit_kh,
            "first_week_limit_kh": first_limit_kh,
        },
        ("perfect", "tou"): {},
    }
    return Place(house="b", climate=climate_name, seed=1, found=found)


def verdicts(*them: Place) -> dict[str, Row]:
    return {row.name: row for row in rows(them)}


def test_goals_that_are_kept() -> None:
    found = verdicts(place(), place(climate_name="cold"))
    assert [row.name for row in found.values() if row.holds is False] == []
    assert found["energy / best classic, median"].value == pytest.approx(0.98)
    assert found["share of the optimum's saving, median"].value == pytest.approx(50.0)


def test_goals_that_are_missed() -> None:
    found = verdicts(
        place(
            kh_below=0.6,
            kwh_net_week=102.0,
            cost_net_week=11.0,
            starts_day=30.0,
            starts_hour_max=7,
            first_week_kh_below=3.0,
        ),
        place(climate_name="cold", frost_minutes_ours=1),
    )
    assert {row.name for row in found.values() if row.holds is False} == {
        "runs less comfortable than a perfect relay is",
        "energy / best classic, median",
        "energy / best classic, worst",
        "share of the optimum's saving, median",
        "time-of-use cost / best classic, mild, median",
        "starts in an hour, worst",
        "runs over 24 starts a day where the classic has fewer",
        "first week out of the box, worst",
        "frost minutes",
    }
    assert found["energy / best classic, worst"].value == pytest.approx(1.02)


def test_comfort_is_not_asked_where_no_relay_reaches_it() -> None:
    found = verdicts(place(limit_kh=2.0, kh_below=2.2), place(climate_name="cold"))
    assert found["runs less comfortable than a perfect relay is"].value == 0
    assert found["runs in which a perfect relay is comfortable"].value == 1
    assert found["runs in which a classic is comfortable, to compare with"].value == 1


def test_a_first_week_is_not_asked_of_a_heater_that_is_too_small_for_it() -> None:
    found = verdicts(place(first_limit_kh=5.0, first_week_kh_below=5.5), place(climate_name="cold"))
    assert found["first week out of the box, worst"].value == 1.0
    assert found["runs in which full power reaches that"].value == 1
    assert found["first week elsewhere, beyond what full power misses, worst"].value == 0.5


def test_runs_are_lived_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(climate_cells, "code", lambda: b"1")
    job = {"house": B, "weather": "synthetic:mild:1", "seed": 1, "days": 1, "warm_up_days": 0}
    told: list[str] = []
    first = climate_cells.lived([("classic", job)], told.append)
    again = climate_cells.lived([("classic", job)], told.append)
    assert first == again
    assert first[0]["kwh_net_week"] > 0
    assert [text for text in told if "known" in text] == [
        "climate: 1 runs, 0 of them known",
        "climate: 1 runs, 1 of them known",
    ]


def test_houses_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHGATE_CLIMATE_HOUSES", "b,c")
    assert [file.stem for file in climate_cells.houses()] == ["b", "c"]
    monkeypatch.setenv("HEARTHGATE_CLIMATE_HOUSES", "castle")
    with pytest.raises(Refused):
        climate_cells.houses()


def test_a_broken_run_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(Refused):
        climate_cells.lived([("classic", {"house": B, "weather": "synthetic:hot:1"})], lambda _text: None)
    assert not list(climate_cells.folder().glob("cell-*.json"))


def test_every_job_of_the_table_is_one_of_the_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHGATE_CLIMATE_HOUSES", "b")
    monkeypatch.setenv("HEARTHGATE_CLIMATE_SEEDS", "1")
    asked: list[climate_cells.Cell] = []

    def lived(cells: list[climate_cells.Cell], _progress: object) -> list[dict[str, Any]]:
        asked.extend(cells)
        return [{} for _ in cells]

    monkeypatch.setattr(climate, "lived", lived)
    assert len(climate.places(lambda _text: None)) == 2
    assert {who for who, _job in asked} == {"auto", "tune", "perfect"}
    assert len({json.dumps([who, dict(job)]) for who, job in asked}) == 12


def test_fault_runs_are_taken_up_where_they_were_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HEARTHGATE_CLIMATE_RUNS", "2")
    monkeypatch.setattr(climate_faults, "_version", lambda: "1")
    found = {row.name: row for row in climate_faults.run(lambda _text: None)}
    assert found["runs"].value == 2
    file = climate_cells.folder() / "faults-1.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["seed"] for line in lines] == [0, 1]
    spoiled = {**json.loads(lines[0]), "frost_minutes_ours": 5, "frost_minutes": 5}
    file.write_text(json.dumps(spoiled) + "\n" + lines[1][:20], encoding="utf-8")
    told: list[str] = []
    again = {row.name: row for row in climate_faults.run(told.append)}
    assert "1 of them known" in told[0]
    assert again["frost, that control could have prevented"].value == 5
    assert again["frost, that control could have prevented"].holds is False


def test_workers_end_with_a_bench_that_is_killed() -> None:
    program = """
import os, sys
from gateway.app.bench.climate_cells import workers
with workers() as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bench:
        assert bench.stdout is not None
        worker = os.pidfd_open(int(bench.stdout.readline()))
        try:
            bench.kill()
            assert select.select([worker], [], [], 30.0)[0]
        finally:
            os.close(worker)
