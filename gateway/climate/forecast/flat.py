"""A folder in the way of OpenSmartHomeData: a file a series, `<Room>_<Quantity>.csv`, tabs, UNIX seconds, no header.

(c) 2018 Fraunhofer Institute for Building Physics, CC BY-SA 4.0; G. Schneider et al., ECPPM 2018.
"""

from collections.abc import Callable, Iterable, Mapping
from math import isfinite

import numpy as np

from gateway.climate.forecast.past import Past, Series
from gateway.errors import Refused

HEAD_K = 5.0
"""The air at a radiator's head that is so much warmer than the room tells of a heater at full power."""
_TEMPERATURE = "_Temperature.csv"
_QUANTITIES = {
    "Temperature": "temp_c",
    "Virtual_OutdoorTemperature": "outdoor_c",
    "OutdoorTemperature": "outdoor_c",
    "SetpointHistory": "target_c",
    "Brightness": "light",
    "Humidity": "humidity",
}
_HEADS = ("ThermostatTemperature", "left_ThermostatTemperature", "right_ThermostatTemperature")


def rooms_of(names: Iterable[str]) -> tuple[str, ...]:
    """The rooms that a folder with files of these `names` is about; none where it is another kind of folder."""
    return tuple(sorted(name.removesuffix(_TEMPERATURE) for name in names if name.endswith(_TEMPERATURE)))


def room(name: str, names: Iterable[str], read: Callable[[str], str]) -> Past:
    """The past of room `name`; `read` gives a file's text. Raises `Refused("series_bad")` with the line."""
    there = set(names)
    series = {}
    for quantity, column in _QUANTITIES.items():
        file = f"{name}_{quantity}.csv"
        if file in there:
            series[column] = _series(file, read(file))
    heads = [_series(file, read(file)) for head in _HEADS if (file := f"{name}_{head}.csv") in there]
    if heads:
        series["duty"] = _duty(series, heads)
    return Past(series=series)


def _duty(series: Mapping[str, Series], heads: list[Series]) -> Series:
    """Of the warmest head."""
    times = np.unique(np.concatenate([head.times_s for head in heads]))
    warmest = np.max([np.nan_to_num(head.at(times, 3600.0), nan=-np.inf) for head in heads], axis=0)
    above = warmest - series["temp_c"].at(times, 3600.0)
    return Series.known(times, np.where(np.isfinite(above), np.clip(above / HEAD_K, 0, 1), np.nan))


def _series(file: str, text: str) -> Series:
    """Of one time's readings the last counts."""
    readings: dict[float, float] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            time_s, value = (float(cell) for cell in line.split("\t"))
        except ValueError:
            raise Refused("series_bad", file=file, line=number, said=line[:60]) from None
        if isfinite(time_s) and isfinite(value):
            readings[time_s] = value
    ordered = sorted(readings.items())
    table = np.asarray(ordered, np.float64).reshape(-1, 2)
    return Series.known(table[:, 0], table[:, 1])
