"""What was learned of one room, and what follows: its model, the plan by it, and where the room goes by itself."""

import math
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from datetime import tzinfo

import numpy as np

from gateway.climate import saved as kept
from gateway.climate.forecast.net import Net
from gateway.climate.history import STEP_S, History, Rows
from gateway.climate.inline import Inline
from gateway.climate.model.learner import FIT_DAYS, Learner
from gateway.climate.model.room_model import RoomModel
from gateway.climate.outlook import RoomOutlook
from gateway.climate.plan.ahead import Ahead
from gateway.climate.plan.planner import Planner
from gateway.climate.words import Drive, Forecast, Moment, Observed, Wanted
from gateway.config.climate import Climate, Room

_FIT_ROWS = round(FIT_DAYS * 86400 / STEP_S)

_ASTRAY = (ArithmeticError, ValueError, np.linalg.LinAlgError)
"""What computing with numbers that make no sense may raise."""


class Insight:
    """Learns always; says what to do only where that has proved itself, and nothing where anything is astray."""

    def __init__(
        self, room: Room, climate: Climate, zone: tzinfo, net: Net | None = None, learning: Executor | None = None
    ) -> None:
        """`net` foretells where the room goes; it drives nothing. The model is learned on `learning`, which takes a
        second now and then; at once where there is none."""
        self.learner = Learner(zone)
        self.planner = Planner(room, climate.tariff)
        self.outlook = RoomOutlook(net, zone)
        self._plans = climate.control == "auto"
        self._zone = zone
        self._learning = learning or Inline()
        self._lesson: Future[RoomModel | None] | None = None

    @property
    def failed(self) -> bool:
        """Whether the network answered nonsense: it is not asked any more."""
        return self.outlook.forecaster.failed is not None

    @property
    def forecast(self) -> Forecast | None:
        """Where the room goes: as planned, with the heat for it, else as the forecaster sees it."""
        return self.planner.forecast or self.outlook.forecast

    def drive(self, observed: Observed, wanted: Wanted, ahead: Ahead) -> Drive | None:
        """By the plan; None where plain control has to do."""
        if not self._plans:
            return None
        try:
            planned = self.planner.step(observed, wanted, self.learner, ahead)
        except _ASTRAY as error:
            # numbers of a model that went astray must cost a plan, never the heat
            self.learner.fail(f"the model cannot be computed with: {type(error).__name__}", observed.now)
            return None
        if planned is not None and not math.isfinite(planned.duty):
            self.learner.fail("the plan is no number", observed.now)
            return None
        return planned

    def lived(self, row: Mapping[str, float], history: History, observed: Observed) -> None:
        """A row is complete, and in the history."""
        self.learner.add(row, observed.now)
        planned = self.planner.forecast if self.outlook.due(history) else None
        self.outlook.lived(history, observed.temp.good, observed.now, planned)
        self._learn(history, observed.now)

    def _learn(self, history: History, now: Moment) -> None:
        """Begin a lesson where one is due, and use what the last one taught once it is over."""
        if self._lesson is None and self.learner.due():
            last = self.learner.model
            self._lesson = self._learning.submit(RoomModel.fit, history.last(_FIT_ROWS), zone=self._zone, last=last)
        if self._lesson is None or not self._lesson.done():
            return
        lesson, self._lesson = self._lesson, None
        try:
            model = lesson.result()
        except _ASTRAY as error:
            self.learner.fail(f"the model cannot be learned: {type(error).__name__}", now)
            model = None
        self.learner.adopt(model, history.last(_FIT_ROWS))

    def snapshot(self, now: Moment) -> dict[str, object]:
        return {"learner": self.learner.snapshot(now), "planner": self.planner.snapshot()}

    def restore(self, saved: Mapping[str, object], history: History, rows: Rows, now: Moment) -> None:
        """`rows` are those of `history`: without any, everything is learned anew."""
        self.learner.restore(kept.mapping(saved, "learner"), now)
        self.planner.restore(kept.mapping(saved, "planner"), now)
        if len(rows):
            self.learner.resume(rows)
            self.outlook.remember(history, now)
