"""What is plugged in, read from a sysfs that a test wrote."""

from pathlib import Path

from gateway.models.tpu.presence import present


def plug(root: Path, port: str, vendor: str, product: str, number: int) -> None:
    device = root / "sys/bus/usb/devices" / port
    device.mkdir(parents=True, exist_ok=True)
    for name, text in {"idVendor": vendor, "idProduct": product, "devnum": str(number)}.items():
        (device / name).write_text(f"{text}\n")


def test_nothing_is_there(tmp_path: Path) -> None:
    assert present(tmp_path) is None
    plug(tmp_path, "1-1", "046d", "c077", 2)
    assert present(tmp_path) is None


def test_a_stick_before_and_after_its_firmware(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", "1a6e", "089a", 2)
    before = present(tmp_path)
    plug(tmp_path, "1-1", "18d1", "9302", 3)
    after = present(tmp_path)
    assert before is not None
    assert after not in (None, before)


def test_the_same_stick_plugged_in_again_is_another_arrival(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", "18d1", "9302", 3)
    first = present(tmp_path)
    assert present(tmp_path) == first
    plug(tmp_path, "1-1", "18d1", "9302", 4)
    assert present(tmp_path) != first


def test_a_card_on_pcie(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/apex_0").touch()
    assert present(tmp_path) == "apex_0"


def test_a_device_that_vanishes_while_it_is_read_is_none(tmp_path: Path) -> None:
    device = tmp_path / "sys/bus/usb/devices/1-1"
    device.mkdir(parents=True)
    (device / "idVendor").write_text("18d1")
    assert present(tmp_path) is None
