"""Who carries out an offer: one for settings here, those for models and images are given by the app."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.errors import Refused
from gateway.flow.clock import Clock
from gateway.types import Stamp
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import Reported, SettingsTarget, Target

WELL_S = 60.0
"""So long everything has to be well with new settings before they count as a success."""
UNWELL_S = 600.0
"""After so long of not being well they are a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`state` INSTALLED or TRYING while it goes on; CONFIRMED, ROLLED_BACK and FAILED end it, `key` says why."""

    state: UpdateState
    key: str | None = None


class NotConcerned(Refused):
    """Nothing here has any use for it, which is no failure."""


class Carrier(Protocol):
    """May be called again with the same after a crash. `Transient` is tried again, any other `GatewayError` ends it."""

    async def begin(self, target: Target, campaign: int) -> str:
        """Take it in, so that it is tried. The mark by which it is found again. Raises `NotConcerned` as well."""
        ...

    async def look(self, target: Target, mark: str) -> Look:
        """How it gets on. CONFIRMED only once the gateway's own health gate has passed."""
        ...

    async def take_back(self, target: Target, mark: str | None) -> bool:
        """Go back to what was before; whether that is done. `mark` is None where it was never begun."""
        ...


class SettingsCarrier:
    """The twin brings the settings; here it is seen what came of them. `reported` is `Twin.reported`, called on a
    thread since it reads a file; `well` says whether every part of the gateway works."""

    def __init__(self, reported: Callable[[], Reported], well: Callable[[], bool], clock: Clock) -> None:
        self._reported = reported
        self._well = well
        self._clock = clock
        self._version = -1
        self._began: Stamp | None = None
        self._well_since: Stamp | None = None

    async def begin(self, target: Target, _campaign: int) -> str:
        assert isinstance(target, SettingsTarget)
        return str(target.version)

    async def look(self, target: Target, _mark: str) -> Look:
        """The times count anew after a restart, which new settings bring about anyway."""
        assert isinstance(target, SettingsTarget)
        reported = await asyncio.to_thread(self._reported)
        if reported.version < target.version:
            return Look(state=UpdateState.INSTALLED)
        if reported.rejected:
            return Look(state=UpdateState.FAILED, key=reported.rejected[0].key)
        return self._judged(target.version)

    async def take_back(self, target: Target, _mark: str | None) -> bool:
        """Done once the twin, by which they are taken back, is there."""
        assert isinstance(target, SettingsTarget)
        return (await asyncio.to_thread(self._reported)).version >= target.version

    def _judged(self, version: int) -> Look:
        now = self._clock.now()
        if version != self._version or self._began is None:
            self._version, self._began, self._well_since = version, now, None
        if not self._well():
            self._well_since = None
            over = now.seconds_since(self._began) >= UNWELL_S
            return Look(state=UpdateState.FAILED, key="unwell") if over else Look(state=UpdateState.TRYING)
        self._well_since = self._well_since or now
        settled = now.seconds_since(self._well_since) >= WELL_S
        return Look(state=UpdateState.CONFIRMED if settled else UpdateState.TRYING)
