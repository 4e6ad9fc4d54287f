"""What a room lived through, on a grid of five minutes: what models learn from and are judged on."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from gateway.climate.words import Floats

STEP_S = 300.0
DAYS = 28

COLUMNS = (
    "time_s",
    "temp_c",
    "outdoor_c",
    "duty",
    "target_c",
    "window",
    "fault",
    "humidity",
    "co2",
    "light",
    "solar_w",
    "motion",
)
"""`time_s` is POSIX time (NaN while no clock could be believed), `duty` the share of full power that the heater really
ran, `window` and `fault` 1 where one was open or anything was not as it should be, `motion` 1 where somebody moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Columns of equal length (n,), oldest first, one row each `STEP_S` without holes: what was not known is NaN."""

    columns: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.columns["time_s"])

    def __getitem__(self, column: str) -> Floats:
        return self.columns[column]


class History:
    """A ring of the last `days`. The caller adds one row a step, in order; steps that were missed (the gateway was
    off) are added as rows of NaN, so that a row's place tells its time."""

    def __init__(self, days: float = DAYS) -> None:
        self._capacity = round(days * 86400 / STEP_S)
        self._ring = np.full((len(COLUMNS), self._capacity), np.nan)
        self._count = 0

    def __len__(self) -> int:
        return min(self._count, self._capacity)

    @property
    def added(self) -> int:
        """How many rows there ever were."""
        return self._count

    def add(self, **row: float) -> None:
        """Columns that are left out are NaN."""
        place = self._count % self._capacity
        self._ring[:, place] = [row.get(column, np.nan) for column in COLUMNS]
        self._count += 1

    def skip(self, steps: int) -> None:
        """Nothing is known of `steps` steps."""
        for _ in range(min(steps, self._capacity)):
            self.add()

    def extend(self, rows: Rows) -> None:
        """Rows that were kept elsewhere, older than all that is added from now on."""
        names = [name for name in COLUMNS if name in rows.columns]
        for values in zip(*(rows[name].tolist() for name in names), strict=True):
            self.add(**dict(zip(names, values, strict=True)))

    def last(self, steps: int | None = None) -> Rows:
        """Fresh arrays of the last `steps` rows, all of them where None."""
        have = len(self)
        wanted = have if steps is None else min(steps, have)
        begin = (self._count - wanted) % self._capacity
        end = begin + wanted
        rows = np.concatenate([self._ring[:, begin:end], self._ring[:, : max(end - self._capacity, 0)]], axis=1)
        return Rows(columns=dict(zip(COLUMNS, rows, strict=True)))


def on_grid(kept: Iterable[Mapping[str, float]], until_s: float, days: float = DAYS) -> Rows:
    """Rows that were kept elsewhere, each with its "time_s", as rows without holes up to `until_s` (POSIX): what nobody
    lived through is NaN. Rows without a time, of the future or older than `days` are left out."""
    timed = [row for row in kept if until_s - days * 86400 < row.get("time_s", math.nan) <= until_s]
    begin_s = min((row["time_s"] for row in timed), default=until_s)
    grid = np.full((int((until_s - begin_s) // STEP_S) + 1 if timed else 0, len(COLUMNS)), np.nan)
    for row in timed:
        place = round((row["time_s"] - begin_s) / STEP_S)
        if place < len(grid):
            grid[place] = [row.get(name, np.nan) for name in COLUMNS]
    return Rows(columns={name: grid[:, number].copy() for number, name in enumerate(COLUMNS)})
