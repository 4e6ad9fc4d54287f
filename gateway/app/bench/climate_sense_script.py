"""What happens in the homes of `climate_sense`: files in the judge's own format."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from gateway.app.bench.climate_cells import folder

WIDTHS = ("shut", "tilted", "wide")
"""Nobody airs; twice a day with 350 W/K; twice a day with 16 times the draughts of the house."""
DEAD_AT = ("12d 06:40", "12d 17:00")
SOON_MIN = 60.0
JUDGED_MIN = 1440

_DAYS, _DEAD_DAYS = 30, 14
_TILTED_W_K = 350.0
_WIDE = 15.0
"""How many times the draughts a wide open window adds."""
_AIRED = ((7.0, 12.0), (14.0, 22.0))
_LASTS_MIN = (5, 45)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A public house, and whose days are lived there."""

    house: Path
    seed: int

    @property
    def envelope_kwh_k(self) -> float:
        return float(self._building["envelope_kwh_k"])

    def window_w_k(self, width: str) -> float:
        return _TILTED_W_K if width == "tilted" else _WIDE * 1000 / float(self._building["air_outdoor_k_kw"])

    @cached_property
    def _building(self) -> dict[str, Any]:
        building: dict[str, Any] = yaml.safe_load(self.house.read_text(encoding="utf-8"))["building"]
        return building


def month(place: Place, width: str) -> Path:
    """The file of a home without a power meter that is aired so. Its name tells all that is in it."""
    faults = [] if width == "shut" else list(_airings(place, width))
    name = f"sense-{place.house.stem}-{place.seed}-{width}-{_DAYS}d"
    return _written(name, {"days": _DAYS, "people_airing": False, "faults": faults})


def death(dead_at: str) -> Path:
    """One whose heater dies then, and whose people air as the judge's people do."""
    alarm = {"any_of": ["heating_failure"], "within_min": SOON_MIN, "counted_from": "first_demand"}
    told = {
        "days": _DEAD_DAYS,
        "people_airing": True,
        "faults": [{"kind": "heater_dead", "at": dead_at}],
        "require": {"alarm": alarm},
    }
    return _written(f"sense-dead-{dead_at.replace(' ', '-').replace(':', '')}-{_DEAD_DAYS}d", told)


def _written(name: str, told: dict[str, Any]) -> Path:
    file = folder() / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"id": name, "hardware": {"power_meter": False}, **told}
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def _airings(place: Place, width: str) -> Iterator[dict[str, Any]]:
    """The same for every width."""
    chance = random.Random(place.seed)  # noqa: S311  # made-up days, nothing secret
    for day in range(_DAYS):
        for begin, end in _AIRED:
            hour, minute = divmod(round(chance.uniform(begin, end) * 60), 60)
            lasts = chance.randint(*_LASTS_MIN)
            told = {"at": f"{day}d {hour:02}:{minute:02}", "for": f"{lasts}m", "w_per_k": place.window_w_k(width)}
            yield {"kind": "window_open", **told}
