"""`hearthgate eval forecast`: how well the product would have foretold rooms that somebody recorded.

Rolling and causal: at every ten minutes each model knows what was known then; the ridge and the room model are fitted
anew every week, the shipped network's correction every six hours.
"""

import csv as csv_format
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from gateway.app.eval_forecast_rolling import Course, live
from gateway.app.eval_forecast_rooms import recorded, times_of
from gateway.app.eval_forecast_score import HOURS, Errors, Score, table
from gateway.climate.forecast.features import AHEAD_S
from gateway.climate.forecast.net import Net
from gateway.climate.words import Floats
from gateway.errors import Refused
from gateway.models.backends import backend_for
from gateway.models.registry import ModelRegistry

MODEL = "thermostat_v1"
WARM_UP_S = 7 * 86400.0
HEADER = ("origin_time", "horizon_h", "predicted")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`pooled` over all rows of all rooms, `mean` of the rooms' RMSE by model. `foretold` is how many lines were
    written."""

    rooms: Mapping[str, Score]
    pooled: Score
    mean: Mapping[str, tuple[float, ...]]
    foretold: int


def open_net(models: ModelRegistry) -> Net:
    """The shipped network on the calling thread, which owns it from now on. Raises `Refused`."""
    card = models.card(MODEL)
    backend = backend_for(card)
    with models.file(card.main) as file:
        backend.load(card, file)
    return Net(backend, card)


def evaluate(
    data: Path,
    net: Net,
    progress: Progress,
    *,
    predictions: Path | None = None,
    origins: Path | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> Result:
    """Of a room CSV, a folder of them, or a folder in the way of OpenSmartHomeData. Origins between `begin` and `end`
    are rated; left out, all after a room's first seven days. `predictions` gets the blend's forecasts at each of
    `origins`, else at each row.

    Raises `Refused` ("csv_unreadable", "csv_unwritable", "no_room", what `room_csv.parse` and `flat.room` raise)."""
    asked = None if origins is None else times_of(origins)
    rooms = list(recorded(data, progress))
    scores: dict[str, Score] = {}
    everything, lines = Errors(), list[tuple[str, ...]]()
    for room in rooms:
        progress(f"{room.name}: {len(room.origins_s)} rows")
        wanted = (asked if asked is not None else room.origins_s) if predictions is not None else np.empty(0)
        course = live(room.past, net, wanted, progress)
        errors = Errors()
        errors.add(course, *_window(course, begin, end))
        scores[room.name] = errors.score()
        everything.merge(errors)
        lines += _lines(course, wanted, room.name if len(rooms) > 1 else None)
    if predictions is not None:
        _write(predictions, lines, several=len(rooms) > 1)
    pooled = everything.score()
    return Result(rooms=scores, pooled=pooled, mean=_mean(scores), foretold=len(lines))


def told(result: Result) -> Iterator[str]:
    """For people."""
    for name, score in result.rooms.items():
        yield from table(score, name)
    if not result.pooled.rows[-1]:
        yield "nothing could be rated: less than seven days, or nothing known of what came"
        return
    yield from table(result.pooled, "pooled")
    yield "mean over rooms: " + ", ".join(
        f"{model} {' / '.join(f'{value:.3f}' for value in values)}" for model, values in result.mean.items()
    )
    pairs = zip(*(result.pooled.rmse[model] for model in ("blend", "ridge")), strict=True)
    gain = [f"{100 * (1 - ours / other):+.1f} %" if other > 0 else "-" for ours, other in pairs]
    yield f"blend against ridge, pooled: {' / '.join(gain)} less error at 1/3/6 h"


def jsonable(result: Result) -> dict[str, object]:
    """What could not be rated is null."""
    return {"hours": HOURS, **{name: _nulls(value) for name, value in asdict(result).items()}}


def _nulls(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _nulls(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_nulls(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _mean(scores: Mapping[str, Score]) -> dict[str, tuple[float, ...]]:
    models = next(iter(scores.values())).rmse
    return {
        model: tuple(float(np.mean([score.rmse[model][place] for score in scores.values()])) for place in range(3))
        for model in models
    }


def _window(course: Course, begin: datetime | None, end: datetime | None) -> tuple[float, float]:
    warm = float(course.origins_s[0]) + WARM_UP_S
    return max(warm, begin.timestamp()) if begin else warm, end.timestamp() if end else np.inf


def _lines(course: Course, asked_s: Floats, room: str | None) -> Iterator[tuple[str, ...]]:
    places = [AHEAD_S.index(3600.0 * hours) for hours in HOURS]
    for time_s, temp_c, change in zip(asked_s.tolist(), course.asked_c, course.asked, strict=True):
        if not np.isfinite(change).all():
            continue
        when = datetime.fromtimestamp(time_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        for hours, place in zip(HOURS, places, strict=True):
            line = (when, str(hours), f"{temp_c + change[place]:.3f}")
            yield line if room is None else (room, *line)


def _write(predictions: Path, lines: list[tuple[str, ...]], *, several: bool) -> None:
    """With a first column `room` where there is more than one."""
    try:
        with predictions.open("w", encoding="utf-8", newline="") as file:
            writer = csv_format.writer(file, lineterminator="\n")
            writer.writerow(("room", *HEADER) if several else HEADER)
            writer.writerows(lines)
    except OSError as error:
        raise Refused("csv_unwritable", csv=predictions.name, said=error.strerror or "") from None
