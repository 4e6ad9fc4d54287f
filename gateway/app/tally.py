"""What the corridor did, counted where it happens: the report of a run."""

import resource
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from gateway.flow.board import Counters
from gateway.types import Command, Event, Kind, Outcome, Switch


@dataclass(slots=True)
class Tally:
    """Filled by the stages. `made` and `kept` count events that came into being and that the store has;
    `latencies_ms` by target run from the arrival of the frame or reading to the command published."""

    made: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    people: set[str] = field(default_factory=set)
    commands: dict[str, dict[str, object]] = field(default_factory=dict)
    latencies_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _cpu_began: float = field(default_factory=time.process_time)

    def event(self, event: Event) -> None:
        self.made[event.kind.value] += 1
        if event.kind is Kind.FACE_RECOGNISED and event.label:
            self.people.add(event.label)

    def outcome(self, command: Command, outcome: Outcome) -> None:
        self.commands[command.id] = {
            "id": command.id,
            "target": command.target,
            "action": _action(command),
            "outcome": outcome.result.name,
        }
        if outcome.published is not None:
            self.latencies_ms[command.target].append(outcome.published.seconds_since(command.trigger) * 1e3)

    def report(self, counters: Counters, cameras: list[str]) -> dict[str, object]:
        """The keys of `hearthgate demo --report`; latency runs from frame arrival to command published."""
        counts = counters.all()

        latencies_ms = [taken for of_target in self.latencies_ms.values() for taken in of_target]

        def total(what: str) -> int:
            return sum(counts.get(f"camera.{name}.{what}", 0) for name in cameras)

        return {
            "frames_in": total("frames_in"),
            "frames_decoded": total("frames_decoded"),
            "frames_dropped": total("frames_dropped"),
            "events": dict(sorted(self.made.items())),
            "events_lost": sum(self.made.values()) - self.kept,
            "people": sorted(self.people),
            "commands": list(self.commands.values()),
            "camera_bytes": total("bytes"),
            "uplink_bytes": counts.get("uplink.bytes", 0),
            "rss_mb_peak": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            "cpu_s": round(time.process_time() - self._cpu_began, 2),
            "latency_ms": {"p50": percentile(latencies_ms, 50), "p99": percentile(latencies_ms, 99)},
        }


def percentile(values: list[float], percent: float) -> float | None:
    """Nearest-rank percentile; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    rank = max(1, -(-len(ranked) * percent // 100))
    return round(ranked[int(rank) - 1], 2)


def _action(command: Command) -> str:
    action = command.action
    if isinstance(action, Switch):
        return "on" if action.on else "off"
    return type(action).__name__.lower()
