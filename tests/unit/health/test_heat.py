"""How warm the machine is."""

from pathlib import Path

from gateway.health.heat import hottest_c, temperatures


def sensor(system: Path, place: str, temp: str, kind: str | None = None) -> None:
    folder = system / place
    folder.mkdir(parents=True)
    (folder / "temp").write_text(temp, encoding="ascii")
    if kind is not None:
        (folder / "type").write_text(kind + "\n", encoding="utf-8")


def test_zones_are_told_by_their_type_and_the_accelerator_by_its_name(tmp_path: Path) -> None:
    sensor(tmp_path, "thermal/thermal_zone0", "48312\n", "cpu-thermal")
    sensor(tmp_path, "thermal/thermal_zone1", "51000\n", "acpitz")
    sensor(tmp_path, "thermal/thermal_zone2", "39000\n", "acpitz")
    sensor(tmp_path, "thermal/cooling_device0", "99000\n", "fan")
    sensor(tmp_path, "apex/apex_0", "61500")
    assert temperatures(tmp_path) == {"cpu-thermal": 48.312, "acpitz": 51.0, "apex_0": 61.5}
    assert hottest_c(tmp_path) == 61.5


def test_what_no_sensor_can_mean_is_left_out(tmp_path: Path) -> None:
    for number, text in enumerate(["", "warm", "-274000", "400000", "N/A\n"]):
        sensor(tmp_path, f"thermal/thermal_zone{number}", text, "odd")
    (tmp_path / "thermal/thermal_zone9").mkdir()
    assert temperatures(tmp_path) == {}
    assert hottest_c(tmp_path) is None


def test_a_machine_without_sensors_has_no_temperature(tmp_path: Path) -> None:
    assert hottest_c(tmp_path / "none") is None
