"""A room's forecaster: the network, the room's own correction, and whoever else foretells it, blended by recent skill.

Once every ten minutes the caller tells what the room lived through; the answer is how warm it will be in half an hour
to six hours, and how sure that is. Nothing here decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np

from gateway.climate.forecast.blend import GRID_S, Blend
from gateway.climate.forecast.features import AHEAD_S, Inputs, changes, features
from gateway.climate.forecast.lessons import WAYS, Lessons
from gateway.climate.forecast.net import STEPS, Net
from gateway.climate.forecast.past import OLDEST_S, Past
from gateway.climate.forecast.routine import routine
from gateway.climate.words import Floats, Forecast
from gateway.errors import GatewayError

SOLVE_EVERY = 36
"""Turns: six hours."""
LESSON = round(AHEAD_S[-1] / GRID_S)
"""Turns after which it is known what came."""
REPLAYED = 432
"""Turns: three days."""
MEMBERS = ("network", *WAYS, "room")
"""The network alone, what the room has taught, and what the room's model says."""

_NO_NET_SPREAD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Origins (n,) with what is known at each, `given` (n, inputs) and `routine` (n, columns), and what the network
    makes of `given`, `change` and `spread` (n, 12) in K; NaN where the temperature is not known, `change` also where
    no network answers."""

    given: Inputs
    routine: Inputs
    change: Inputs
    spread: Inputs

    def __getitem__(self, rows: slice) -> "Seen":
        return Seen(
            given=self.given[rows], routine=self.routine[rows], change=self.change[rows], spread=self.spread[rows]
        )

    @property
    def row(self) -> Floats:
        """(n, columns): what `Lessons` are learned from."""
        there = np.where(np.isfinite(self.change), self.change, 0.0)
        return np.concatenate([self.given, self.routine, there], axis=1, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """By step of `AHEAD_S` (12,): how much warmer it will be and the usual error of that, in K; what each of `MEMBERS`
    says, (members, 12), NaN where it says nothing."""

    change: Floats
    spread: Floats
    told: Floats

    def forecast(self, temp_c: float) -> Forecast:
        """For a room that is `temp_c` now."""
        return Forecast(
            ahead_s=AHEAD_S,
            temp_c=tuple((temp_c + self.change).tolist()),
            spread_c=tuple(self.spread.tolist()),
        )


def lessons(past: Past, origins_s: Floats) -> Inputs:
    """(n, 12) in K: what came of each origin, to learn from. A reading stands for the present as long as it does in the
    inputs: of twelve answers one is often missing, and no row is to be lost for that."""
    return changes(past, origins_s, oldest_s=OLDEST_S["temp_c"])


class Forecaster:
    """Of one room. Without a `net`, or once it has failed, the room's own rows go on alone."""

    def __init__(self, net: Net | None) -> None:
        self._net = net
        self.failed: GatewayError | None = None
        """Why the network answers no more."""
        self.blend = Blend(len(MEMBERS))
        self._begin_anew()

    def begin(self, past: Past, origins_s: Floats, *, zone_s: float) -> None:
        """Learn from before: `origins_s` (n,) ten minutes apart, in order, up to the one before the next `step`. The
        last days are lived through again, so that who is to be believed is known. `zone_s` is what local time is ahead
        of these times, NaN where no clock can be believed."""
        seen, came = self.see(past, origins_s, zone_s=zone_s), lessons(past, origins_s)
        temps = past.at("temp_c", origins_s)
        self._begin_anew()
        self.blend = Blend(len(MEMBERS))
        again = max(len(origins_s) - REPLAYED, LESSON)
        self._lessons.learn(seen[: again - LESSON].row, came[: again - LESSON])
        self._lessons.solve()
        for row in range(again, len(origins_s)):
            before = slice(row - LESSON, row - LESSON + 1)
            place = round(origins_s[row] / GRID_S)
            self.turn(place, float(temps[row]), now=seen[row : row + 1], before=seen[before], came=came[before])

    def step(self, past: Past, now_s: float, *, zone_s: float, room: Floats | None = None) -> Outlook | None:
        """Learn from what came of six hours ago, then foretell. `now_s` is 600 more with every call, on any clock that
        `past` has too; `room` (12,) is what the room's model foretells, in K. None where the temperature is not known,
        or nobody has anything to say yet."""
        origins = np.asarray([now_s - AHEAD_S[-1], now_s])
        seen = self.see(past, origins, zone_s=zone_s)
        temp = float(past.at("temp_c", origins[1:])[0])
        came = lessons(past, origins[:1])
        return self.turn(round(now_s / GRID_S), temp, now=seen[1:], before=seen[:1], came=came, room=room)

    def see(self, past: Past, origins_s: Floats, *, zone_s: float) -> Seen:
        """A network that fails is not asked again, and what was learned of its answers is forgotten."""
        given = features(past, origins_s, zone_s=zone_s)
        change = np.full((len(given), STEPS), np.nan, np.float32)
        spread = np.full((len(given), STEPS), _NO_NET_SPREAD, np.float32)
        known = np.isfinite(given).all(axis=1)
        if self._net is not None:
            try:
                answer = self._net.ask(given[known])
            except GatewayError as error:
                self._net, self.failed = None, error
                self._begin_anew()
            else:
                change[known], spread[known] = answer.change, answer.spread
        return Seen(given=given, routine=routine(past, origins_s, zone_s=zone_s), change=change, spread=spread)

    def turn(
        self, place: int, temp_c: float, *, now: Seen, before: Seen, came: Inputs, room: Floats | None = None
    ) -> Outlook | None:
        """One step with all that needs looking up: at ten-minute `place` it is `temp_c`; `came` (1, 12) is what came
        of what was seen `before`."""
        self._lessons.learn(before.row, came)
        self._turns += 1
        if self._turns % SOLVE_EVERY == 0:
            self._lessons.solve()
        self.blend.hear(place, temp_c)
        outlook = self.foretell(now, room)
        if outlook is not None and isfinite(temp_c):
            self.blend.note(place, temp_c, outlook.told, outlook.change, now.spread[0].astype(np.float64))
        return outlook

    def foretell(self, now: Seen, room: Floats | None = None) -> Outlook | None:
        """From one origin, with what is learned by now."""
        if not np.isfinite(now.given).all():
            return None
        planned = np.full(STEPS, np.nan) if room is None else room
        told = np.concatenate([now.change, self._lessons.predict(now.row), planned[None]])
        change, spread = self.blend.combine(told, now.spread[0].astype(np.float64))
        return Outlook(change=change, spread=spread, told=told) if np.isfinite(change).all() else None

    def skill(self) -> Mapping[float, float]:
        """Hours ahead -> 1 - RMSE / RMSE of "nothing changes", over about a week; empty before there was half a day."""
        skill = self.blend.skill()
        return {} if skill is None else {ahead / 3600: float(one) for ahead, one in zip(AHEAD_S, skill, strict=True)}

    def _begin_anew(self) -> None:
        self._lessons = Lessons()
        self._turns = 0
