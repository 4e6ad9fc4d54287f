"""Signs of life: every stage beats, and the watchdog is fed only while all of them do."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.flow.clock import Clock


@dataclass(slots=True)
class _Pulse:
    limit_s: float
    last_ns: int
    ready: bool = False


class Beats:
    """A stage registers with the longest silence it may keep, reports ready once and beats from then on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pulses: dict[str, _Pulse] = {}

    def register(self, stage: str, limit_s: float) -> Callable[[], None]:
        """The function that the stage calls to beat; its first call reports ready."""
        pulse = self._pulses[stage] = _Pulse(limit_s, self._clock.now().mono_ns)

        def beat() -> None:
            pulse.last_ns, pulse.ready = self._clock.now().mono_ns, True

        return beat

    def forget(self, stage: str) -> None:
        """A stage that ended in good order is no longer waited for."""
        self._pulses.pop(stage, None)

    @property
    def ready(self) -> bool:
        """Whether every registered stage has reported."""
        return all(pulse.ready for pulse in self._pulses.values())

    def silent(self) -> tuple[str, ...]:
        """Stages that have been silent for longer than they may."""
        now = self._clock.now().mono_ns
        return tuple(name for name, p in self._pulses.items() if (now - p.last_ns) / 1e9 > p.limit_s)
