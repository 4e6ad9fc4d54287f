"""Fault scripts by seed: one to three faults in a few days, anywhere and for any time that can happen in a home."""

from dataclasses import replace

import numpy as np

from services.simhouse.bench.house import Hardware
from services.simhouse.bench.script import Fault, Script

_HOSTILE: tuple[tuple[object, ...], ...] = (
    (99.0, -40.0),
    (float("nan"),),
    (30.0,),
    (5.0, 30.0, 5.0, 30.0),
    (1e30, -1e30, 0.0),
    (float("inf"),),
)
_WRONG_C = (85.0, -127.0, 0.0, 45.5, -11.0)

_LASTS_MIN: dict[str, tuple[float, float]] = {
    "sensor_silent": (30, 3600),
    "sensor_stuck": (60, 2880),
    "sensor_jump": (30, 1440),
    "sensor_value": (10, 1440),
    "sensor_fahrenheit": (60, 2880),
    "relay_stuck_on": (10, 720),
    "relay_stuck_off": (30, 480),
    "heater_dead": (30, 480),
    "broker_gone": (2, 2880),
    "gateway_killed": (1, 1440),
    "clock_jump": (30, 2880),
    "model_nan": (30, 2880),
    "setpoint": (10, 1440),
    "window_open": (5, 180),
    "power_cut": (1, 240),
}
"""From and to: longer ones are rarer. A dead heater for days freezes any house, so those end before."""


def random_script(seed: int, usual: Hardware, days: int) -> Script:
    rng = np.random.default_rng((seed, 4))
    hardware = replace(
        usual,
        second_contactor=bool(rng.random() < 0.5),
        power_meter=bool(rng.random() < 0.7),
        local_frost_c=5.0 if rng.random() < 0.5 else None,
    )
    faults = tuple(_fault(rng, days * 1440) for _ in range(rng.integers(1, 4)))
    start_day = int(rng.integers(0, 30))
    return Script(id=f"random-{seed}", start_day=start_day, days=days, hardware=hardware, faults=faults)


def _fault(rng: np.random.Generator, minutes: int) -> Fault:
    kind = str(rng.choice(list(_LASTS_MIN)))
    low, high = _LASTS_MIN[kind]
    begin = int(rng.integers(60, max(61, minutes - 60)))
    lasts = int(np.exp(rng.uniform(np.log(low), np.log(high))))
    fault = Fault(kind=kind, begin=begin, end=begin + max(1, lasts))
    every = {"sensor_value": (5, 15, 60), "setpoint": (1, 7, 60)}.get(kind)
    return replace(
        fault,
        value=_value(rng, kind),
        values=_HOSTILE[rng.integers(len(_HOSTILE))] if kind == "setpoint" else (),
        every_min=None if every is None else float(rng.choice(every)),
    )


def _value(rng: np.random.Generator, kind: str) -> float | None:
    sign = float(rng.choice([-1, 1]))
    values = {
        "sensor_stuck": None if sign < 0 else float(rng.uniform(5, 30)),
        "sensor_jump": sign * float(rng.uniform(1, 15)),
        "sensor_value": float(rng.choice(_WRONG_C)),
        "clock_jump": sign * float(np.exp(rng.uniform(np.log(120), np.log(1e8)))),
        "window_open": float(rng.uniform(50, 900)),
    }
    return values.get(kind)
