"""What a controller may know of a home before it begins: the product's own configuration for it."""

from collections.abc import Sequence
from typing import Any

from services.simhouse.bench.calendar import DAYS, Change
from services.simhouse.bench.course import Course
from services.simhouse.bench.house import House
from services.simhouse.bench.job import TARIFFS, Job


def hello(course: Course, job: Job) -> dict[str, Any]:
    house = course.house
    return {
        "minutes": len(course),
        "start": course.start_s,
        "zone": str(house.zone),
        "restarts": any(fault.kind in {"gateway_killed", "power_cut"} for fault in course.script.faults),
        "climate": {
            "rooms": [_room(course)],
            "outdoor": "outdoor",
            "tariff": _tariff(house, job),
        },
    }


def _room(course: Course) -> dict[str, Any]:
    house = course.house
    hardware = course.script.hardware or house.hardware
    return {
        "name": "room",
        "sensor": "sensor",
        "heater": "heater",
        "drive": house.heater.drive,
        "emitter": house.heater.emitter,
        "power_w": house.heater.power_kw * 1000,
        **({"power_sensor": "meter"} if hardware.power_meter else {}),
        **({"second_contactor": "contactor"} if hardware.second_contactor else {}),
        "schedule": [_change(change, "temp_c") for change in house.schedule],
        "limits": house.limits,
    }


def _tariff(house: House, job: Job) -> dict[str, Any]:
    bands: Sequence[Change] = TARIFFS.get(job.tariff or "", ()) or house.prices or TARIFFS["flat"]
    if len(bands) == 1:
        return {"price": bands[0].value}
    return {"bands": [{"at": _clock(band), "price": band.value} for band in bands]}


def _change(change: Change, what: str) -> dict[str, Any]:
    return {"at": _clock(change), "days": [DAYS[day] for day in change.days], what: change.value}


def _clock(change: Change) -> str:
    return f"{change.minute // 60:02}:{change.minute % 60:02}"
