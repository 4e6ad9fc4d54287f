"""`eval forecast` on rooms made here: causal, the same rows for all models, and forecasts that can be checked again."""

import argparse
import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from gateway.app import cli_eval
from gateway.app.cli_parser import parser, utc_day
from gateway.app.eval_forecast import Result, evaluate, jsonable, told
from gateway.app.eval_forecast_rolling import MODELS
from gateway.errors import Refused
from tests.unit.climate.forecast.asked import constant, net_of

DAY = 86400.0
START = 1735689600.0


def iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat().replace("+00:00", "Z")


def swing(time_s: float) -> float:
    return float(20 + np.sin(2 * np.pi * time_s / DAY) + 0.02 * np.sin(time_s))


def room(file: Path, days: float = 10, *, hotter_from_s: float = float("inf"), step_s: float = 600.0) -> Path:
    """Temperature and heater every `step_s` from a Wednesday on."""
    lines = ["time,temperature,heater"]
    for time_s in np.arange(START, START + days * DAY, step_s).tolist():
        temp = swing(time_s) + (5 if time_s > hotter_from_s else 0)
        lines.append(f"{iso(time_s)},{temp:.2f},{0.5 + 0.5 * np.cos(2 * np.pi * time_s / DAY):.2f}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def judged(data: Path, lines: list[str] | None = None, **how: object) -> Result:
    net, _ = net_of(constant(0.0, 0.3))
    return evaluate(data, net, (lines if lines is not None else []).append, **how)  # type: ignore[arg-type]


def foretold(file: Path) -> dict[tuple[str, str], float]:
    with file.open(encoding="utf-8", newline="") as opened:
        return {(row["origin_time"], row["horizon_h"]): float(row["predicted"]) for row in csv.DictReader(opened)}


def test_every_model_is_rated_on_the_same_rows_and_ours_foresees_a_daily_swing(tmp_path: Path) -> None:
    result = judged(room(tmp_path / "room.csv"))
    assert set(result.pooled.rmse) == set(MODELS)
    assert result.pooled.rows == (427, 415, 397), "three days less what nobody knows yet"
    assert result.pooled.rmse["persistence"] == pytest.approx((0.185, 0.541, 1.0), rel=0.05)
    assert min(result.pooled.skill["blend"]) > 0.4
    assert result.pooled.skill["network"] == pytest.approx((0, 0, 0), abs=0.01), "it says that nothing changes"
    assert any("blend" in line for line in told(result))
    assert json.loads(json.dumps(jsonable(result), allow_nan=False))["hours"] == [1, 3, 6]


def test_forecasts_at_each_row_know_nothing_later(tmp_path: Path) -> None:
    cut = START + 8.5 * DAY
    files = [tmp_path / name for name in ("calm.csv", "hot.csv")]
    for file, hotter in zip(files, (float("inf"), cut), strict=True):
        judged(room(file, hotter_from_s=hotter), predictions=file.with_suffix(".out"))
    calm, hot = (foretold(file.with_suffix(".out")) for file in files)
    before = [key for key in calm if key[0] <= iso(cut)]
    assert len(before) > 3 * 144 * 8
    assert [calm[key] for key in before] == [hot[key] for key in before]
    assert calm != hot


def test_forecasts_can_be_asked_for_at_any_times(tmp_path: Path) -> None:
    asked = [START + 8 * DAY + 300, START + 9 * DAY + 17, START + 99 * DAY]
    origins = tmp_path / "origins.csv"
    origins.write_text("origin_time\n" + "\n".join(map(iso, asked)) + "\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    result = judged(room(tmp_path / "room.csv"), predictions=out, origins=origins)
    found = foretold(out)
    assert {key[0] for key in found} == {iso(asked[0]), iso(asked[1])}, "nobody knows how warm it was at the last"
    assert result.foretold == len(found) == 6
    for (_, hours), value in found.items():
        assert hours in {"1", "3", "6"}
        assert value == pytest.approx(20, abs=1.5)
    assert found[iso(asked[0]), "3"] == pytest.approx(swing(asked[0] + 3 * 3600), abs=0.25)


def test_rows_can_be_limited_to_days(tmp_path: Path) -> None:
    data = room(tmp_path / "room.csv")
    begin, end = (datetime(2025, 1, day, tzinfo=UTC) for day in (9, 10))
    assert judged(data, begin=begin, end=end).pooled.rows == (144, 144, 144)


def test_a_folder_is_rooms_and_pooled_is_not_their_mean(tmp_path: Path) -> None:
    room(tmp_path / "attic.csv", 10)
    room(tmp_path / "hall.csv", 9, hotter_from_s=START + 8 * DAY)
    out = tmp_path / "forecasts.out"
    result = judged(tmp_path, predictions=out)
    assert set(result.rooms) == {"attic", "hall"}
    assert result.pooled.rows[0] == sum(score.rows[0] for score in result.rooms.values())
    attic, hall = (result.rooms[name].rmse["persistence"][0] for name in ("attic", "hall"))
    assert result.mean["persistence"][0] == pytest.approx((attic + hall) / 2)
    assert result.pooled.rmse["persistence"][0] != pytest.approx(result.mean["persistence"][0])
    assert out.read_text(encoding="utf-8").startswith("room,origin_time,horizon_h,predicted\nattic,")


def test_what_is_wrong_in_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    data = room(tmp_path / "room.csv", 2)
    text = data.read_text(encoding="utf-8").splitlines()
    text[3], text[5] = "rubbish", text[4]
    data.write_text("\n".join(text), encoding="utf-8")
    lines: list[str] = []
    result = judged(data, lines)
    assert any(line.startswith("room.csv:4:") for line in lines)
    assert any("1 rows had the time of a later one" in line for line in lines)
    assert result.pooled.rows == (0, 0, 0)
    assert any("nothing could be rated" in line for line in told(result))
    assert json.loads(json.dumps(jsonable(result), allow_nan=False))["pooled"]["rmse"]["blend"] == [None] * 3


def test_rows_of_a_clock_that_nobody_had_set_are_left_out(tmp_path: Path) -> None:
    """Otherwise every week since 1970 would be learned from."""
    file, lines = room(tmp_path / "room.csv"), list[str]()
    before = judged(file).pooled
    with file.open("a", encoding="utf-8") as more:
        more.write("1970-01-01T00:00:00Z,20,0\n2106-02-07T06:28:15Z,20,0\n")
    assert judged(file, lines).pooled == before
    assert any("2 rows are more than a year from all others" in line for line in lines)


def test_a_year_without_a_temperature_is_no_room(tmp_path: Path) -> None:
    file = tmp_path / "room.csv"
    rows = [f"2025-01-01T{hour:02}:00:00Z,,1" for hour in range(24)]
    file.write_text("\n".join(["time,temperature,heater", "1970-01-01T00:00:00Z,20,0", *rows]) + "\n", encoding="utf-8")
    with pytest.raises(Refused, match="room_csv_empty"):
        judged(file)


def test_a_thermometer_that_never_moves_and_too_few_days_are_told_without_a_figure(tmp_path: Path) -> None:
    stuck = tmp_path / "stuck.csv"
    rows = [f"{iso(START + 600 * n)},20.0,{n % 2}" for n in range(8 * 144)]
    stuck.write_text("\n".join(["time,temperature,heater", *rows]) + "\n", encoding="utf-8")
    assert [line for line in told(judged(stuck)) if line.startswith("blend against ridge, pooled: - / - / -")]
    short = list(told(judged(room(tmp_path / "short.csv", days=2))))
    assert short == ["short: 0 rows", "nothing could be rated: less than seven days, or nothing known of what came"]


def test_gaps_of_days_are_lived_through(tmp_path: Path) -> None:
    data = room(tmp_path / "room.csv", 12)
    text = data.read_text(encoding="utf-8").splitlines()
    data.write_text("\n".join(text[:200] + text[200 + 3 * 144 :]), encoding="utf-8")
    assert min(judged(data).pooled.skill["blend"]) > 0.2


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("room.csv", "time,heater\n", "room_csv_columns"),
        ("room.csv", "\x00\x01\x02", "room_csv_columns"),
        ("room.csv", "time,temperature\nx,y\nz\n", "room_csv_bad"),
        ("room.txt", "", "no_room"),
        ("Hall_Temperature.csv", "no numbers\n", "series_bad"),
        ("Hall_Temperature.csv", "", "room_csv_empty"),
    ],
)
def test_what_is_no_room_is_refused(tmp_path: Path, name: str, text: str, key: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=key):
        judged(tmp_path)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "picture.csv").write_bytes(b"\xff\xfe\x80\x81")
    for data in (tmp_path / "none.csv", tmp_path / "picture.csv"):
        with pytest.raises(Refused, match="csv_unreadable"):
            judged(data)


