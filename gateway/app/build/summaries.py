"""What is added up of the home, hour by hour, for the outbox."""

from collections.abc import Sequence

from gateway.app.build.base import Base
from gateway.app.build.models import Models
from gateway.app.build.storage import Storage
from gateway.app.summary_stage import SummaryStage
from gateway.app.vitals import Look
from gateway.config.climate import Room
from gateway.config.settings import Settings
from gateway.flow.board import Board
from gateway.health.clock import believed, plausible
from gateway.store.outbox.outbox import Outbox
from gateway.types import Level
from gateway.uplink.privacy.counts import PrivateCounts
from gateway.uplink.privacy.ledger import Ledger
from gateway.uplink.summaries import Summariser

_WORST_FIRST = (Level.DOWN, Level.DEGRADED, Level.STARTING, Level.OFF)


def build_summaries(
    settings: Settings, base: Base, storage: Storage, *, models: Models, outbox: Outbox, ledger: Ledger | None
) -> SummaryStage:
    summariser = Summariser(
        look=Look(
            board=base.board,
            counters=base.counters,
            meters=base.meters,
            models=lambda: tuple(models.all()),
            registry=models.registry,
            data_dir=settings.gateway.data_dir,
        ),
        level=lambda device: device_level(base.board, device),
        power_w=_unmetered(settings.climate.rooms),
        rooms_know=frozenset(device for room in settings.climate.rooms for device in room.motion),
        private=None if ledger is None else PrivateCounts(ledger),
        every_s=settings.uplink.every_s,
    )
    return SummaryStage(
        summariser,
        outbox,
        remember=storage.remember,
        clock=base.clock,
        believed=believed,
        plausible=plausible,
        counters=base.counters,
        ledger=ledger,
    )


def device_level(board: Board, device: str) -> Level:
    """The worst that is told of it, as an actuator or by one of its quantities."""
    told = {
        state.level
        for part, state in board.all().items()
        if part == f"device/{device}" or part.startswith(f"sensor/{device}/")
    }
    return next((level for level in _WORST_FIRST if level in told), Level.OK)


def _unmetered(rooms: Sequence[Room]) -> dict[str, float]:
    return {room.name: room.power_w for room in rooms if room.power_w is not None and room.power_sensor is None}
