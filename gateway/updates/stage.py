"""The daemon's part in updates: it reports on this boot, tells how the updater gets on, and does what settings say."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from gateway.config.settings import Updates
from gateway.errors import GatewayError
from gateway.flow.clock import Clock
from gateway.seams import StateReport
from gateway.types import Level, Stamp, State
from gateway.updates.client import Updater
from gateway.updates.gate import HealthGate
from gateway.updates.policy import next_request
from gateway.updates.reasons import because
from gateway.wire.summary import UpdateState, Version
from gateway.wire.update import Machine, Report, Step

PART = "updates"
REPORT_S, CALM_S = 5.0, 15.0
"""How often, while something goes on and otherwise. The updater believes no report that is older than 30 s."""

log = logging.getLogger(__name__)


class UpdatesStage:
    """`local` is the time of day, None where the clock cannot be believed; `changed` hears of every machine that is not
    as the last one. `failing` are the checks of the health gate that do not pass, as of the last look."""

    def __init__(
        self,
        *,
        updater: Updater,
        gate: HealthGate,
        settings: Updates,
        version: Version,
        clock: Clock,
        local: Callable[[], datetime | None],
        report: StateReport,
        changed: Callable[[Machine], Awaitable[None]],
    ) -> None:
        self.failing: tuple[str, ...] = ("stages",)
        self._updater = updater
        self._gate = gate
        self._settings = settings
        self._version = version
        self._clock = clock
        self._local = local
        self._report = report
        self._changed = changed
        self._looked: Stamp | None = None

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Until it is cancelled. No answer of the updater, and none at all, ends it."""
        while True:
            beat()
            machine = await self.tick()
            await self._clock.sleep(CALM_S if machine is None or _calm(machine) else REPORT_S)

    async def tick(self) -> Machine | None:
        """One report, and what follows from the answer; None where there is none."""
        self.failing = await self._gate.failing()
        stable_s = self._settings.stable_minutes * 60
        try:
            machine = await self._updater.ask(Report(version=self._version, failing=self.failing, stable_s=stable_s))
        except GatewayError as error:
            absent = error.key == "updater_absent"
            level = Level.OFF if absent else Level.DEGRADED
            self._report(State(part=PART, level=level, key=error.key, detail="" if absent else str(error)))
            return None
        self._report(state_of(machine))
        await self._changed(machine)
        await self._go_on(machine)
        return machine

    async def _go_on(self, machine: Machine) -> None:
        request = next_request(machine, self._settings, local=self._local(), looked=self._since_look())
        if request is None:
            return
        if request.ask == "look":
            self._looked = self._clock.now()
        try:
            await self._updater.ask(request)
        except GatewayError as error:  # the page tells; it is tried again when it is due again
            log.warning("updates: %s: %s", request.ask, error)
        else:
            log.info("updates: asked to %s", request.ask)

    def _since_look(self) -> timedelta | None:
        return None if self._looked is None else timedelta(seconds=self._clock.now().seconds_since(self._looked))


def state_of(machine: Machine) -> State:
    """What the board says of it."""
    if not machine.confirmed:
        failing = ", ".join(because(key) for key in machine.failing)
        told = f"not well yet: {failing}" if failing else "well so far"
        return State(part=PART, level=Level.STARTING, key="on_trial", detail=told)
    if machine.state in {UpdateState.ROLLED_BACK, UpdateState.FAILED}:
        told = f"{machine.target or 'the update'}: {because(machine.key or machine.state.value, machine.detail)}"
        return State(part=PART, level=Level.DEGRADED, key=machine.state.value, detail=told)
    return State(part=PART, level=Level.OK, key=machine.state.value)


def _calm(machine: Machine) -> bool:
    return machine.confirmed and machine.step is Step.NONE and machine.state is not UpdateState.DOWNLOADING
