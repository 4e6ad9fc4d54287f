"""The figures are asked for with few rows; only what has to hold with any number of them is judged here."""

from pathlib import Path

import pytest

from gateway.app.bench import outbox


def test_every_figure_is_there_and_every_row_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(outbox, "ROWS", 1200)
    monkeypatch.setattr(outbox, "_SECONDS", 0.05)
    told: list[str] = []
    rows = {row.name: row for row in outbox.run(told.append)}
    assert "outbox: filled 0 of 1,200" in told
    assert "outbox: drained 1,200 of 1,200" in told
    assert all(row.value > 0 for row in rows.values() if row.unit in {"1/s", "s"})
    goals = {name for name, row in rows.items() if row.goal is not None}
    memory = "resident memory beyond that of appends"
    assert goals == {"durable appends, 64 callers", "start with 1,200 rows", memory}
    assert rows["file when all rows have left"].value < rows["file with all rows"].value
    assert list((tmp_path / "hearthgate").iterdir()) == []
