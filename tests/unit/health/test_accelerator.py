"""What the doctor says of an Edge TPU: every cause has its own key."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from gateway.config.settings import Settings
from gateway.health import child, doctor
from gateway.health.accelerator import check_accelerator
from gateway.health.finding import Finding, Grade
from gateway.health.tpus import sticks
from tests.native import FakeEdgeTpu

NO_LIBRARY = "libedgetpu-none.so"
GOOGLES = "BuildLabel(COMPILER=6.3.0 20170516,DATE=redacted,TIME=redacted), RuntimeVersion(14)"
TODAYS = "BuildLabel(COMPILER=14.2.0,DATE=Feb 22 2026,TIME=09:51:57), RuntimeVersion(14)"
PAGE = 4096


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def plug(root: Path, vendor: str = "18d1", product: str = "9302", *, speed: str = "5000") -> Path:
    device = root / "sys/bus/usb/devices/2-1"
    device.mkdir(parents=True)
    for name, text in (
        ("idVendor", vendor), ("idProduct", product), ("busnum", "2"), ("devnum", "7"), ("speed", speed)
    ):  # fmt: skip
        (device / name).write_text(text + "\n")
    node = root / "dev/bus/usb/002/007"
    node.parent.mkdir(parents=True)
    node.write_bytes(b"")
    return node


def plug_card(root: Path) -> None:
    device = root / "sys/bus/pci/devices/0000:01:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x1ac1\n")
    (device / "device").write_text("0x089a\n")


async def fake_library(folder: Path, *, old_abi: bool = False, **keys: Any) -> str:
    def build() -> str:
        fake = FakeEdgeTpu(folder, old_abi=old_abi)
        fake.set(**keys)
        return fake.library

    return await asyncio.to_thread(build)


async def check(root: Path, library: str, page_bytes: int = PAGE) -> list[Finding]:
    return await check_accelerator(root, library, page_bytes=page_bytes)


async def keys_of(root: Path, library: str, page_bytes: int = PAGE) -> list[str]:
    return [finding.key for finding in await check(root, library, page_bytes)]


async def test_no_stick_is_no_worry_with_and_without_the_library(root: Path, tmp_path: Path) -> None:
    for library in (NO_LIBRARY, await fake_library(tmp_path, devices=0)):
        (finding,) = await check(root, library)
        assert (finding.level, finding.key) == (Grade.OK, "accelerator_none")


async def test_switched_off_is_not_even_looked_at(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug(root)
    monkeypatch.setattr(child, "_run", None)
    (finding,) = await check_accelerator(root, NO_LIBRARY, wanted=False)
    assert (finding.level, finding.key) == (Grade.OK, "accelerator_off")


@pytest.mark.parametrize(
    ("vendor", "product", "state"), [("1a6e", "089a", "waiting for its firmware"), ("18d1", "9302", "ready")]
)
async def test_a_stick_without_its_library(vendor: str, product: str, state: str, root: Path) -> None:
    node = plug(root, vendor, product)
    (stick,) = sticks(root)
    assert (stick.node, stick.state, stick.speed) == (node, state, 5000)
    (finding,) = await check(root, NO_LIBRARY)
    assert (finding.level, finding.key) == (Grade.WARN, "accelerator_library_missing")


def test_another_usb_device_is_none_and_a_card_is_one(root: Path) -> None:
    plug(root, "18d1", "4ee7")
    assert sticks(root) == []
    (root / "dev/apex_0").write_bytes(b"")
    assert [stick.node.name for stick in sticks(root)] == ["apex_0"]


async def test_a_library_of_another_kind(root: Path) -> None:
    assert await keys_of(root, "libm.so.6") == ["accelerator_library_wrong"]


@pytest.mark.parametrize(
    ("told", "speed", "keys"),
    [
        ({}, "5000", ["ok"]),
        ({"version": TODAYS}, "5000", ["ok"]),
        ({}, "480", ["ok", "accelerator_usb2"]),
        ({"devices": 0}, "5000", ["accelerator_unusable"]),
        ({"openable": 0}, "5000", ["accelerator_unopened"]),
        ({"version": GOOGLES}, "5000", ["accelerator_library_old"]),
        ({"abort": 1, "at": "list"}, "5000", ["accelerator_crashed"]),
        ({"crash": 1, "at": "create"}, "5000", ["accelerator_crashed"]),
        ({"crash": 1, "at": "prepare"}, "5000", ["accelerator_library_old"]),
    ],
)
async def test_a_stick_with_a_library(
    told: dict[str, Any], speed: str, keys: list[str], root: Path, tmp_path: Path
) -> None:
    plug(root, speed=speed)
    assert await keys_of(root, await fake_library(tmp_path, **told)) == keys


async def test_a_library_of_the_old_layout_is_found_by_trying_it(root: Path, tmp_path: Path) -> None:
    """Its version says nothing; it dies, or its functions are never reached."""
    plug(root)
    assert await keys_of(root, await fake_library(tmp_path, old_abi=True)) == ["accelerator_library_old"]


async def test_a_library_that_hangs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug(root)
    library = await fake_library(tmp_path, hang=1, at="list")
    monkeypatch.setattr(child, "PATIENCE_S", 0.5)
    assert await keys_of(root, library) == ["accelerator_hangs"]


async def test_a_stick_that_never_got_its_firmware(root: Path, tmp_path: Path) -> None:
    plug(root, "1a6e", "089a", speed="480")
    (finding,) = await check(root, await fake_library(tmp_path, openable=0))
    assert finding.key == "accelerator_no_firmware"
    assert "18d1:9302" in finding.hint
    assert await keys_of(root, await fake_library(tmp_path)) == ["ok"], "opening it brings the firmware"


async def test_a_stick_that_is_in_use_is_left_alone(root: Path, tmp_path: Path) -> None:
    """Opening it would disturb the daemon that runs."""
    node = plug(root)
    library = await fake_library(tmp_path, crash=1, at="create")
    with node.open():
        (finding,) = await check(root, library)
    assert (finding.level, finding.key) == (Grade.OK, "accelerator_in_use")
    assert str(os.getpid()) in finding.message


async def test_a_stick_that_may_not_be_opened(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug(root)
    library = await fake_library(tmp_path, openable=0)
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    (finding,) = await check(root, library)
    assert finding.key == "accelerator_permission"
    assert "plugdev" in finding.hint


@pytest.mark.parametrize(
    ("page_bytes", "driven", "keys"),
    [
        (4096, False, ["accelerator_no_driver"]),
        (16384, False, ["accelerator_page_size"]),
        (16384, True, ["ok", "accelerator_page_size"]),
        (4096, True, ["ok"]),
    ],
)
async def test_a_card(page_bytes: int, driven: bool, keys: list[str], root: Path, tmp_path: Path) -> None:
    plug_card(root)
    (root / "dev").mkdir()
    if driven:
        (root / "dev/apex_0").write_bytes(b"")
    library = await fake_library(tmp_path, devices=int(driven))
    assert await keys_of(root, library, page_bytes) == keys


async def test_large_pages_are_no_worry_for_a_usb_stick(root: Path, tmp_path: Path) -> None:
    plug(root)
    assert await keys_of(root, await fake_library(tmp_path), 16384) == ["ok"]


async def test_the_doctor_takes_library_and_switch_from_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    async def note(root: Path = tmp_path, library: str = "", *, wanted: bool = True) -> list[Finding]:
        asked.append((library, wanted))
        return []

    monkeypatch.setattr(doctor, "check_accelerator", note)
    gateway = {"data_dir": str(tmp_path), "key_file": str(tmp_path / "key"), "secrets_dir": str(tmp_path)}
    for accelerator in ("auto", "off"):
        models = {"accelerator": accelerator, "tpu_library": "/opt/lib.so"}
        web = {"host": "127.0.0.1"}
        await doctor.run_checks(Settings.model_validate({"gateway": gateway, "models": models, "web": web}))
    assert asked == [("/opt/lib.so", True), ("/opt/lib.so", False)]
