"""One change at a time, between threads and processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from gateway.errors import Refused, Transient
from gateway.models.store import lock
from gateway.models.store.lock import changing
from tests.models.releases import make_store, take_in

HOLDS = (
    "import sys; from pathlib import Path; from gateway.models.store.lock import changing\n"
    "with changing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


def test_who_waits_too_long_is_told_and_a_killed_holder_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        monkeypatch.setattr(lock, "LONGEST_S", 0.0)
        with pytest.raises(Transient) as caught, changing(tmp_path):
            pass
        assert caught.value.key == "model_store_busy"
        holder.kill()
    with changing(tmp_path):
        pass


def test_changes_from_several_threads_follow_each_other(tmp_path: Path) -> None:
    stores = [make_store(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(4, thread_name_prefix="store") as pool:
        jobs = [pool.submit(partial(take_in, store, 1, id=f"m{n}")) for n, store in enumerate(stores)]
        assert len({job.result() for job in jobs}) == 4
    assert make_store(tmp_path).models() == ("m0", "m1", "m2", "m3")
    assert make_store(tmp_path).boot() == ()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(Refused) as caught, changing(tmp_path / "models"):
        pass
    assert caught.value.key == "model_unwritable"
