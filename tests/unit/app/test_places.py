from pathlib import Path

import pytest

from gateway.app import places


def test_the_service_and_its_command_line_look_below_its_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTHGATE_MODEL_DIR", raising=False)
    monkeypatch.setattr(places, "SYSTEM_STATE", tmp_path)
    assert places.models_folder() == tmp_path / "models"


def test_without_a_service_models_are_the_persons_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTHGATE_MODEL_DIR", raising=False)
    monkeypatch.setattr(places, "SYSTEM_STATE", tmp_path / "nowhere")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert places.models_folder() == tmp_path / "hearthgate" / "models"
    monkeypatch.setenv("HEARTHGATE_MODEL_DIR", "/elsewhere")
    assert places.models_folder() == Path("/elsewhere")
