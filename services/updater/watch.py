"""Watches a boot until it has passed the health gate, and has it marked good; or ends it."""

from gateway.errors import GatewayError
from services.updater.engine import Engine
from services.updater.events import Ailing, Overdue, Passed
from services.updater.gate import Verdict
from services.updater.installer import Mark, Which
from services.updater.parts import Parts

LOOK_S = 5.0
REST_S = 60.0
"""Between two looks once the boot has passed."""
_GRACE_S = 60.0
"""What is not well so soon after the start is no reason yet."""
_WRITE_S = 30.0
"""At least between two reasons that are written down."""


class Watch:
    """Of a machine with slots.

    Every boot has to be marked good: the boot loader counts those that were not, and takes the other slot after two.
    A slot that was good before with this very version is marked as soon as its service runs, or else at the deadline.
    What is wrong with it then (a broken configuration) is not mended by an older system, and a power line that
    flickers must not bring one back."""

    def __init__(self, parts: Parts, engine: Engine) -> None:
        self._parts, self._engine = parts, engine
        self._kept = False
        self._written_s = 0.0

    @property
    def passed(self) -> bool:
        return self._engine.memory.passed == self._parts.place.boot

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
            except GatewayError as error:  # the next look will do it
                self._parts.warn(str(error))
            await self._parts.clock.sleep(REST_S if self.passed else LOOK_S)

    async def look(self) -> None:
        """Once. Raises what the installer raises, and `Transient("memory_unwritable")`."""
        parts, engine = self._parts, self._engine
        health = await parts.host.look()
        up_s = parts.clock.up_s()
        parts.gate.look(health, up_s)
        if self.passed:
            return
        verdict = parts.gate.verdict(up_s)
        if verdict is Verdict.PASSED:
            await self._keep()
            await engine.tell(Passed())
        elif self._known and (health.active or verdict is Verdict.OVERDUE):
            await self._keep()
        elif engine.memory.on_trial:
            await self._tell_why(verdict, up_s)

    @property
    def _known(self) -> bool:
        here = self._engine.memory.here
        return here is not None and here.good

    async def _keep(self) -> None:
        if not self._kept:
            await self._parts.installer.mark(Mark.GOOD, Which.BOOTED)
            self._kept = True

    async def _tell_why(self, verdict: Verdict, up_s: float) -> None:
        """By the first check that fails; the others beside it."""
        failing = self._parts.gate.failing(up_s)
        others = ", ".join(failing[1:])
        if verdict is Verdict.OVERDUE:
            await self._engine.tell(Overdue(key=failing[0], detail=others))
        elif up_s >= _GRACE_S and up_s - self._written_s >= _WRITE_S:
            await self._engine.tell(Ailing(key=failing[0] if failing else None, detail=others))
            self._written_s = up_s
