"""How good a build is, on drawn houses of other seeds and on a real flat that trained nothing."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.climate.forecast.features import AHEAD_S, changes, features
from gateway.climate.forecast.flat import room, rooms_of
from gateway.climate.forecast.net import INPUT_LIMIT, STEPS
from services.factory.forecast.rows import Rows
from services.factory.runner import Runner

Floats = npt.NDArray[np.float32]

HOURS = (1, 3, 6)
_PLACES = [AHEAD_S.index(3600.0 * hours) for hours in HOURS]
_HEATING_S = 1491004800, 1494374400
"""2017-04-01 to 05-10."""
_GRID_S = 1800.0


def answers(data: bytes, given: Floats) -> Floats:
    """(n, 24)."""
    runner = Runner(data)
    return np.concatenate([runner.run(row[None])[0] for row in np.clip(given, -INPUT_LIMIT, INPUT_LIMIT)])


def flat(folder: Path) -> Rows:
    """The real flat's rows, every half hour of its heating season; the network is asked as it is shipped."""
    names = [file.name for file in folder.glob("*.csv")]
    origins = np.arange(*_HEATING_S, _GRID_S)
    given, change = [], []
    for name in rooms_of(names):
        past = room(name, names, lambda file: (folder / file).read_text(encoding="ascii"))
        given.append(features(past, origins, zone_s=7200.0))
        change.append(changes(past, origins))
    rows = Rows(given=np.concatenate(given), change=np.concatenate(change))
    good = np.isfinite(rows.given).all(axis=1) & np.isfinite(rows.change).all(axis=1)
    return Rows(given=rows.given[good], change=rows.change[good])


def metrics(data: bytes, drawn: Rows, real: Rows) -> dict[str, float]:
    """RMSE in K and skill against persistence, of both sets at 1, 3 and 6 hours."""
    told: dict[str, float] = {}
    for name, rows in (("drawn", drawn), ("flat", real)):
        off = answers(data, rows.given)[:, :STEPS] - rows.change
        for hours, place in zip(HOURS, _PLACES, strict=True):
            error, still = _rms(off[:, place]), _rms(rows.change[:, place])
            told |= {f"{name} {hours}h": error, f"{name} skill {hours}h": 1 - error / still}
    return told


def kept(floats: dict[str, float], int8: dict[str, float]) -> float:
    """The worst share of the float build's accuracy that is left: 0.99 is a loss of 1 %."""
    names = [f"{name} {hours}h" for name in ("drawn", "flat") for hours in HOURS]
    return min(floats[name] / int8[name] for name in names)


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values.astype(np.float64) ** 2)))
