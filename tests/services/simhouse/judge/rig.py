"""A house, a weather and a day or two, for tests."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from services.simhouse.bench.course import Course, build
from services.simhouse.bench.house import Building, Hardware, Heater, House, People
from services.simhouse.bench.script import NO_FAULTS, Fault, Script
from services.simhouse.bench.weather import Weather

ROOT = Path(__file__).parents[4]
HOUSES = sorted((ROOT / "config" / "houses").glob("*.yaml"))

START_S = 1_673_305_200.0
"""2023-01-10 00:00 in Amsterdam, a Tuesday."""

BUILDING = Building(
    air_kwh_k=2.0,
    envelope_kwh_k=9.0,
    emitter_kwh_k=0.08,
    air_envelope_k_kw=0.9,
    envelope_outdoor_k_kw=8.0,
    air_outdoor_k_kw=18.0,
    air_emitter_k_kw=3.0,
    aperture_m2=3.0,
)
HOUSE = House(
    name="B",
    zone=ZoneInfo("Europe/Amsterdam"),
    building=BUILDING,
    heater=Heater(power_kw=7.0),
    people=People(home_kw=0.0, away_kw=0.0, cooking_kw=0.0),
)


def steady(outdoor_c: float = 0.0, days: int = 30, wind_m_s: float = 0.0) -> Weather:
    hours = np.arange(days * 24.0)
    still = np.zeros(len(hours))
    return Weather(
        time_s=START_S - 86400 + hours * 3600, outdoor_c=still + outdoor_c, ghi_w_m2=still, wind_m_s=still + wind_m_s
    )


def course(
    *faults: Fault,
    house: House = HOUSE,
    weather: Weather | None = None,
    days: int = 1,
    hardware: Hardware | None = None,
) -> Course:
    script = replace(NO_FAULTS, faults=faults, hardware=hardware)
    return build(house, weather or steady(), start_s=START_S, minutes=days * 1440, seed=1, script=script)


def with_script(script: Script, *, days: int = 1, outdoor_c: float = 0.0) -> Course:
    return build(HOUSE, steady(outdoor_c), start_s=START_S, minutes=days * 1440, seed=1, script=script)


def on_off(told: Mapping[str, Any], state: dict[str, float]) -> dict[str, Any]:
    """A thermostat of four lines: 20.85 on, 21.15 off."""
    for device, quantity, value in told.get("r", ()):
        if (device, quantity) == ("sensor", "temperature"):
            state["on"] = 1.0 if value < 20.85 else 0.0 if value > 21.15 else state.get("on", 0.0)
    return {"o": [["heater", state.get("on", 0.0), 900]]}
