"""Rooms of a real flat as rows for forecasting: what is known now, and how much warmer it is an hour later.

Data: OpenSmartHomeData, Fraunhofer Institute for Building Physics, 2018 (CC BY-SA 4.0): tab-separated UNIX seconds and
values, irregular. Every value is carried forward, never back; all are relative to the room, because what a temperature
means changes with the season; the split is by time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

ROOMS = ("Bathroom", "Kitchen", "Room1", "Toilet")
"""Those with one thermostat and an outdoor file of the usual name."""
STEP_S, AHEAD, LAGS = 600, 6, (1, 2, 3, 6, 12, 24, 36)
"""Ten minutes; an hour ahead; changes over the last 10 minutes to 6 hours."""
OLDEST_S = 3600
HEATING_ENDS_S = 1494374400
"""2017-05-10; from then on the heating is off, and rooms hardly change within an hour."""
"""A reading that is older is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """`given` (N, F), `change` (N, 1) in degC until an hour later. Persistence answers 0."""

    given: Floats
    change: Floats


def split(folder: Path) -> tuple[Rows, Rows, Rows]:
    """The first 60 % of the time to learn from, 20 % to choose by, the last 20 % to report on."""
    rooms = [_room(folder, room) for room in ROOMS]
    parts = [[_cut(rows, begin, end) for rows in rooms] for begin, end in ((0, 0.6), (0.6, 0.8), (0.8, 1))]
    first, second, third = (_joined(part) for part in parts)
    return first, second, third


def _room(folder: Path, room: str) -> Rows:
    names = ("Temperature", "ThermostatTemperature", "SetpointHistory", "Virtual_OutdoorTemperature")
    series = [_read(folder / f"{room}_{name}.csv") for name in names]
    grid = np.arange(series[0][0][0] + 86400, HEATING_ENDS_S, STEP_S)
    inside, radiator, wanted, outside = (
        _held(one, grid, event=name.startswith("Set")) for one, name in zip(series, names, strict=True)
    )
    day = 2 * np.pi * (grid % 86400) / 86400
    columns = [radiator - inside, wanted - inside, outside - inside, np.sin(day), np.cos(day)]
    columns += [inside - _shifted(inside, lag) for lag in LAGS]
    columns += [radiator - _shifted(radiator, 6), outside - _shifted(outside, 18)]
    change = _shifted(inside, -AHEAD) - inside
    given = np.stack(columns, axis=1)
    good = np.isfinite(given).all(axis=1) & np.isfinite(change)
    return Rows(given=given[good].astype(np.float32), change=change[good, None].astype(np.float32))


def _read(file: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    table = np.loadtxt(file, delimiter="\t")
    order = np.argsort(table[:, 0], kind="stable")
    return table[order, 0], table[order, 1]


def _held(
    series: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]], grid: npt.NDArray[np.float64], *, event: bool
) -> npt.NDArray[np.float64]:
    """The last value before each time; missing where it is too old, unless it is an event that stays true."""
    times, values = series
    place = np.searchsorted(times, grid, side="right") - 1
    held = np.where(place >= 0, values[np.maximum(place, 0)], np.nan)
    age = grid - times[np.maximum(place, 0)]
    return held if event else np.where(age <= OLDEST_S, held, np.nan)


def _shifted(values: npt.NDArray[np.float64], steps: int) -> npt.NDArray[np.float64]:
    """Each value `steps` earlier (later where negative)."""
    moved = np.full_like(values, np.nan)
    if steps > 0:
        moved[steps:] = values[:-steps]
    else:
        moved[:steps] = values[-steps:]
    return moved


def _cut(rows: Rows, begin: float, end: float) -> Rows:
    count = len(rows.given)
    part = slice(int(begin * count), max(int(end * count) - (AHEAD if end < 1 else 0), 0))
    return Rows(given=rows.given[part], change=rows.change[part])


def _joined(parts: list[Rows]) -> Rows:
    return Rows(given=np.concatenate([p.given for p in parts]), change=np.concatenate([p.change for p in parts]))


def batches(rows: Rows, rng: np.random.Generator, size: int = 256) -> Iterator[tuple[Floats, Floats]]:
    order = rng.permutation(len(rows.given))
    for start in range(0, len(order) - size + 1, size):
        chosen = order[start : start + size]
        yield rows.given[chosen], rows.change[chosen]
