"""Accounts from the command line: the password alone on standard output, the rest for people."""

from pathlib import Path

import pytest

from gateway.app import cli_accounts
from gateway.app.cli import main
from gateway.flow.clock import Clock
from tests.unit.web.fakes import FakeAccounts


@pytest.fixture
def settings(tmp_path: Path) -> str:
    file = tmp_path / "gateway.yaml"
    file.write_text(f"gateway:\n  data_dir: {tmp_path}\n")
    return str(file)


def test_the_same_as_on_the_page(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held, places = FakeAccounts("heater"), []

    def accounts(folder: Path, _clock: Clock) -> FakeAccounts:
        places.append(folder)
        return held

    monkeypatch.setattr(cli_accounts, "BrokerAccounts", accounts)
    assert main(["accounts", "add", "lamp", "--config", settings]) == 0
    assert capsys.readouterr().out == "secret of lamp\n"
    assert main(["accounts", "remove", "heater", "--config", settings]) == 0
    assert main(["accounts", "list", "--config", settings]) == 0
    assert capsys.readouterr().out == "lamp\n"
    assert set(places) == {tmp_path / "accounts"}


def test_where_there_is_no_broker_of_the_house_that_is_said(settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accounts", "add", "lamp", "--config", settings]) == 1
    told = capsys.readouterr()
    assert (told.out, "accounts_absent" in told.err) == ("", True)
