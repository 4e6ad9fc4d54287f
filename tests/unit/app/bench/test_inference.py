"""The benchmarks of inference, on models that are quickly asked."""

from pathlib import Path

import numpy as np
import pytest

from gateway.app.bench import inference, loop_lag, ready
from gateway.app.bench.ready import Ready, exported, question, ready_models
from gateway.errors import Refused
from gateway.models.golden import pictures
from services.factory.onnx_graph import export
from tests.models.tiny import card, tiny_graph, tiny_model


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Ready]:
    """The tiny network in both runtimes; the ONNX one lies where the factory would put it."""
    (tmp_path / "tiny.tflite").write_bytes(tiny_model())
    folder = tmp_path / "onnx"
    folder.mkdir()
    data = export(tiny_graph(), "a test model")
    (folder / "tiny.onnx").write_bytes(data)
    told = card(data, backend="onnx", file="tiny.onnx")
    (folder / "tiny.json").write_text(told.model_dump_json(), encoding="utf-8")
    monkeypatch.setenv(inference.ONNX_FOLDER, str(folder))
    found = [Ready(card=card(), file=tmp_path / "tiny.tflite")]
    monkeypatch.setattr(inference, "ready_models", lambda: found)
    monkeypatch.setattr(loop_lag, "ready_models", lambda: [*found, *exported(folder)])
    return found


@pytest.mark.usefixtures("models")
def test_each_runtime_is_measured_in_time_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "_ROUNDS", 3)
    rows = {row.name: row for row in inference.run(lambda _text: None)}
    assert set(rows) == {
        "tiny litert",
        "tiny onnx",
        "tiny process",
        "tiny litert memory",
        "tiny litert runtime memory",
        "tiny onnx memory",
        "tiny onnx runtime memory",
    }
    assert all(row.value > 0 for name, row in rows.items() if "memory" not in name)
    assert rows["tiny onnx runtime memory"].value > 5
    assert {row.unit for row in rows.values()} == {"ms CPU", "MB"}


@pytest.mark.usefixtures("models")
def test_the_lag_is_taken_while_all_models_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_lag, "_SECONDS", 0.2)
    rows = {row.name: row for row in loop_lag.run(lambda _text: None)}
    judged = [row for row in rows.values() if row.goal is not None]
    assert [row.name for row in judged] == ["late p99, as the daemon"]
    assert judged[0].holds is (judged[0].value <= 20)
    assert rows["inferences, as the daemon"].value > 10
    assert rows["inferences, a thread each"].value > 10
    assert {"late p50, idle", "late p99, idle", "late max, idle"} <= set(rows)


def test_a_model_that_does_not_load_ends_the_measurement(
    models: list[Ready], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Ready(card=card(id="broken"), file=tmp_path / "none.tflite")
    monkeypatch.setattr(loop_lag, "ready_models", lambda: [*models, broken])
    monkeypatch.setattr(loop_lag, "_SECONDS", 0.01)
    with pytest.raises(Refused) as caught:
        loop_lag.run(lambda _text: None)
    assert caught.value.key == "model_missing"


def test_without_a_model_the_command_to_get_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "registry", _Empty)
    with pytest.raises(Refused) as caught:
        ready_models()
    assert "models pull" in str(caught.value.facts["hint"])


class _Empty:
    def cards(self) -> tuple[()]:
        return ()


def test_questions_are_in_the_range_of_the_card() -> None:
    asked = np.asarray(question(card(preprocessing={"colour": "rgb", "range": [-1, 1]}))[0], np.float32)
    assert asked.shape == (1, 8, 8, 3)
    assert -1 <= float(np.min(asked)) < -0.9 < 0.9 < float(np.max(asked)) <= 1
    whole = card(inputs=[{"shape": [1, 150, 150, 3], "dtype": "uint8"}])
    assert question(whole)[0].dtype.name == "uint8"
    assert question(whole)[0].shape == pictures()[0].shape
