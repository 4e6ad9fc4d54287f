"""Three stores of heat and a slow sensor, exactly discretised.

    Ci dTi/dt = (Te-Ti)/Rie + (Tout-Ti)/Ria + (Th-Ti)/Rih + s Aw GHI + gain
    Ce dTe/dt = (Ti-Te)/Rie + (Tout-Te)/Rea + (1-s) Aw GHI
    Ch dTh/dt = (Ti-Th)/Rih + heat
    tau dTs/dt = Ti-Ts
in kW, kWh/K, K/kW, hours and kW/m2 (Bacher & Madsen 2011). Inputs are held within a step, so the matrix exponential
is exact; wind and windows change Ria, and with it the matrices.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.house import House

Floats = npt.NDArray[np.float64]

AIR, ENVELOPE, EMITTER, SENSOR = range(4)
OUTDOOR, SUN, GAIN, HEAT = range(4)

START = (20.0, 17.5, 21.5, 20.0)
"""degC at the first local midnight."""

_ORDER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """x' = state @ x + inputs @ (outdoor C, GHI kW/m2, gain kW, heat kW): (k, 4, 4) each, one per conductance."""

    state: Floats
    inputs: Floats


def worth_kwh_k(house: House) -> tuple[float, float, float]:
    """What a kelvin in air, envelope and emitter spares of heat to come, (3,): all of it, but for what an envelope
    gives to the outside while the air is held as it is."""
    b = house.building
    inward = b.envelope_outdoor_k_kw / (b.air_envelope_k_kw + b.envelope_outdoor_k_kw)
    return b.air_kwh_k, b.envelope_kwh_k * inward, b.emitter_kwh_k


def discretise(house: House, outdoor_kw_k: Floats, step_h: float) -> Steps:
    """For every conductance (k,) between air and outside, 1/Ria with wind and windows."""
    count = len(outdoor_kw_k)
    block = np.zeros((count, 8, 8))
    block[:, :4, :4], block[:, :4, 4:] = _continuous(house, outdoor_kw_k)
    grown = exponential(block * step_h)
    return Steps(state=grown[:, :4, :4].copy(), inputs=grown[:, :4, 4:].copy())


def exponential(matrices: Floats) -> Floats:
    """e to the power of each of (k, n, n), by scaling and squaring a Taylor series of twelve terms: with the norm
    brought below 1/8 the first term left out is under 1e-20."""
    largest = float(np.max(np.sum(np.abs(matrices), axis=2), initial=1e-12))
    halvings = max(0, int(np.ceil(np.log2(largest))) + 3)
    small = matrices / 2.0**halvings
    total = term = np.broadcast_to(np.eye(matrices.shape[1]), matrices.shape)
    for number in range(1, _ORDER + 1):
        term = term @ small / number
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def _continuous(house: House, outdoor_kw_k: Floats) -> tuple[Floats, Floats]:
    b = house.building
    count = len(outdoor_kw_k)
    state, inputs = np.zeros((count, 4, 4)), np.zeros((count, 4, 4))
    inner, outer, emitter = 1 / b.air_envelope_k_kw, 1 / b.envelope_outdoor_k_kw, 1 / b.air_emitter_k_kw
    state[:, AIR, AIR] = -(inner + emitter + outdoor_kw_k) / b.air_kwh_k
    state[:, AIR, ENVELOPE] = inner / b.air_kwh_k
    state[:, AIR, EMITTER] = emitter / b.air_kwh_k
    state[:, ENVELOPE, AIR] = inner / b.envelope_kwh_k
    state[:, ENVELOPE, ENVELOPE] = -(inner + outer) / b.envelope_kwh_k
    state[:, EMITTER, AIR] = emitter / b.emitter_kwh_k
    state[:, EMITTER, EMITTER] = -emitter / b.emitter_kwh_k
    state[:, SENSOR, AIR] = 60.0 / house.sensor.lag_min
    state[:, SENSOR, SENSOR] = -60.0 / house.sensor.lag_min
    inputs[:, AIR, OUTDOOR] = outdoor_kw_k / b.air_kwh_k
    inputs[:, AIR, SUN] = b.solar_air_share * b.aperture_m2 / b.air_kwh_k
    inputs[:, AIR, GAIN] = 1 / b.air_kwh_k
    inputs[:, ENVELOPE, OUTDOOR] = outer / b.envelope_kwh_k
    inputs[:, ENVELOPE, SUN] = (1 - b.solar_air_share) * b.aperture_m2 / b.envelope_kwh_k
    inputs[:, EMITTER, HEAT] = 1 / b.emitter_kwh_k
    return state, inputs
