"""What a forecast is measured against: a tuned ridge ARX, and the room model alone. Both know only the past."""

from collections.abc import Callable, Iterator

import numpy as np

from gateway.climate.forecast.blend import GRID_S
from gateway.climate.forecast.features import AHEAD_S, NAMES, Inputs
from gateway.climate.forecast.past import COLUMNS, Past
from gateway.climate.history import COLUMNS as ROW_COLUMNS
from gateway.climate.history import STEP_S, Rows
from gateway.climate.model.room_model import RoomModel
from gateway.climate.words import Floats

WEEK_S = 7 * 86400.0
FIT_DAYS = 21.0
_HABITS = ("low", "high", "day", "yesterday", "week", "wanted-1d", "wanted-7d", "wanted-near", "duty-small", "duty-6h")
_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
_LEAST_ROWS = 288
_HELD_OUT = 0.15
_AHEAD_ROWS = np.asarray([round(ahead / STEP_S) - 1 for ahead in AHEAD_S])

Progress = Callable[[str], None]


def ridge(given: Inputs, change: Inputs, origins_s: Floats) -> Floats:
    """(n, 12) of a linear ARX model: lags of temperature, heater, set-point, outdoor, light and humidity, and the
    hour; fitted anew every week on everything before, its strength chosen on the last 15 % of that."""
    columns = [place for place, name in enumerate(NAMES) if not name.startswith(_HABITS)]
    rows = given[:, columns].astype(np.float64)
    told = np.full(change.shape, np.nan)
    good = np.isfinite(rows).all(axis=1) & np.isfinite(change).all(axis=1)
    for begin, end in _weeks(origins_s):
        learned = good & (origins_s <= begin - AHEAD_S[-1])
        if learned.sum() < _LEAST_ROWS:
            continue
        now = (origins_s >= begin) & (origins_s < end)
        told[now] = _fitted(rows[learned], change[learned].astype(np.float64))(rows[now])
    return told


def _fitted(rows: Floats, change: Floats) -> Callable[[Floats], Floats]:
    mean, sd = rows.mean(axis=0), rows.std(axis=0) + 1e-6

    def standard(some: Floats) -> Floats:
        return np.concatenate([(some - mean) / sd, np.ones((len(some), 1))], axis=1)

    def solved(inputs: Floats, wanted: Floats, strength: float) -> Floats:
        penalty = np.diag([strength] * (inputs.shape[1] - 1) + [1e-6])
        return np.asarray(np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ wanted), np.float64)

    inputs = standard(rows)
    cut = int((1 - _HELD_OUT) * len(rows))
    errors = [
        float(np.mean((inputs[cut:] @ solved(inputs[:cut], change[:cut], strength) - change[cut:]) ** 2))
        for strength in _STRENGTHS
    ]
    weights = solved(inputs, change, _STRENGTHS[int(np.argmin(errors))])
    return lambda some: standard(some) @ weights


def room_model(past: Past, origins_s: Floats, progress: Progress) -> Floats:
    """(n, 12) of the room's own model, fitted anew every week on the last `FIT_DAYS`; NaN before there is one."""
    told = np.full((len(origins_s), len(AHEAD_S)), np.nan)
    start = float(origins_s[0])
    model: RoomModel | None = None
    for begin, end in _weeks(origins_s):
        lived = rows_of(past, max(start, begin - FIT_DAYS * 86400), begin)
        if begin > start:
            progress(f"room model: day {round((begin - start) / 86400)}")
            model = RoomModel.fit(lived, last=model) or model
        now = (origins_s >= begin) & (origins_s < end)
        if model is not None and now.any():
            told[now] = _foretold(model, past, origins_s[now], max(start, begin - WEEK_S))
    return told


def _foretold(model: RoomModel, past: Past, origins_s: Floats, since_s: float) -> Floats:
    """`since_s` is where the model begins to follow, so that it knows the state at the first origin."""
    rows = rows_of(past, since_s, float(origins_s[-1]))
    places = np.asarray((origins_s - since_s) // STEP_S, np.int64)
    temps = model.predict_each(rows, places, int(_AHEAD_ROWS[-1]) + 1)
    return np.asarray(temps[:, _AHEAD_ROWS] - rows["temp_c"][places][:, None], np.float64)


def rows_of(past: Past, begin_s: float, end_s: float) -> Rows:
    """The product's history of that time, each row what was known by then."""
    times = np.asarray(np.arange(begin_s, end_s + STEP_S / 2, STEP_S), np.float64)
    columns = {name: np.full(len(times), np.nan) for name in ROW_COLUMNS}
    columns |= {name: past.at(name, times) for name in COLUMNS}
    return Rows(columns={**columns, "time_s": times})


def _weeks(origins_s: Floats) -> Iterator[tuple[float, float]]:
    begin = float(origins_s[0])
    while begin <= origins_s[-1]:
        yield begin, begin + WEEK_S
        begin += WEEK_S


def grid(past: Past) -> Floats:
    """Every ten minutes of UTC from the first to the last reading of the room."""
    times = past.series["temp_c"].times_s
    first, last = np.ceil(times[0] / GRID_S), np.floor(times[-1] / GRID_S)
    return np.asarray(np.arange(first, last + 1) * GRID_S, np.float64)
