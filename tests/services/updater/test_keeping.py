"""The memory on a real disk."""

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

from gateway.wire.release import UpdateState
from services.updater import keeping
from services.updater.keeping import Keeper
from services.updater.memory import Memory

ONE, TWO = Memory(boot="one"), Memory(boot="two", state=UpdateState.TRYING)
CALLS = ("open", "write", "fsync", "fchmod", "close", "replace", "stat", "lstat", "fstat")


class PowerCut(BaseException):
    """Nothing happens any more."""


async def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    with contextlib.closing(Keeper(tmp_path / "state.json")) as keeper:
        assert await keeper.load() == Memory()
        await keeper.save(TWO)
        assert await keeper.load() == TWO
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"format": 2}', b'{"boot": 1}', b"\xff" * 100, b" " * (2 << 20)])
async def test_what_cannot_be_read_is_set_aside(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "state.json").write_bytes(raw)
    with contextlib.closing(Keeper(tmp_path / "state.json")) as keeper:
        assert await keeper.load() == Memory()
    assert (tmp_path / "state.bad").read_bytes() == raw
    assert not (tmp_path / "state.json").exists()


def test_a_power_cut_at_any_call_leaves_one_or_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, cut_off = tmp_path / "state.json", 0
    for number in range(1, 40):
        file.unlink(missing_ok=True)
        keeping.save(file, ONE)
        with monkeypatch.context() as patched:
            left = _cut_after(patched, number)
            with contextlib.suppress(PowerCut):
                keeping.save(file, TWO)
        cut_off += left[0] == 0
        assert keeping.load(file) in (ONE, TWO)
        assert [found.name for found in tmp_path.iterdir()] == ["state.json"], "nothing is left lying about"
    assert cut_off > 5


def _cut_after(patched: pytest.MonkeyPatch, number: int) -> list[int]:
    left = [number]
    for name in CALLS:
        real = getattr(os, name)

        def counted(*arguments: Any, _real: Any = real, **more: Any) -> Any:
            left[0] -= left[0] > 0
            if not left[0]:
                raise PowerCut
            return _real(*arguments, **more)

        patched.setattr(os, name, counted)
    return left


async def test_a_save_is_on_the_disk_when_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync

    def noted(handle: int) -> None:
        real(handle)
        synced.append(handle)

    monkeypatch.setattr(os, "fsync", noted)
    with contextlib.closing(Keeper(tmp_path / "state.json")) as keeper:
        await keeper.save(ONE)
    assert len(synced) == 2, "the file, and the folder that names it"
