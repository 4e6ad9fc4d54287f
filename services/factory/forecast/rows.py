"""Drawn houses as rows to learn from: the inputs of the product, and what really came."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.climate.forecast.features import NAMES, changes, features
from gateway.climate.forecast.past import Past, Series
from services.factory.forecast.houses import REPORT_MIN, Table, lived

Floats = npt.NDArray[np.float32]

DAYS = 40
WARM_UP_DAYS = 7
_SHARE = 4
"""One origin in so many: neighbours in time teach the same."""
_MISSING = {"outdoor": 0.12, "duty": 0.25, "wanted": 0.2, "light": 0.35, "humid": 0.35}
"""How many rooms lack a sensor, by the beginning of its inputs' names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """`given` (N, inputs), `change` (N, 12) in K."""

    given: Floats
    change: Floats


def drawn(seed: int, houses: int) -> Rows:
    """Of `houses`, about 1200 rows each."""
    rng = np.random.default_rng(seed)
    told = lived(rng, houses, DAYS)
    parts = [_of_house(rng, {name: values[house] for name, values in told.items()}) for house in range(houses)]
    return Rows(given=np.concatenate([p.given for p in parts]), change=np.concatenate([p.change for p in parts]))


def _of_house(rng: np.random.Generator, told: dict[str, Table]) -> Rows:
    times = np.asarray(np.arange(1, DAYS * 1440 // REPORT_MIN + 1) * 60.0 * REPORT_MIN, np.float64)
    past = Past(series={name: Series(times_s=times, values=values.astype(float)) for name, values in told.items()})
    origins = times[WARM_UP_DAYS * 144 : -36]
    chosen = np.sort(rng.choice(origins, len(origins) // _SHARE, replace=False))
    zone_s = rng.uniform(-1, 2.5) * 3600
    return Rows(given=features(past, chosen, zone_s=zone_s), change=changes(past, chosen))


def lacking(given: Floats, rng: np.random.Generator) -> Floats:
    """A copy in which some rows lack some sensors."""
    held = given.copy()
    for beginning, share in _MISSING.items():
        these = np.asarray([name.startswith(beginning) for name in NAMES])
        held[np.ix_(rng.random(len(held)) < share, these)] = 0
    return held


def batches(rows: Rows, rng: np.random.Generator, size: int) -> Iterator[tuple[Floats, Floats]]:
    """An epoch: every row once, each time lacking others of its sensors."""
    order = rng.permutation(len(rows.given))
    given, change = lacking(rows.given[order], rng), rows.change[order]
    for start in range(0, len(order) - size + 1, size):
        yield given[start : start + size], change[start : start + size]
