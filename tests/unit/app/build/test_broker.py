"""Whose broker it is that the gateway speaks to, where the settings name none."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import pytest

from gateway.app.build import broker
from gateway.app.build.base import Base
from gateway.config.settings import Settings
from gateway.links.broker import EmbeddedBroker
from gateway.testing.clock import FakeClock
from gateway.types import Level


@pytest.fixture
def base() -> Base:
    return Base.fresh(FakeClock())


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemd hands over."""
    folder = tmp_path / "handed"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def credential(folder: Path, text: str = "hearthgate:secret") -> None:
    (folder / "broker").touch(mode=0o600)
    (folder / "broker").write_text(text)


def settings(tmp_path: Path, **mqtt: object) -> Settings:
    return Settings.model_validate({"gateway": {"secrets_dir": str(tmp_path)}, "mqtt": mqtt})


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ports on which a broker of our own was started; no port is taken."""
    ports: list[int] = []

    class Listening(EmbeddedBroker):
        async def __aenter__(self) -> Self:
            ports.append(self.port)
            return self

        async def __aexit__(self, *_: object) -> None:
            return

    monkeypatch.setattr(broker, "EmbeddedBroker", Listening)
    return ports


async def opened(found: Settings, base: Base) -> broker.Broker:
    async with AsyncExitStack() as stack:
        return await broker.open_broker(stack, found, base)


async def test_it_is_the_one_that_the_machine_brings(
    tmp_path: Path, base: Base, handed: Path, embedded: list[int]
) -> None:
    credential(handed)
    found = await opened(settings(tmp_path, discovery={"prefix": "ha"}), base)
    assert (found.usable, embedded) == (True, [])


@pytest.mark.parametrize("chosen", [{"port": 1884}, {"listen": "0.0.0.0"}])
async def test_whoever_chooses_a_place_for_one_of_our_own_has_it(
    tmp_path: Path, base: Base, handed: Path, embedded: list[int], chosen: dict[str, object]
) -> None:
    credential(handed)
    await opened(settings(tmp_path, **chosen), base)
    assert embedded == [chosen.get("port", 1883)]


async def test_it_is_our_own_where_the_machine_brings_none(
    tmp_path: Path, base: Base, handed: Path, embedded: list[int]
) -> None:
    credential(tmp_path)
    await opened(settings(tmp_path), base)
    assert embedded == [1883], "a file in the secrets is somebody else's account"


async def test_an_account_that_cannot_be_read_starts_no_second_broker(
    tmp_path: Path, base: Base, handed: Path, embedded: list[int]
) -> None:
    credential(handed, "no colon")
    found = await opened(settings(tmp_path), base)
    assert (found.usable, embedded) == (False, [])
    state = base.board.all()["broker"]
    assert (state.level, state.key) == (Level.DOWN, "credential_invalid")
