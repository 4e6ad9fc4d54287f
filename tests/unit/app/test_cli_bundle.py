"""Taking in bundles from the command line, with a configuration that trusts one publisher."""

import json
from pathlib import Path

import pytest

from gateway.app.cli import main
from tests.models.releases import release_card, variant
from tests.unit.models.bundle import publisher
from tests.unit.models.bundle.publisher import name, statement, written
from tests.unit.models.bundle.server import Served, serving_tls


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.yaml"
    file.write_text(f"version: 1\nmodels:\n  directory: {tmp_path}/models\n  trusted_keys: ['{name(1)}']\n")
    return file


def bundle(folder: Path, serial: int, *seeds: int) -> str:
    data = publisher.manifest(card=release_card(serial))
    return str(written(folder, publisher.bundle(*seeds, data=data, objects=(variant(serial),))))


def test_a_bundle_is_taken_in(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "install", bundle(tmp_path, 1), "--config", str(config)]) == 0
    assert capsys.readouterr().out == "tiny 1.1, serial 1: taken in, active\n"
    assert main(["models", "install", bundle(tmp_path, 2), "--config", str(config), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["version"], told["serial"], told["slot"]) == ("tiny", "1.2", 2, "candidate")


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("none.hgmodel", "model_missing"),
        ("http://127.0.0.1:9/a.hgmodel", "download_insecure"),
        ("file:///etc/passwd", "download_insecure"),
        ("https://127.0.0.1:9/a.hgmodel", "model_download_failed"),
    ],
)
def test_what_cannot_be_had_has_its_key(
    source: str, key: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "install", source, "--config", str(config)]) == 1
    assert key in capsys.readouterr().err


def test_a_bundle_is_fetched_and_taken_in(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving_tls(tmp_path) as (server, certificate):
        server.pages["/tiny.hgmodel"] = Served(Path(bundle(tmp_path, 1)).read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert main(["models", "install", server.url + "/tiny.hgmodel", "--config", str(config)]) == 0
    assert capsys.readouterr().out.endswith("taken in, active\n")
    assert [file.name for file in (tmp_path / "models/downloads").iterdir()] == [".lock"]


def test_a_stranger_is_turned_away(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "install", bundle(tmp_path, 1, 2), "--config", str(config)]) == 1
    assert "manifest_key_unknown" in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


def test_trust_is_shown_and_handed_over(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "1.json").write_bytes(statement(1, (1, 2), by=(1,)))
    (tmp_path / "2.json").write_bytes(statement(2, (2,), by=(1,), revoked=(3,)))
    for number in (1, 2):
        assert main(["models", "trust", f"{tmp_path}/{number}.json", "--config", str(config)]) == 0
    capsys.readouterr()
    assert main(["models", "trust", "--config", str(config)]) == 0
    shown = capsys.readouterr().out.split()
    assert shown == ["trusted", name(2), "retired", name(1), "revoked", name(3)]
    assert main(["models", "trust", "--config", str(config), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"number": 2, "trusted": [name(2)], "retired": [name(1)], "revoked": [name(3)]}


def test_an_old_statement_changes_nothing(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "1.json"
    file.write_bytes(statement(1, (1, 2), by=(1,)))
    words = ["models", "trust", str(file), "--config", str(config)]
    assert (main(words), main(words)) == (0, 1)
    assert "trust_old" in capsys.readouterr().err


def test_nobody_is_trusted_unless_somebody_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "empty.yaml"
    file.write_text(f"version: 1\nmodels:\n  directory: {tmp_path}/models\n")
    assert main(["models", "trust", "--config", str(file)]) == 0
    assert "nobody" in capsys.readouterr().out
