"""What is missing on the machine is told at once, with what installs it."""

from dataclasses import replace
from pathlib import Path

import pytest

from imager import needs
from imager.recipe import Board
from imager.shell import BuildError
from tests.unit.imager.test_recipe import recipe


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)


def test_all_that_is_missing_is_named_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    without_keys = replace(recipe(Board.RPI).suite, keyring=tmp_path / "keys")
    with pytest.raises(BuildError, match="apt install ") as refused:
        needs.check(replace(recipe(Board.RPI), suite=without_keys))
    words = str(refused.value).split()
    assert {"mmdebstrap", "genimage", "squashfs-tools", "qemu-user-static", "debian-archive-keyring"} <= set(words)
    assert "grub-common" not in words
    assert len(words) == len(set(words))


def test_somebody_else_than_root_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(BuildError, match="root"):
        needs.check(recipe())
