"""One quantity of one device: its last believed value, and how far it is to be trusted."""

import math
from collections.abc import Callable, Mapping

from gateway.climate import saved
from gateway.climate.intake.cadence import Cadence
from gateway.climate.intake.checks import Check
from gateway.climate.words import Measured, Trust


class Channel:
    """Feeds samples through `check` and remembers. `offset` is the calibration, added to what is believed."""

    def __init__(self, check: Check, cadence: Cadence, *, offset: float = 0.0) -> None:
        self.check = check
        self.offset = offset
        self.value: float | None = None
        self.support: Callable[[float], float | None] | None = None
        """What another sensor says of the same quantity at a time."""
        self.on_moved: Callable[[float | None, float], None] | None = None
        """Told the value before, and the value, where they differ."""
        self._cadence = cadence
        self._at_s = -math.inf
        self._last_s = -math.inf
        self._refused_s = -math.inf

    def hear(self, raw: float, at_s: float, now_s: float) -> str:
        """Take a sample measured at `at_s`; the key of what was wrong with it, "" where nothing was."""
        if at_s <= self._last_s:
            return "duplicate" if at_s == self._last_s else "out_of_order"
        self._last_s = at_s
        verdict = self.check.judge(raw, at_s, None if self.support is None else self.support(now_s))
        if verdict.key:
            self._refused_s = now_s
        if verdict.value is not None:
            self._believe(verdict.value + self.offset, at_s)
        return verdict.key

    def _believe(self, value: float, at_s: float) -> None:
        before, self.value, self._at_s = self.value, value, at_s
        if before == value:
            return
        self.check.stuck = False
        if self.on_moved is not None:
            self.on_moved(before, value)

    def trusted(self, now_s: float) -> float | None:
        """The value where it is to be trusted, else None."""
        return self.value if self.trust(now_s) is Trust.GOOD else None

    def measured(self, now_s: float) -> Measured:
        heard_s = self._cadence.heard_s
        return Measured(
            value=self.value,
            age_s=now_s - self._at_s,
            seen_s=math.inf if heard_s is None else now_s - heard_s,
            trust=self.trust(now_s),
            refused_s=now_s - self._refused_s,
            doubt=self.check.doubt,
        )

    def trust(self, now_s: float) -> Trust:
        refusing = self._last_s > self._at_s
        if self.value is None:
            return Trust.IMPLAUSIBLE if refusing else Trust.MISSING
        if self._cadence.silent(now_s):
            return Trust.SILENT
        if refusing and now_s - self._at_s > self._cadence.limit_s:
            return Trust.STUCK if self.check.frozen else Trust.IMPLAUSIBLE
        return Trust.STUCK if self.check.stuck else Trust.GOOD

    def snapshot(self, now_s: float) -> dict[str, object]:
        """Ages rather than times: monotonic clocks begin anew."""
        if self.value is None:
            return {}
        return {"value": self.value, "age_s": now_s - self._at_s, "check": self.check.snapshot(now_s)}

    def restore(self, state: Mapping[str, object], now_s: float, away_s: float) -> None:
        """`away_s` have passed since the snapshot, as far as anybody knows."""
        value, age_s = saved.number(state, "value"), saved.number(state, "age_s", 0.0)
        if value is None or age_s is None:
            return
        at_s = now_s - age_s - away_s
        if self.check.judge(value - self.offset, at_s).value is not None:
            self._believe(value, at_s)
            self._last_s = at_s
            self._cadence.hear(at_s)
            self.check.restore(saved.mapping(state, "check"), now_s - away_s)
