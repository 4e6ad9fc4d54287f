"""What an operator types."""

import asyncio
from pathlib import Path

import pytest

from services.hub.app.cli import main
from services.hub.door.contract import Claim
from services.hub.door.gatekeeper import Enrolled
from services.hub.store.hub import HubStore, database_at


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "hub.yaml"
    file.write_text("data_dir: data\n")
    return str(file)


def token_of(config: str, gateway: str, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["enrol", gateway, "--config", config, *more]) == 0
    user, _, token = capsys.readouterr().out.strip().partition(":")
    assert user == gateway
    return token


def test_a_token_lets_in_and_is_kept_nowhere(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    token = token_of(config, "home1", capsys)
    assert len(token) >= 43  # 32 random bytes
    for file in (Path(config).parent / "data").iterdir():
        assert token.encode() not in file.read_bytes()
    assert main(["enrol", "home1", "--config", config]) == 1
    assert "gateway_known" in capsys.readouterr().err


def test_the_access_list_has_who_may_speak(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    passwords, acl = tmp_path / "passwords", tmp_path / "acl"
    for gateway in ("home1", "home2"):
        token_of(config, gateway, capsys, "--passwords", str(passwords))
    assert main(["revoke", "home2", "--config", config]) == 0
    assert main(["acl", "--config", config, "--out", str(acl)]) == 0
    assert "1 gateways" in capsys.readouterr().out
    assert [line for line in acl.read_text().splitlines() if line.startswith("user")] == ["user hub", "user home1"]
    assert [line.partition(":")[0] for line in passwords.read_text().splitlines()] == ["home1", "home2"]


def test_the_workers_user_is_no_gateway(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token_of(config, "hub", capsys)
    assert main(["acl", "--config", config, "--out", str(tmp_path / "acl")]) == 1
    assert "hub_user_is_a_gateway" in capsys.readouterr().err
    assert not (tmp_path / "acl").exists()


def test_exit_codes(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", "--config", config]) == 0
    Path(config).write_text("doors: 3\n")
    assert main(["check-config", "--config", config]) == 78
    assert main(["run", "--config", str(tmp_path / "none.yaml")]) == 78
    with pytest.raises(SystemExit) as wrong_usage:
        main(["enrol", "Home One", "--config", config])
    assert wrong_usage.value.code == 2
    assert "did you mean 'door'" in capsys.readouterr().err


async def admitted(config: str, gateway: str, token: str) -> str:
    async with HubStore(database_at(Path(config).parent / "data" / "hub.db")) as store:
        return await Enrolled(store).admit(Claim(user=gateway, password=token))


def test_who_is_enrolled_by_hand_is_let_in(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    token = token_of(config, "home1", capsys)
    assert asyncio.run(admitted(config, "home1", token)) == "home1"
