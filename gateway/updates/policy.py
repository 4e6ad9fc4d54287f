"""What is done with updates when nobody is asked. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gateway.config.settings import Updates
from gateway.wire.summary import UpdateState
from gateway.wire.update import Install, Look, Machine, Origin, Reboot, Request, Step
from gateway.wire.versions import is_newer

LOOK_EVERY = timedelta(days=1)
_GAVE_UP = frozenset({UpdateState.FAILED, UpdateState.ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the day, over midnight too; the end does not belong to it."""

    begins: time
    ends: time

    @classmethod
    def of(cls, text: str) -> "Window":
        """`text` as "02:00-05:00"."""
        begins, _, ends = text.partition("-")
        return cls(time.fromisoformat(begins), time.fromisoformat(ends))

    def holds(self, local: datetime) -> bool:
        now = local.time()
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


def next_request(
    machine: Machine, settings: Updates, *, local: datetime | None, looked: timedelta | None
) -> Request | None:
    """What is asked of the updater now. `local` is None where the clock cannot be believed, `looked` how long ago the
    index was asked, None where it was not. A system on trial is left alone."""
    if machine.slot is None or not machine.confirmed or machine.step is not Step.NONE:
        return None
    if machine.state is UpdateState.INSTALLED:
        return Reboot() if _may_start(machine, settings, local) else None
    if settings.index is None or machine.state is UpdateState.DOWNLOADING:
        return None
    if looked is None or looked >= LOOK_EVERY:
        return Look(url=settings.index)
    return Install(origin=Origin.INDEX) if settings.automatic != "none" and _is_news(machine) else None


def _may_start(machine: Machine, settings: Updates, local: datetime | None) -> bool:
    """What a person had installed is started by a person."""
    wanted = machine.origin is Origin.HUB or (machine.origin is Origin.INDEX and settings.automatic == "install")
    at_night = local is not None and Window.of(settings.window).holds(local)
    return wanted and at_night and settings.reboot == "night"


def _is_news(machine: Machine) -> bool:
    """What has failed here is not tried again by itself."""
    tried = {past.version for past in machine.history if past.state in _GAVE_UP}
    newest = machine.newest
    return newest is not None and is_newer(newest, machine.version) and newest not in {machine.other, *tried}
