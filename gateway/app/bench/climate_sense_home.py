"""What the judge tells of a home's days: which windows and dead heaters were found out, and what was none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.app.bench.climate_sense_script import JUDGED_MIN, Place

_LEAST_MIN, _GRACE_MIN = 10, 15
"""Airings from this length on are to be found, at the latest so long after their end: the sensor is slow."""
_NEVER_MIN = 1440.0
_HEATER_ALARMS = ("heating_failure", "relay_stuck_on")
_LIGHT_KWH_K, _HEAVY_KWH_K = 8.0, 15.0
WEIGHTS = ("light", "medium", "heavy")

Verdict = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Days in good order, as the judge tells them. The first one is for learning."""

    verdict: Verdict

    @property
    def days(self) -> float:
        return float(self.verdict["days"]) - JUDGED_MIN / 1440

    @property
    def found(self) -> list[bool]:
        """Of each airing that is to be found, whether it was."""
        spans = list(self._windows())
        return [
            any(rise < end + _GRACE_MIN and fall > begin for rise, fall in spans)
            for begin, end in self.verdict["aired"]
            if begin >= JUDGED_MIN and end - begin >= _LEAST_MIN
        ]

    @property
    def false_windows(self) -> int:
        aired = self.verdict["aired"]
        return sum(
            rise >= JUDGED_MIN and not any(begin <= rise < end + _GRACE_MIN for begin, end in aired)
            for rise, _fall in self._windows()
        )

    @property
    def false_alarms(self) -> int:
        return sum(len(self.verdict["alarms"].get(code, ())) for code in _HEATER_ALARMS)

    def _windows(self) -> Iterator[tuple[int, float]]:
        """When a window was told to be open, and to be shut again."""
        risen, fallen = (self.verdict[name].get("window_open", []) for name in ("alarms", "silenced"))
        return zip(risen, [*fallen, *[float("inf")] * (len(risen) - len(fallen))], strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One house, climate and seed: a month for each width that its windows are opened to, none among them, and a run
    for every heater that died."""

    place: Place
    climate: str
    months: Mapping[str, Month]
    dead: Sequence[Verdict]

    @property
    def name(self) -> str:
        return f"{self.climate} {self.place.house.stem} {self.place.seed}"

    @property
    def weight(self) -> str:
        """By the heat that its envelope stores."""
        stores = self.place.envelope_kwh_k
        return WEIGHTS[(stores >= _LIGHT_KWH_K) + (stores >= _HEAVY_KWH_K)]

    @property
    def false_week(self) -> float:
        days = sum(one.days for one in self.months.values())
        return sum(one.false_windows for one in self.months.values()) / days * 7

    @property
    def false_month(self) -> float:
        days = sum(one.days for one in self.months.values())
        return sum(one.false_alarms for one in self.months.values()) / days * 30

    @property
    def minutes(self) -> list[float]:
        """From the first demand to the alarm; a day where it never came."""
        told = [verdict["required"]["alarm"]["value"] for verdict in self.dead]
        return [_NEVER_MIN if minutes is None else minutes for minutes in told]
