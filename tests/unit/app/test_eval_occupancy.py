"""`eval occupancy`: causal, both formats, clear errors; and its figures on the one open office."""

import csv
from pathlib import Path

import pytest

from gateway.app.cli import main
from gateway.app.eval_occupancy import evaluate
from gateway.errors import Refused
from tests.models.tiny import shared

ROOM = """time,temperature,co2,motion,occupied
2026-01-05T08:00:00Z,20,420,0,0
2026-01-05T08:05:00Z,20,420,0,0
2026-01-05T08:10:00Z,20,430,1,1
2026-01-05T08:15:00Z,20,480,1,1
"""


def written(folder: Path, text: str, name: str = "room.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_judges_a_room_row_by_row(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    summary = evaluate(written(tmp_path, ROOM), predictions=out)
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["time"] for row in rows] == [line.split(",")[0] for line in ROOM.splitlines()[1:]]
    assert [float(row["probability"]) > 0.5 for row in rows][2:] == [True, True]
    assert summary.labelled == summary.rows == 4
    assert summary.occupied_minutes == 5.0
    assert summary.called_empty_minutes == 0.0


def test_is_causal(tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.csv", tmp_path / "half.csv"
    evaluate(written(tmp_path, ROOM), predictions=whole)
    evaluate(written(tmp_path, "\n".join(ROOM.splitlines()[:3]) + "\n", "half-room.csv"), predictions=half)
    assert whole.read_text().startswith(half.read_text())


def test_never_learns_from_labels(tmp_path: Path) -> None:
    with_labels, without = tmp_path / "with.csv", tmp_path / "without.csv"
    evaluate(written(tmp_path, ROOM), predictions=with_labels)
    bare = "\n".join(line.rsplit(",", 1)[0] for line in ROOM.splitlines())
    summary = evaluate(written(tmp_path, bare, "bare.csv"), predictions=without)
    assert with_labels.read_text() == without.read_text()
    assert summary.labelled == 0
    assert summary.accuracy is None


def test_bad_rows_are_counted_and_bad_cells_are_no_readings(tmp_path: Path) -> None:
    bad = ROOM + "rubbish,,,,\n2026-01-05T08:15:00Z,20,1,1,1\n2026-01-05T08:20:00Z,x,nan,,1\n"
    summary = evaluate(written(tmp_path, bad))
    assert (summary.rows, summary.skipped) == (5, 2)


def test_rows_in_any_order_are_judged_in_order_of_time(tmp_path: Path) -> None:
    """One row of a clock that ran ahead must not hide all rows after it."""
    head, *rows = ROOM.splitlines()
    ahead = "2126-02-07T06:28:15Z,20,420,0,0"
    out, mixed = tmp_path / "out.csv", tmp_path / "mixed.csv"
    evaluate(written(tmp_path, ROOM), predictions=out)
    summary = evaluate(written(tmp_path, "\n".join([head, ahead, *reversed(rows)]), "any.csv"), predictions=mixed)
    assert (summary.rows, summary.skipped) == (5, 0)
    assert mixed.read_text().startswith(out.read_text())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("time,co2\n2026-01-05T08:00:00Z,many\n", "csv_no_cues"),
        ("time,co2\n2026-01-05T08:00:00Z,400\n0001-01-01T00:00:00+14:00,400\n", "csv_bad"),
        ("", "csv_no_time"),
        ("temperature,co2\n20,400\n", "csv_no_time"),
        ("time,co2\nyesterday,400\n", "csv_no_time"),
        ("time,temperature\n2026-01-05T08:00:00Z,20\n", "csv_no_cues"),
    ],
)
def test_says_what_is_missing(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        evaluate(written(tmp_path, text))
    assert refused.value.key == key


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="csv_unreadable"):
        evaluate(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\x00\xfe")
    with pytest.raises(Refused, match="csv_unreadable"):
        evaluate(tmp_path / "binary.csv")


def test_the_command_prints_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "occupancy", str(written(tmp_path, ROOM)), "--json"]) == 0
    assert '"called_empty_minutes": 0.0' in capsys.readouterr().out


@pytest.mark.shared
@pytest.mark.parametrize(("without", "accuracy"), [((), 0.97), (("light",), 0.95)])
def test_the_open_office_on_days_it_was_not_trained_on(without: tuple[str, ...], accuracy: float) -> None:
    summary = evaluate(shared("data/occupancy/datatest.txt"), without)
    assert summary.labelled == 2665
    assert summary.accuracy is not None
    assert summary.accuracy >= accuracy
