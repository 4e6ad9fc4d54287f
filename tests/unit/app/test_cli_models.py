"""The words for models on the command line, over a folder of their own."""

import json
from pathlib import Path

import pytest

from gateway.app import places
from gateway.app.cli import main
from gateway.config.settings import Models, Settings
from gateway.errors import Refused
from tests.models.releases import make_store, release_card, take_in, variant


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty folder of models, without a configuration and where nothing is trusted yet."""
    monkeypatch.setenv("HEARTHGATE_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(places, "SYSTEM_CONFIG", tmp_path / "none.yaml")
    return tmp_path / "models"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> object:
    assert main(["models", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_says_what_there_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(capsys, "list", "blazeface_short")
    assert isinstance(rows, list)
    (row,) = rows
    assert (row["slot"], row["state"], row["serial"], row["backend"], row["tpu"]) == (
        "active",
        "missing",
        1,
        "litert",
        False,
    )
    assert main(["models", "list"]) == 0
    assert "blazeface_full" in capsys.readouterr().out
    assert not folder.exists()


def test_a_model_is_shown_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, "show", "blazeface_short")
    assert isinstance(shown, dict)
    assert shown["active"]["card"]["provenance"]["report"] == "docs/faces.md"
    assert shown["active"]["files"][0]["state"] == "missing"
    assert main(["models", "show", "blazeface_short"]) == 0
    assert '"licence": "Apache-2.0"' in capsys.readouterr().out
    assert main(["models", "show", "nobody"]) == 1
    assert "model_unknown" in capsys.readouterr().err


def test_a_rollback_is_carried_out_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = {"tiny": release_card(1)}
    monkeypatch.setattr("gateway.models.packaged.packaged_cards", lambda: packaged)
    store = make_store(folder, packaged=packaged)
    monkeypatch.setattr("gateway.app.cli_models.store", lambda _settings: store)
    take_in(store, 2)
    assert main(["models", "rollback", "tiny"]) == 1
    assert "model_no_previous" in capsys.readouterr().err
    store.promote("tiny")
    assert main(["models", "rollback", "tiny"]) == 0
    assert "tiny 1.1 serves again" in capsys.readouterr().err
    assert store.active("tiny") is None


def test_settings_for_models_are_kept_where_only_the_folder_is_left_out(folder: Path) -> None:
    given = Settings(models=Models(trusted_keys=("ab" * 32,)))
    assert places.placed(given).models == Models(trusted_keys=("ab" * 32,), directory=folder)


def test_without_its_credential_nothing_is_sealed_or_written_openly(folder: Path, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"models": {"directory": str(folder), "seal_credential": "seal"}, "gateway": {"secrets_dir": str(tmp_path)}}
    )
    store = places.store(settings)
    shown = release_card(1)
    with pytest.raises(Refused) as caught:
        store._shelf.objects.put(shown.main, variant(1))
    assert caught.value.key == "model_sealed"
    assert not (folder / "objects").exists()
