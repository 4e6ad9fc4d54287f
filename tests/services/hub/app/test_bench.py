"""The benchmark itself, with a handful of gateways: what it says must be so."""

import json

import pytest

from services.hub.app.bench import command, ingest
from services.hub.app.bench.programs import mosquitto_program, postgresql_tools

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(mosquitto_program() is None, reason="mosquitto is not installed"),
    pytest.mark.skipif(postgresql_tools() is None, reason="postgresql is not installed"),
]


def test_every_figure_is_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(ingest, "_LEAST_S", 0.3)
    monkeypatch.setenv("HEARTHGATE_HUB_GATEWAYS", "6")
    monkeypatch.setenv("HEARTHGATE_HUB_SOCKETS", "1")
    assert command.bench(as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bench"] == "ingest"
    rows = {row["name"]: row for row in told["rows"]}
    assert {tuple(row) for row in told["rows"]} == {("name", "value", "unit", "goal", "holds")}
    assert (rows["gateways"]["value"], rows["connections"]["value"]) == (6, 6)
    assert rows["without a receipt"]["holds"] is True
    assert all(row["value"] > 0 for name, row in rows.items() if name not in {"without a receipt", "CPU of the worker"})
