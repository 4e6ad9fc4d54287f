"""The stage that rolls candidates out: takes in what was seen, judges, decides, tells."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from gateway.errors import GatewayError
from gateway.models.rollout.course import Course, habit_key
from gateway.models.rollout.evidence import Served, Unusable
from gateway.models.rollout.habit import Habit
from gateway.models.rollout.ports import Ports
from gateway.models.rollout.record import Record, habit_from, record_from
from gateway.models.rollout.shadow import Golden
from gateway.models.rollout.versions import Route, Version
from gateway.seams import Shedding
from gateway.wire.model_card import CardFile

TICK_S = 1.0

_log = logging.getLogger(__name__)


def _calm() -> int:
    return 0


def _no_thermometer() -> float | None:
    return None


class RolloutDesk:
    """`async with RolloutDesk(ports, models) as desk: await desk.run(beat)`, and a `RolloutBackend(..., desk=desk)` for
    each model. Without a candidate it costs a tick a second; while `shedding` asks for room or it is hot, nothing is
    compared. `temperature` gives degC, None where nothing measures it.

    `route`, `served`, `sample`, `unusable` and `opened` are called by the backends, on their threads.
    """

    def __init__(
        self,
        ports: Ports,
        models: Sequence[str],
        *,
        shedding: Shedding = _calm,
        temperature: Callable[[], float | None] = _no_thermometer,
    ) -> None:
        self._ports = ports
        self._models = tuple(models)
        self._shedding = shedding
        self._temperature = temperature
        self._courses: dict[str, Course] = {}
        self._hot: frozenset[str] = frozenset()
        self._dropped = 0

    async def __aenter__(self) -> Self:
        """Takes up what was under way. Raises what the database raises."""
        rows = await self._ports.table.all()
        for model in self._models:
            habit = self._habit(rows.get(habit_key(model)))
            self._courses[model] = Course(model, self._ports, self._record(rows.get(model)), habit)
        self._ports.shadow.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._ports.shadow.close)
        try:
            for course in self._courses.values():
                await course.save()
        except GatewayError as error:  # what is lost is a few minutes of evidence
            _log.error("roll-outs could not be saved: %s", error)

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Until it is cancelled."""
        clock = self._ports.clock
        last = clock.now()
        while True:
            beat()
            await clock.sleep(TICK_S)
            now = clock.now()
            await self.tick(now.seconds_since(last))
            last = now

    async def tick(self, seconds: float) -> None:
        """Judge what was seen in the last `seconds`."""
        temperature_c = await asyncio.to_thread(self._temperature)
        seen = self._ports.intake.drain()
        for model, course in self._courses.items():
            await course.tick(seen.get(model, ()), seconds, temperature_c)
        self._hot = frozenset(model for model, course in self._courses.items() if course.too_hot(temperature_c))
        dropped, self._dropped = self._ports.intake.dropped - self._dropped, self._ports.intake.dropped
        self._ports.counters.add("rollout.dropped", dropped)

    def route(self, model: str) -> Route | None:
        return self._ports.intake.route(model)

    def served(self, seen: Served) -> None:
        self._ports.intake.put(seen)

    def sample(self, model: str, inputs: Sequence[npt.NDArray[np.generic]]) -> None:
        if model in self._hot or self._shedding() > 0:
            self._ports.counters.add("rollout.skipped")
        elif self._ports.shadow.offer(model, inputs):
            self._ports.counters.add("rollout.sampled")

    def unusable(self, model: str, digest: str, key: str) -> None:
        self._ports.intake.put(Unusable(model=model, digest=digest, key=key))

    def opened(self, file: CardFile) -> AbstractContextManager[Path]:
        return self._ports.versions.opened(file)

    def record(self, model: str) -> Record | None:
        """Where the model's last roll-out stands; None before the first, or for a model that is not rolled out here."""
        course = self._courses.get(model)
        return None if course is None else course.record

    def golden(self, model: str) -> Golden | None:
        """The golden vectors of the version in service asked anew, see `Shadow.golden`; None for a model that is not
        rolled out here, or not yet."""
        route = self.route(model)
        return None if route is None else self._ports.shadow.golden(route.serving)

    def candidate(self, model: str) -> Version | None:
        """What is being tried out; None where nothing is."""
        course = self._courses.get(model)
        return None if course is None else course.candidate

    def _record(self, body: str | None) -> Record | None:
        """A damaged row is begun anew: the slots say what is active."""
        try:
            return None if body is None else record_from(body)
        except GatewayError as error:
            self._ports.counters.add("rollout.corrupt")
            _log.error("the state of a roll-out is lost: %s", error)
            return None

    def _habit(self, body: str | None) -> Habit:
        try:
            return Habit() if body is None else habit_from(body)
        except GatewayError as error:
            self._ports.counters.add("rollout.corrupt")
            _log.error("the habit of a model is lost: %s", error)
            return Habit()
