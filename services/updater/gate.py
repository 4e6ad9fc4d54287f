"""The health gate of a boot: has everything been well for long enough, or ill for too long?

Nothing here asks for the internet or for the time of day.
"""

from dataclasses import dataclass
from enum import Enum, auto

from services.updater.host import Health

STABLE_S = 180.0
DEADLINE_S = 600.0
FRESH_S = 30.0
"""How old the daemon's last report may be."""
_MOST_FAILING = 32


class Verdict(Enum):
    WAIT = auto()
    PASSED = auto()
    OVERDUE = auto()


@dataclass(slots=True)
class Gate:
    """All times are seconds since the machine was started, so that a restart of this process grants no new delay."""

    stable_needed_s: float = STABLE_S
    deadline_s: float = DEADLINE_S
    _reported: tuple[str, ...] | None = None
    _reported_at: float = 0.0
    _seen: tuple[str, ...] = ("service_inactive",)
    _restarts: int | None = None
    _well_since: float | None = None

    def report(self, failing: tuple[str, ...], stable_s: float | None, up_s: float) -> None:
        """The daemon's own word."""
        self._reported, self._reported_at = failing, up_s
        self.stable_needed_s = stable_s or self.stable_needed_s
        self._judge(up_s)

    def look(self, health: Health, up_s: float) -> None:
        """What was seen from outside."""
        failing = []
        if not health.active:
            failing.append("service_inactive")
        elif self._restarts is not None and health.restarts != self._restarts:
            failing.append("service_restarted")
        if not health.page:
            failing.append("page_silent")
        self._restarts = health.restarts if health.active else self._restarts
        self._seen = tuple(failing)
        self._judge(up_s)

    def failing(self, up_s: float) -> tuple[str, ...]:
        """By key, the daemon's own first."""
        stale = self._reported is None or up_s - self._reported_at > FRESH_S
        reported = ("no_report",) if stale else self._reported or ()
        return (*reported, *(key for key in self._seen if key not in reported))[:_MOST_FAILING]

    def stable_s(self, up_s: float) -> float:
        """For how long all has been well."""
        return up_s - self._well_since if self._well_since is not None else 0.0

    def verdict(self, up_s: float) -> Verdict:
        """At the deadline who is just well may still become so for long enough."""
        self._judge(up_s)
        if self._well_since is not None:
            return Verdict.PASSED if self.stable_s(up_s) >= self.stable_needed_s else Verdict.WAIT
        return Verdict.OVERDUE if up_s >= self.deadline_s else Verdict.WAIT

    def _judge(self, up_s: float) -> None:
        if self.failing(up_s):
            self._well_since = None
        elif self._well_since is None:
            self._well_since = up_s
