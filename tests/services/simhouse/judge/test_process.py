"""The judge as it is started: a process with pipes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.services.simhouse.judge.rig import ROOT, on_off

B = str(ROOT / "config" / "houses" / "b.yaml")
JOB = {"house": B, "weather": "synthetic:cold:1", "days": 1, "warm_up_days": 0}


def started(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "services.simhouse", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: "subprocess.Popen[str]", line: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()


def heard(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


def run(process: "subprocess.Popen[str]") -> tuple[int, dict[str, Any]]:
    minutes, state = 0, {"on": 0.0}
    while True:
        line = heard(process)
        if "verdict" in line:
            return minutes, line["verdict"]
        if "hello" not in line:
            minutes += 1
            told(process, on_off(line, state))


def test_many_runs_in_one_process_each_with_a_trace(tmp_path: Path) -> None:
    trace = tmp_path / "out.csv"
    with started("bench") as process:
        told(process, {"job": {**JOB, "trace": str(trace)}})
        first = run(process)
        told(process, {"job": JOB})
        assert run(process) == first
        told(process, {"job": {**JOB, "seed": 2}})
        assert run(process)[1]["kwh_week"] != first[1]["kwh_week"]
    assert process.returncode == 0
    assert first[0] == 1440
    assert trace.read_text(encoding="utf-8").splitlines()[0] == "time,heater,temperature,setpoint,reason"
    assert len(trace.read_text(encoding="utf-8").splitlines()) == 1441


def test_the_home_is_told_in_the_words_of_the_configuration() -> None:
    with started("bench", "--house", B, "--weather", "synthetic:mild:1", "--days", "1", "--tariff", "tou") as process:
        hello = heard(process)["hello"]
        process.kill()
    assert hello["climate"]["rooms"][0]["schedule"][0] == {
        "at": "06:30",
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "temp_c": 21.0,
    }
    assert [band["price"] for band in hello["climate"]["tariff"]["bands"]] == [0.18, 0.28, 0.45, 0.28, 0.18]


def test_wrong_files_and_wrong_words_end_with_a_reason(tmp_path: Path) -> None:
    house = tmp_path / "bad.yaml"
    house.write_text("name: x\nheater: {power_kw: 5, colour: red}\n", encoding="utf-8")
    for arguments, status, reason in (
        (("--house", str(house), "--weather", "synthetic:cold:1"), 78, "bad.yaml:2: heater.colour: is not known"),
        (("--house", B), 1, "weather_missing"),
        (("--house", B, "--weather", "synthetic:hot:1"), 1, "climate_unknown"),
        (("--house", B, "--weather", "synthetic:cold:1", "--warm-up-days", "-1"), 1, "warm_up_days must be"),
        (("--house", B, "--weather", "synthetic:cold:1", "--days", "0"), 1, "days must be"),
        (("--house", B, "--weather", "synthetic:cold:1", "--start", "soon"), 1, "start_invalid"),
        (("--house", B, "--weather", "synthetic:cold:1", "--trace", str(tmp_path)), 1, "trace_unwritable"),
        (("--house", B, "--weather", "synthetic:cold:1", "--start", "2030-01-01"), 78, "does not last for a day"),
    ):
        with started("bench", *arguments) as process:
            _, error = process.communicate()
        assert (process.returncode, reason in error) == (status, True), error


def test_a_controller_that_goes_away_is_told_of() -> None:
    with started("bench", "--house", B, "--weather", "synthetic:cold:1", "--days", "1") as process:
        heard(process)
        _, error = process.communicate("")
    assert (process.returncode, "controller_gone" in error) == (1, True)


def test_what_rivals_reach_is_found_once(tmp_path: Path) -> None:
    job = {**JOB, "days": 2}
    for _ in range(2):
        with started("perfect", "--cache", str(tmp_path)) as process:
            told(process, {"job": job})
            found = heard(process)["perfect"]
            process.communicate()
        kept = list(tmp_path.glob("perfect-*.json"))
        assert [json.loads(file.read_text(encoding="utf-8")) for file in kept] == [found]
        kept[0].write_text(json.dumps({**found, "limit_kh": 123.0}), encoding="utf-8")
    assert found["limit_kh"] == 123.0
