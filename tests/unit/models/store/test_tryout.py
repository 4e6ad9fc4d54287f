"""A candidate is opened in another process first."""

import json
import os
import signal
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gateway.errors import Refused
from gateway.models import vectors
from gateway.models.litert import LiteRtBackend
from gateway.models.store import tryout
from gateway.models.store.objects import Objects
from gateway.models.store.tryout import try_out
from gateway.testing.conformance_backend import inputs_for
from gateway.wire.model_card import CardFile, ModelCard
from tests.models.releases import make_store, manifest, release_card, signed, take_in
from tests.models.tiny import card, sha256, tiny_model

Array = npt.NDArray[np.generic]
HOSTILE = Path(__file__).parent / "hostile"


def put(folder: Path, *contents: tuple[CardFile, bytes]) -> Objects:
    objects = Objects(folder)
    for file, content in contents:
        objects.put(file, content)
    return objects


def refusal(shown: ModelCard, objects: Objects) -> Refused:
    with pytest.raises(Refused) as caught:
        try_out(shown, objects)
    return caught.value


def card_file(name: str, data: bytes) -> CardFile:
    return CardFile(name=name, sha256=sha256(data), bytes=len(data))


class Other(LiteRtBackend):
    """Answers something else than the model."""

    def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        return tuple(np.asarray(output, np.float32) + np.float32(1) for output in super().infer(inputs))


def golden(tmp_path: Path, backend: LiteRtBackend) -> bytes:
    """What `backend` makes of the tiny model."""
    path = tmp_path / "model"
    path.write_bytes(tiny_model())
    backend.load(card(), path)
    data = vectors.make(backend, card(), [inputs_for(card())])
    backend.close()
    return data


def test_a_good_model_passes(tmp_path: Path) -> None:
    data = golden(tmp_path, LiteRtBackend())
    shown = card(golden=card_file("golden.npz", data))
    assert shown.golden is not None
    try_out(shown, put(tmp_path / "objects", (shown.main, tiny_model()), (shown.golden, data)))


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": [{"name": "image", "shape": [1, 9, 8, 3], "dtype": "float32"}]},
        {"inputs": [{"name": "image", "shape": [1, 8, 8, 3], "dtype": "uint8"}]},
        {"inputs": [{"name": "image", "shape": [1, 8, 8, 3], "dtype": "float32", "scale": 0.5}]},
        {"outputs": [{"name": "scores", "shape": [1, 3], "dtype": "float32"}]},
    ],
)
def test_a_card_that_lies_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    shown = card(**changes)
    assert refusal(shown, put(tmp_path, (shown.main, tiny_model()))).key == "model_tensors"


def test_a_model_that_is_none_is_refused(tmp_path: Path) -> None:
    data = b"\x10\0\0\0TFL3" + bytes(200)
    shown = card(data)
    assert refusal(shown, put(tmp_path, (shown.main, data))).key == "model_invalid"


def test_a_model_that_misses_its_golden_vectors_is_refused(tmp_path: Path) -> None:
    data = golden(tmp_path, Other())
    shown = card(golden=card_file("golden.npz", data))
    assert shown.golden is not None
    error = refusal(shown, put(tmp_path / "objects", (shown.main, tiny_model()), (shown.golden, data)))
    assert error.key == "model_golden"


def test_a_tpu_file_that_was_not_compiled_is_refused(tmp_path: Path) -> None:
    shown = card(tpu={"file": card_file("tiny_edgetpu.tflite", tiny_model())})
    assert refusal(shown, put(tmp_path, (shown.main, tiny_model()))).key == "model_not_for_tpu"


def test_a_damaged_object_is_seen_before_a_process_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    objects = put(tmp_path, (card().main, tiny_model()))
    objects.path(card().main).write_bytes(b"rot")
    assert refusal(card(), objects).key == "model_hash"


@pytest.mark.parametrize(
    ("does", "cause"),
    [
        (f"os.kill(os.getpid(), {signal.SIGSEGV.value})", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
        ("sys.exit(3)", "exit status 3"),
        ("print('rubbish')", "an answer that cannot be read"),
        ("print('[1]')", "an answer that cannot be read"),
        ("signal.pause()", "no answer within 1 s"),
    ],
)
def test_a_model_that_takes_its_process_down_is_refused(
    does: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interpreter is replaced by one that does what a hostile model would do."""
    hostile = tmp_path / "python"
    hostile.write_text(f"#!{sys.executable}\nimport os, signal, sys\n{does}\n")
    hostile.chmod(hostile.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(hostile))
    objects = put(tmp_path / "objects", (card().main, tiny_model()))
    with pytest.raises(Refused) as caught:
        try_out(card(), objects, longest_s=1 if "pause" in does else 60)
    assert (caught.value.key, caught.value.facts["cause"]) == ("model_crashes", cause)


@pytest.mark.parametrize("file", sorted(HOSTILE.glob("*.tflite")), ids=lambda file: file.stem)
def test_a_signed_model_that_crashes_the_real_runtime_harms_nobody(file: Path, tmp_path: Path) -> None:
    """Found by damaging the tiny model: its hash is right, and LiteRT dies of it."""
    store = make_store(tmp_path, try_out=try_out)
    active = take_in(store, 1)
    hostile = release_card(2, data=file.read_bytes())
    data = manifest(hostile)
    with pytest.raises(Refused) as caught:
        store.take_in(data, signed(data), {hostile.sha256: file}, now=None)
    assert (caught.value.key, caught.value.facts["cause"]) == ("model_crashes", "SIGSEGV"), str(caught.value)
    assert store.slots("tiny").filled == {"active": active}
    assert store.boot() == ()


def test_the_process_gets_nothing_of_the_daemon_but_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    spy = tmp_path / "python"
    seen = "[sys.argv[1:], dict(os.environ), os.listdir('/proc/self/fd')]"
    report = f"open({str(told)!r}, 'w').write(json.dumps({seen}))"
    spy.write_text(f"#!{sys.executable} -I\nimport json, os, sys\n{report}\nprint('null')\n")
    spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(spy))
    monkeypatch.setenv("HEARTHGATE_SECRET", "canary")
    with (tmp_path / "other").open("wb") as other:
        os.set_inheritable(other.fileno(), True)
        try_out(card(), put(tmp_path / "objects", (card().main, tiny_model())))
    arguments, environment, descriptors = json.loads(told.read_text())
    assert arguments == ["-I", "-m", tryout.__name__]
    assert "canary" not in environment.values()
    assert len(descriptors) <= 6
