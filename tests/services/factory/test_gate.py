"""No model leaves that fails a gate, and the report says what was measured."""

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import Refused
from services.factory.gate import Gate, failed, release
from services.factory.report import Report, measured, write
from services.factory.runner import Runner, quantised
from tests.models.tiny import shared, tiny_model

GATES = (Gate(metric="found", at_least=0.9), Gate(metric="overlap", at_least=0.8))


@pytest.mark.parametrize(
    ("metrics", "broken"),
    [
        ({"found": 0.9, "overlap": 0.8}, []),
        ({"found": 0.8999, "overlap": 0.9}, ["found"]),
        ({"found": float("nan"), "overlap": 1.0}, ["found"]),
        ({"overlap": float("inf")}, ["found", "overlap"]),
    ],
)
def test_a_gate_holds_only_for_a_number_that_is_large_enough(metrics: dict[str, float], broken: list[str]) -> None:
    assert [gate.metric for gate in failed(metrics, GATES)] == broken


def test_a_failed_gate_leaves_no_model_not_even_an_older_one(tmp_path: Path) -> None:
    file = tmp_path / "net.tflite"
    release(file, b"good", {"found": 1, "overlap": 1}, GATES)
    assert file.read_bytes() == b"good"
    with pytest.raises(Refused, match=r"gate_failed.*overlap 0.5 < 0.8"):
        release(file, b"bad", {"found": 1, "overlap": 0.5}, GATES)
    assert not file.exists()


def test_the_report_holds_cost_and_accuracy_of_every_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tiny_model()
    rows = measured(
        {"before": data, "after": data}, {"before": {"found": 1.0}, "after": {"found": 0.95, "overlap": 0.7}}
    )
    write(Report(title="Tiny", rows=rows, judged="after", gates=GATES, notes=("on nothing",)), tmp_path, "tiny")
    told = (tmp_path / "tiny.md").read_text(encoding="utf-8")
    assert told == capsys.readouterr().out
    assert "| build | bytes | CPU ms | MACs | found | overlap |" in told
    assert f"| before | {len(data):,} |" in told
    assert "- found ≥ 0.9: holds" in told
    assert "- overlap ≥ 0.8: **failed**" in told
    kept = json.loads((tmp_path / "tiny.json").read_text(encoding="utf-8"))
    assert [row["macs"] for row in kept["rows"]] == [3462, 3462]
    assert all(row["cpu_ms"] > 0 for row in kept["rows"])


def test_floats_are_turned_into_steps_and_clipped() -> None:
    detail = {"dtype": np.int8, "quantization": (0.5, -10)}
    steps = quantised(np.asarray([0, 1, -100, 100], np.float32), detail)
    assert (steps.dtype.name, steps.tolist()) == ("int8", [-10, -8, -128, 127])


@pytest.mark.shared
def test_a_quantised_model_answers_in_floats() -> None:
    runner = Runner(shared("models/mobilenet_v1_0.25_128_quant.tflite").read_bytes())
    (scores,) = runner.run(np.zeros((1, 128, 128, 3), np.float32))
    assert (scores.shape, scores.dtype.name) == ((1, 1001), "float32")
    assert 0 <= float(np.min(scores)) <= float(np.max(scores)) < 1


def test_a_file_that_no_runtime_takes_is_refused() -> None:
    with pytest.raises(Refused, match="model_invalid"):
        Runner(tiny_model()[:200])