def test_origins_that_are_no_times_are_refused_with_their_line(tmp_path: Path) -> None:
    origins = tmp_path / "origins.csv"
    origins.write_text("origin_time\n2025-01-08T00:00:00Z\nsoon\n", encoding="utf-8")
    with pytest.raises(Refused, match="origins_bad") as caught:
        judged(room(tmp_path / "room.csv", 2), predictions=tmp_path / "out", origins=origins)
    assert caught.value.facts["line"] == 3


def test_forecasts_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="csv_unwritable"):
        judged(room(tmp_path / "room.csv", 2), predictions=tmp_path / "none" / "out.csv")


def test_the_command_judges_with_the_shipped_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEARTHGATE_MODEL_DIR", str(tmp_path / "models"))
    data, out = room(tmp_path / "room.csv", 3), tmp_path / "out.csv"
    days = ["--from", "2025-01-01", "--until", "2025-01-03"]
    asked = parser().parse_args(["eval", "forecast", "--data", str(data), "--predictions", str(out), *days, "--json"])
    assert cli_eval.forecast(asked) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result["rooms"]) == {"room"}
    assert result["foretold"] == 3 * 3 * 144 == len(foretold(out))


def test_a_day_is_a_day_of_utc() -> None:
    assert utc_day("2017-04-01") == datetime(2017, 4, 1, tzinfo=UTC)
    with pytest.raises(argparse.ArgumentTypeError, match="not a day"):
        utc_day("1.4.2017")
