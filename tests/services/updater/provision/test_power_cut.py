"""The power goes between any two things that the first start asks of the disk; the next start makes it whole."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from services.updater.provision import boot, disk, reset
from tests.services.updater.provision.home import ME, SECRETS, FakeMachine, files_below, lay_everything, machine_of

_CHANGES = {"write", "symlink", "fchown", "fchmod", "fsync", "replace", "unlink", "mkdir", "chmod", "chown"}


class PowerCut(BaseException):
    """Nobody handles it."""


class Supply:
    """`os`, until it has been asked for `lasts` changes; it writes nothing through, for speed."""

    def __init__(self, lasts: int) -> None:
        self.left = lasts

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in _CHANGES:
            return real

        def counted(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise PowerCut
            return None if name == "fsync" else real(*arguments, **named)

        return counted


def _changes(root: Path, patch: pytest.MonkeyPatch) -> int:
    """How many a whole first start takes."""
    places, supply = machine_of(root), Supply(10**9)
    lay_everything(places)
    with patch.context() as patched:
        patched.setattr(disk, "os", supply)
        boot.start(places, ME, FakeMachine())
    return 10**9 - supply.left


def _names(files: dict[str, bytes]) -> set[str]:
    return set(files)


def test_every_cut_is_mended_by_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = _changes(tmp_path / "whole", monkeypatch)
    whole = _names(files_below(tmp_path / "whole"))
    assert changes > 100
    for cut in range(changes):
        places = machine_of(tmp_path / str(cut))
        lay_everything(places)
        with monkeypatch.context() as patched:
            patched.setattr(disk, "os", Supply(cut))
            with pytest.raises(PowerCut):
                boot.start(places, ME, FakeMachine())
        shutil.rmtree(tmp_path / str(cut) / "run")
        (tmp_path / str(cut) / "run").mkdir()
        with monkeypatch.context() as patched:
            patched.setattr(disk, "os", Supply(10**9))
            assert boot.start(places, ME, FakeMachine()) == []
        _is_whole(tmp_path / str(cut), whole)


def _is_whole(root: Path, names: set[str]) -> None:
    files = files_below(root)
    assert _names(files) == names
    line, held = files["etc/hearthgate/mqtt/own"].decode(), files["etc/hearthgate/credentials/broker"].decode()
    assert held.partition(":")[2].encode().hex() in line, "the broker knows the password that the gateway has"
    assert line in files["etc/hearthgate/mqtt/passwd"].decode()
    assert b"zigbee2mqtt:" in files["etc/hearthgate/mqtt/passwd"]
    assert files["etc/hearthgate/secrets/door"] == b"admin:c4nary-d00r"
    on_the_stick = b"".join(data for name, data in files.items() if name.startswith("boot/hearthgate"))
    assert not any(secret in on_the_stick for secret in SECRETS)


def test_a_vault_key_is_never_made_twice(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    boot.start(places, ME, FakeMachine())
    key = (places.credentials / boot.VAULT_KEY).read_bytes()
    (places.credentials / boot.VAULT_KEY).write_bytes(b"damaged")
    boot.start(places, ME, FakeMachine())
    assert (places.credentials / boot.VAULT_KEY).read_bytes() == b"damaged" != key


def test_a_reset_that_is_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink = Path.unlink
    for cut in range(6):
        places = machine_of(tmp_path / str(cut))
        (places.stick / reset.FLAG).touch()
        for name in ("a", "b/c", "c/d", "c/e/f"):
            (places.data / name).parent.mkdir(parents=True, exist_ok=True)
            (places.data / name).write_text("private")
        left = iter([None] * cut)

        def cutting(path: Path, missing_ok: bool = False, left: Any = left) -> None:
            if next(left, PowerCut) is PowerCut:
                raise PowerCut
            unlink(path, missing_ok)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", cutting)
            try:
                reset.wipe(places)
            except PowerCut:
                assert reset.is_wanted(places)
                patched.undo()
                reset.wipe(places)
        assert list(places.data.iterdir()) == []
        assert not reset.is_wanted(places)
