"""A room's model over the months: learned, followed, rated against guessing, and learned anew.

The caller adds every row it adds to the `History`, and refits when `due`, on a thread if it likes:

    learner.add(row, now)
    if learner.due(): learner.adopt(RoomModel.fit(rows, zone=zone, last=learner.model), rows)
"""

from collections import deque
from collections.abc import Mapping
from datetime import tzinfo

import numpy as np

from gateway.climate.history import Rows
from gateway.climate.model.gate import Gate
from gateway.climate.model.keep import model_from, model_of
from gateway.climate.model.observer import Observer, Step
from gateway.climate.model.quarters import Quarters
from gateway.climate.model.room_model import RoomModel, offset_s
from gateway.climate.model.series import series
from gateway.climate.model.shadow import Shadow
from gateway.climate.model.skill import EVERY, Skill
from gateway.climate.model.thermal import STATES
from gateway.climate.saved import mapping, number, numbers
from gateway.climate.words import Floats, Moment

FIT_DAYS = 14.0
"""How many days of rows are learned from at most."""

_FIRST_ROWS = 720
_DAILY_UNTIL_ROWS = 15 * 288
_DAY_ROWS, _WEEK_ROWS, _AGAIN_ROWS = 288, 7 * 288, 36
_UNTIMED = Moment(mono_s=0.0, wall=None)
_WILD_C = 5.0
_TYPICAL_OUTDOOR_C = 8.0
_REPLAYED_ROWS = 3 * 288
"""Rows after which a fresh observer knows the state, whatever it began with."""


class Learner:
    """One room's. `zone` tells the hours people live by."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.gate = Gate()
        self.observer: Observer | None = None
        self._shadow = Shadow()
        self._outdoor: deque[float] = deque(maxlen=288)
        self._added = 0
        self._tried_at = -_AGAIN_ROWS
        self._due_at = _FIRST_ROWS
        self.quarters = Quarters(zone)

    @property
    def model(self) -> RoomModel | None:
        return self.observer.model if self.observer else None

    @property
    def skill(self) -> Skill:
        return self._shadow.skill

    def trusted(self, now: Moment) -> bool:
        return self.observer is not None and self.gate.trusted(now.mono_s)

    @property
    def steps(self) -> int:
        """How many rows were added or skipped: a new number is a new state."""
        return self._added

    @property
    def outdoor(self) -> Floats:
        """The outside of the last day, oldest first, (up to 288,)."""
        return np.array(self._outdoor)

    def add(self, row: Mapping[str, float], now: Moment) -> None:
        """A row of the history, at once; what it lacks is NaN."""
        self._added += 1
        step = self._step(row, now)
        self._outdoor.append(step.outdoor_c)
        if self.observer is None:
            return
        surprise = self.observer.step(step)
        self._shadow.note(self.observer, step)
        if not np.all(np.isfinite(self.observer.state)):
            self._fault("the model lost its mind", now)
        elif surprise is not None and abs(surprise) > _WILD_C:
            self._fault("the model was off by more than 5 degrees", now)
        elif self._added % EVERY == 0 and self._shadow.rate():
            self.gate.judge(self.skill.by_hour, self.skill.rmse_c, enough=self.skill.enough)

    def skip(self, steps: int) -> None:
        """Nothing is known of `steps` steps."""
        for _ in range(min(steps, _DAY_ROWS)):
            self.add({}, _UNTIMED)
        self._added += max(steps - _DAY_ROWS, 0)

    def due(self) -> bool:
        """Whether it is time to refit: daily at first, then weekly, and after a fault, though not again and again."""
        return self._added >= max(_FIRST_ROWS, self._due_at)

    def adopt(self, model: RoomModel | None, rows: Rows) -> bool:
        """Use `model`, learned from `rows`, from now on. None keeps the last good one; learning is then tried again in
        `_AGAIN_ROWS`."""
        usual = _DAY_ROWS if self._added < _DAILY_UNTIL_ROWS else _WEEK_ROWS
        self._tried_at = self._added
        self._due_at = self._added + (_AGAIN_ROWS if model is None else usual)
        return model is not None and self._follow(model, rows)

    def resume(self, rows: Rows) -> None:
        """After a restart: `rows` are the last of the history, up to now."""
        self._added = max(self._added, len(rows))
        if self.model is not None:
            self._follow(self.model, rows)

    def _follow(self, model: RoomModel, rows: Rows) -> bool:
        """With the state that the end of `rows` tells."""
        recent = Rows(columns={name: column[-_REPLAYED_ROWS:] for name, column in rows.columns.items()})
        lived = series(recent, offset_s(recent, self._zone))
        states = model.follow(lived)
        if not len(states) or not np.all(np.isfinite(states[-1])):
            return False
        self.observer = Observer(model, states[-1])
        self.observer.load(lived.duty)
        return True

    def snapshot(self, now: Moment) -> dict[str, object]:
        """What must survive a restart."""
        observer = self.observer
        return {
            "model": None if observer is None else model_of(observer.model),
            "state": None if observer is None else observer.state.tolist(),
            "skill": self.skill.snapshot(),
            "trusted": self.gate.trusted(now.mono_s),
            "latched_s": self.gate.latched_s(now.mono_s),
            "added": self._added,
            "tried_at": self._tried_at,
            "due_at": self._due_at,
        }

    def restore(self, kept: Mapping[str, object], now: Moment) -> None:
        """What `snapshot` kept; anything unreadable is ignored, and learned anew."""
        try:
            self._restore(kept, now)
        except (KeyError, TypeError, ValueError):
            self.observer = None

    def fail(self, why: str, now: Moment) -> None:
        """Something that must never happen did, such as a plan that came late: classic control for a day."""
        self.gate.fault(why, now.mono_s)

    def _restore(self, kept: Mapping[str, object], now: Moment) -> None:
        found = mapping(kept, "model")
        if not found:
            return
        state = numbers(kept, "state")
        if len(state) != STATES:
            raise ValueError("no state")
        self.observer = Observer(model_from(found), np.array(state))
        self.observer.lose()
        self._added = int(number(kept, "added", 0) or 0)
        self._tried_at = int(number(kept, "tried_at") or 0)
        self._due_at = int(number(kept, "due_at") or 0)
        self.skill.restore(kept["skill"])
        self.gate.restore(
            trusted=kept["trusted"] is True, latched_s=number(kept, "latched_s") or 0.0, mono_s=now.mono_s
        )

    def _fault(self, why: str, now: Moment) -> None:
        self.fail(why, now)
        self.observer = None
        self._shadow.clear()
        self._due_at = min(self._due_at, self._tried_at + _AGAIN_ROWS)

    def _step(self, row: Mapping[str, float], now: Moment) -> Step:
        temp, outdoor, duty = (row.get(name, np.nan) for name in ("temp_c", "outdoor_c", "duty"))
        odd = row.get("window", 0.0) > 0 or row.get("fault", 0.0) > 0
        last = self._outdoor[-1] if self._outdoor else _TYPICAL_OUTDOOR_C
        return Step(
            temp_c=float(temp) if np.isfinite(temp) else None,
            outdoor_c=float(outdoor) if np.isfinite(outdoor) else last,
            duty=min(max(float(duty), 0.0), 1.0) if np.isfinite(duty) else 0.0,
            quarter=self.quarters.now(now),
            odd=odd,
        )
