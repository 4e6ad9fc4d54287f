"""What one roll-out works with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.models.rollout.comparison import Inputs
from gateway.models.rollout.intake import Intake
from gateway.models.rollout.shadow import Golden
from gateway.models.rollout.versions import Version, Versions
from gateway.seams import StateReport
from gateway.store.rollouts import Told
from gateway.types import Event, Kind


class Table(Protocol):
    """See `gateway.store.rollouts.RolloutTable`."""

    async def save(self, model: str, body: str, decisions: Iterable[Event] = ()) -> None: ...

    async def all(self) -> Mapping[str, str]: ...


class Corrected(Protocol):
    """See `gateway.store.rollouts.Corrections`."""

    async def by_source(self, kinds: Iterable[Kind], since: datetime) -> Mapping[str, Told]: ...


class Comparer(Protocol):
    """See `shadow.Shadow`."""

    def start(self) -> None: ...

    def close(self) -> None: ...

    def compare(self, model: str, active: Version, candidate: Version, duty: float) -> None: ...

    def stop(self, model: str) -> None: ...

    def offer(self, model: str, inputs: Inputs) -> bool: ...

    def golden(self, version: Version) -> Golden: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """`tell` takes events that are already in the log. `device` is the name that buckets are drawn for."""

    versions: Versions
    table: Table
    corrections: Corrected
    shadow: Comparer
    intake: Intake
    clock: Clock
    report: StateReport
    tell: Callable[[Event], None]
    counters: Counters
    device: str
