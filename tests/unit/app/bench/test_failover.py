"""The accelerator is broken a few times; the figures are asked for, their size is not judged here."""

import pytest

from gateway.app.bench import failover


def test_a_thousand_faults_are_induced_of_every_kind() -> None:
    assert sum(failover.FAULTS.values()) == 1000
    assert set(failover.FAULTS) == {"killed", "hung", "stalled", "failed"}


def test_every_fault_is_timed_and_no_request_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failover, "FAULTS", {"killed": 2, "hung": 1, "stalled": 2, "failed": 3})
    rows = {row.name: row for row in failover.run(lambda _text: None)}
    assert rows["requests"].value > 0
    for name in ("lost", "answered twice", "answered with another's answer"):
        assert (rows[name].value, rows[name].holds) == (0, True)
    times = [row for row in rows.values() if row.unit == "ms"]
    assert len(times) == 3 + 4
    assert all(row.value > 0 for row in times)
