"""What the store would keep of a home for its next start."""

import json
import math
from collections import deque
from typing import Self

from gateway.climate.history import COLUMNS, DAYS, STEP_S, on_grid
from gateway.climate.home import Home, Tick
from gateway.climate.room import Row
from gateway.climate.words import Moment

ROOM = "room"

_SAVED_EVERY_S = 900.0
"""As the gateway does."""


class Memory:
    """A snapshot of the home, and the rows of its one room. It becomes JSON only where somebody needs it: a set-point
    that comes every minute asks for one every minute."""

    def __init__(self) -> None:
        self._saved: dict[str, object] = {}
        self._saved_s = -math.inf
        self._rows: deque[Row] = deque(maxlen=round(DAYS * 86400 / STEP_S))

    def keep(self, home: Home, tick: Tick, now: Moment, *, urgent: bool) -> None:
        """Every quarter of an hour, and at once where it is `urgent`: somebody wished something."""
        if ROOM in tick.rows:
            self._rows.append(tick.rows[ROOM])
        if urgent or not 0 <= now.mono_s - self._saved_s < _SAVED_EVERY_S:
            self._saved_s = now.mono_s
            self._saved = home.snapshot(now)

    @property
    def empty(self) -> bool:
        return not self._saved

    def restore(self, home: Home, now: Moment, wall_s: float) -> None:
        home.restore(json.loads(json.dumps(self._saved)), now, {ROOM: on_grid(self._rows, wall_s)})

    def to_json(self) -> str:
        rows = [[row.get(name, math.nan) for name in COLUMNS] for row in self._rows]
        return json.dumps({"saved": json.dumps(self._saved), "rows": rows})

    @classmethod
    def of_json(cls, text: str, ends_s: float) -> Self:
        """As if its last row had been lived through just before POSIX time `ends_s`."""
        told = json.loads(text)
        memory = cls()
        memory._saved = json.loads(told["saved"])
        rows = [dict(zip(COLUMNS, values, strict=True)) for values in told["rows"]]
        later_s = ends_s - rows[-1]["time_s"]
        memory._rows.extend({**row, "time_s": row["time_s"] + later_s} for row in rows)
        return memory
