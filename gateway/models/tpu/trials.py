"""Who may serve on a child: each model is tried on it, those that do not pass are put off."""

import logging
from collections.abc import Sequence

from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.models.tpu.child import Child
from gateway.models.tpu.desk import Desk
from gateway.models.tpu.errors import TpuLost
from gateway.models.tpu.probe import probe
from gateway.models.tpu.roster import MOST_KILLS, RETRY_S, Hosted, Roster

_log = logging.getLogger(__name__)


class Trials:
    """Belongs to the accelerator's thread, as everything that it is given."""

    def __init__(self, *, desk: Desk, roster: Roster, counters: Counters) -> None:
        self._desk = desk
        self._roster = roster
        self._counters = counters

    def run(self, child: Child, pending: Sequence[Hosted]) -> list[GatewayError]:
        """Why some did not pass; nobody is served before the desk is opened. Raises `TpuLost`: the child did not
        survive one, which is tried again once others have passed."""
        return [error for hosted in pending if (error := self._tried(child, hosted)) is not None]

    def _tried(self, child: Child, hosted: Hosted) -> GatewayError | None:
        again_s = self._desk.now_s() + RETRY_S
        try:
            took_s = probe(child, hosted)
        except TpuLost as error:
            hosted.kills += 1
            to_blame = hosted.kills >= MOST_KILLS and self._roster.any_serving()  # otherwise it may be the device
            hosted.fails(error.key, again_s if to_blame else 0.0)
            raise
        except GatewayError as error:
            _log.warning("model %s stays on the CPU: %s", hosted.card.id, error)
            self._counters.add(f"tpu.failed.{error.key}")
            hosted.fails(error.key, again_s)
            return error
        self._desk.add(hosted.card.id, hosted.sram_bytes, took_s)
        hosted.passes()
        return None
