"""How warm the machine is: the kernel's thermal zones, and an Edge TPU on PCIe.

Sources: the kernel's driver-api/thermal/sysfs-api.rst (thousandths of a degree Celsius); the gasket driver's
apex_driver.c for /sys/class/apex/*/temp. A TPU on USB does not tell its temperature.
"""

from pathlib import Path

SYSTEM = Path("/sys/class")

_LOWEST_C, _HIGHEST_C = -40.0, 150.0


def temperatures(system: Path = SYSTEM) -> dict[str, float]:
    """Degrees Celsius by sensor ("cpu-thermal", "apex_0"), the hottest of each name; empty where there is none.
    Reads files of the kernel, which may take milliseconds: not for the loop."""
    found: dict[str, float] = {}
    for sensor in sorted((*system.glob("thermal/thermal_zone*"), *system.glob("apex/apex_*"))):
        temp_c = _temperature(sensor / "temp")
        if temp_c is not None:
            name = _name(sensor)
            found[name] = max(temp_c, found.get(name, temp_c))
    return found


def hottest_c(system: Path = SYSTEM) -> float | None:
    """Of all sensors; None where there is none."""
    return max(temperatures(system).values(), default=None)


def _temperature(file: Path) -> float | None:
    """None also for a sensor that is asleep and for what no sensor can mean."""
    try:
        temp_c = int(file.read_text(encoding="ascii")) / 1000
    except (OSError, ValueError):
        return None
    return temp_c if _LOWEST_C <= temp_c <= _HIGHEST_C else None


def _name(sensor: Path) -> str:
    try:
        return (sensor / "type").read_text(encoding="utf-8").strip() or sensor.name
    except (OSError, ValueError):
        return sensor.name
