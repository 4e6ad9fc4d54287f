"""One room from its first day to its last, as a gateway would have lived it: nobody knows what comes."""

from dataclasses import dataclass

import numpy as np

from gateway.app.eval_forecast_rivals import Progress, grid, ridge, room_model
from gateway.climate.forecast.blend import GRID_S
from gateway.climate.forecast.features import AHEAD_S, changes
from gateway.climate.forecast.forecaster import LESSON, Forecaster, lessons
from gateway.climate.forecast.net import Net
from gateway.climate.forecast.past import Past
from gateway.climate.words import Floats

MODELS = ("persistence", "ridge", "network", "room model", "blend")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """At `origins_s` (n,), every ten minutes: what each of `MODELS` foretold, (n, 12) in K, NaN where it said nothing;
    the blend's usual error `spread`; and what came, `change`, NaN where nobody knows. `asked` is what the blend
    foretold at the origins that were asked for, (m, 12), `asked_c` the temperature there."""

    origins_s: Floats
    told: dict[str, Floats]
    spread: Floats
    change: Floats
    asked: Floats
    asked_c: Floats


def live(past: Past, net: Net | None, asked_s: Floats, progress: Progress) -> Course:
    """`asked_s` (m,) ascending; each is foretold with what was learned by the last ten minutes before."""
    origins = grid(past)
    forecaster = Forecaster(net)
    seen, change, taught = forecaster.see(past, origins, zone_s=0.0), changes(past, origins), lessons(past, origins)
    room = room_model(past, origins, progress)
    asking = forecaster.see(past, asked_s, zone_s=0.0)
    temps, asked = past.at("temp_c", origins), np.full((len(asked_s), len(AHEAD_S)), np.nan)
    blend, spread = np.full(change.shape, np.nan), np.full(change.shape, np.nan)
    due = np.searchsorted(asked_s, origins, side="left")
    due_end = np.append(due[1:], len(asked_s))
    for row in range(len(origins)):
        lesson = slice(row - LESSON, row - LESSON + 1) if row >= LESSON else slice(0, 0)
        outlook = forecaster.turn(
            round(origins[row] / GRID_S),
            float(temps[row]),
            now=seen[row : row + 1],
            before=seen[lesson],
            came=taught[lesson],
            room=room[row],
        )
        if outlook is not None:
            blend[row], spread[row] = outlook.change, outlook.spread
        for place in range(due[row], due_end[row]):
            ahead = forecaster.foretell(asking[place : place + 1], room[row])
            if ahead is not None:
                asked[place] = ahead.change
    told = {
        "persistence": np.zeros(change.shape),
        "ridge": ridge(seen.given, taught, origins),
        "network": seen.change.astype(np.float64),
        "room model": room,
        "blend": blend,
    }
    return Course(
        origins_s=origins,
        told=told,
        spread=spread,
        change=change.astype(np.float64),
        asked=asked,
        asked_c=past.at("temp_c", asked_s),
    )
