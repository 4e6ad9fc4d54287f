"""What the child process adds to a call: the figures are asked for, their size is not judged here."""

import pytest

from gateway.app.bench import worker


def test_both_places_are_timed_and_only_the_difference_has_a_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_ROUNDS", 20)
    monkeypatch.setattr(worker, "_WARM_UP", 1)
    said: list[str] = []
    rows = worker.run(said.append)
    by_name = {row.name: row for row in rows}
    for share in ("p50", "p95"):
        here, there, added = (by_name[f"{name}, {share}"] for name in ("in this process", "in the child", "added"))
        assert here.value > 0
        assert there.value > 0
        assert added.value == pytest.approx(there.value - here.value)
        assert (here.goal, there.goal, added.goal) == (None, None, "<= 0.5")
        assert added.holds is (added.value <= 0.5)
    assert said == ["20 calls of each, turn by turn"]
