"""Runtime, clock, disk, permissions and models: the doctor names the cause."""

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.config.settings import Settings
from gateway.errors import Problem
from gateway.health import child, runtime
from gateway.health.child import Ended, try_out
from gateway.health.clock import believed, check_clock, plausible
from gateway.health.disk import check_disk
from gateway.health.doctor import run_checks
from gateway.health.finding import Grade
from gateway.health.models import check_models
from gateway.health.permissions import check_permissions
from gateway.health.runtime import check_runtime


async def test_a_child_that_aborts_and_one_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await try_out("import os; os.abort()") == Ended(code=-6, output="", signal="SIGABRT")
    assert await try_out("import sys; print(sys.argv[1])", "hello") == Ended(code=0, output="hello")
    monkeypatch.setattr(child, "PATIENCE_S", 0.2)
    assert (await try_out("import time; time.sleep(60)")).signal == "timeout"


async def test_the_runtime_of_this_machine() -> None:
    (finding,) = await check_runtime()
    assert finding.level is Grade.OK
    assert finding.message.startswith("ai-edge-litert ")


@pytest.mark.parametrize(
    ("installed", "keys"),
    [
        ({}, ["runtime_missing"]),
        ({"tflite-runtime": "2.14.0", "numpy": "2.4.6"}, ["numpy_incompatible"]),
        ({"tflite-runtime": "2.14.0", "numpy": "1.26.4"}, ["runtime_broken"]),
        ({"pycoral": "0.1.0"}, ["runtime_missing", "pycoral_unrelated"]),
    ],
)
async def test_runtimes_that_do_not_work(
    installed: dict[str, str], keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "_version", installed.get)
    assert [finding.key for finding in await check_runtime()] == keys


@pytest.mark.parametrize(
    ("year", "in_step", "key"),
    [
        (1970, True, "clock_unset"),
        (2023, True, "clock_unset"),
        (2026, False, "clock_not_synchronised"),
        (2026, None, "ok"),
    ],
)
def test_the_clock(year: int, in_step: bool | None, key: str) -> None:
    (finding,) = check_clock(datetime(year, 12, 31, tzinfo=UTC), lambda: in_step)
    assert finding.key == key


@pytest.mark.parametrize(
    ("year", "in_step", "is_believed"),
    [(2026, True, True), (2026, False, False), (2026, None, False), (1970, True, False)],
)
def test_only_a_clock_that_is_kept_right_is_believed(year: int, in_step: bool | None, is_believed: bool) -> None:
    now = datetime(year, 12, 31, tzinfo=UTC)
    assert believed(now, lambda: in_step) == (now if is_believed else None)


def _settings(tmp_path: Path, **more: object) -> Settings:
    gateway = {"data_dir": str(tmp_path / "data"), "key_file": str(tmp_path / "key"), "secrets_dir": str(tmp_path)}
    return Settings.model_validate({"gateway": gateway, **more})


def test_a_disk_with_room(tmp_path: Path) -> None:
    (finding,) = check_disk(_settings(tmp_path, retention={"media_mb": 16, "reserve_mb": 16}))
    assert finding.key == "ok"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"f_flag": os.ST_RDONLY}, "disk_read_only"),
        ({"f_bavail": 10}, "disk_full"),
        ({"f_favail": 0}, "disk_full"),
        ({"f_bavail": 1000}, "disk_small"),
    ],
)
def test_a_disk_without(changes: dict[str, int], key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = {"f_flag": 0, "f_frsize": 1 << 20, "f_bavail": 1 << 20, "f_files": 100, "f_favail": 100}
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(**{**room, **changes}))
    (finding,) = check_disk(_settings(tmp_path))
    assert finding.key == key


def test_a_data_directory_that_others_may_enter_and_one_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    assert check_disk(_settings(tmp_path))[0].key == "disk_open"
    (tmp_path / "data").rmdir()
    (tmp_path / "data").write_text("")
    assert check_disk(_settings(tmp_path))[0].key == "disk_permission"


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    assert check_permissions(_settings(tmp_path))[0].key == "ok"
    (tmp_path / "key").write_bytes(b"k" * 32)
    (tmp_path / "key").chmod(0o640)
    assert check_permissions(_settings(tmp_path))[0].key == "vault_key_mode"
    users = _settings(tmp_path, mqtt={"users": ["lamp"]})
    assert [finding.key for finding in check_permissions(users)] == ["vault_key_mode", "credential_missing"]


def test_models_are_only_needed_for_faces(tmp_path: Path) -> None:
    camera = {"name": "door", "url": "rtsp://h/a"}
    assert check_models(_settings(tmp_path, cameras=[camera]))[0].key == "models_not_needed"
    faces = _settings(tmp_path, cameras=[{**camera, "faces": True}])
    assert [finding.key for finding in check_models(faces)] == ["model_missing", "model_missing"]
    faces.models_dir.mkdir(parents=True)
    for card in (Path(runtime.__file__).parents[1] / "models" / "cards").glob("*.json"):
        (faces.models_dir / json.loads(card.read_text())["file"]).write_bytes(b"short")
    assert "model_truncated" in {finding.key for finding in check_models(faces)}
    (faces.models_dir / "objects").mkdir()
    for name in ("blazeface_full", "dlib_resnet_v1"):
        card = json.loads((Path(runtime.__file__).parents[1] / "models" / "cards" / f"{name}.json").read_text())
        with (faces.models_dir / "objects" / card["sha256"]).open("wb") as stream:
            stream.truncate(card["bytes"])
    assert [finding.key for finding in check_models(faces)] == ["ok"]


async def test_the_whole_round_is_json_and_names_every_worry(tmp_path: Path) -> None:
    settings = _settings(tmp_path, web={"host": "127.0.0.1"})
    found = await run_checks(settings, [])
    worries = {finding.worry.partition("/")[0] for finding in found}
    assert worries == {
        "config", "runtime", "accelerator", "clock", "cameras", "broker", "disk", "ports", "permissions", "models",
        "uplink",
    }  # fmt: skip
    told = json.loads(json.dumps([dataclasses.asdict(finding) for finding in found]))
    assert {key for one in told for key in one} == {"worry", "level", "key", "message", "hint"}


async def test_a_broken_configuration_still_gets_a_look_at_the_machine() -> None:
    problem = Problem(file="gateway.yaml", line=3, path="cameras[0].url", message="is required", hint="give one")
    found = await run_checks(None, [problem])
    assert found[0].key == "config_invalid"
    assert "gateway.yaml:3: cameras[0].url" in found[0].message
    assert {"runtime", "accelerator", "clock"} <= {finding.worry for finding in found}
    assert (await run_checks(None))[0].key == "config_missing"


@pytest.mark.parametrize(
    ("board", "battery", "in_step", "good"),
    [
        (False, False, False, True),
        (True, True, False, True),
        (True, False, True, True),
        (True, False, None, True),
        (True, False, False, False),
    ],
)
def test_days_are_planned_by_a_clock_that_did_not_stop_with_the_power(
    tmp_path: Path, *, board: bool, battery: bool, in_step: bool | None, good: bool
) -> None:
    (tmp_path / "dev").mkdir()
    if board:
        (tmp_path / "proc/device-tree").mkdir(parents=True)
    if battery:
        (tmp_path / "dev/rtc0").touch()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert (plausible(now, lambda: in_step, tmp_path) == now) is good
    assert plausible(datetime(1970, 1, 1, tzinfo=UTC), lambda: True, tmp_path) is None
