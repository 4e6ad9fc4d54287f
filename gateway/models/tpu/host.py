"""The accelerator as the rest of the daemon sees it: ask it, or be told at once that the CPU has to answer."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.flow.supervise import Backoff
from gateway.models.tpu.child import Array, Child
from gateway.models.tpu.desk import Desk
from gateway.models.tpu.keeper import BACKOFF, Keeper, Mode
from gateway.models.tpu.minder import Minder
from gateway.models.tpu.presence import present
from gateway.models.tpu.roster import Hosted, Roster, Trial
from gateway.models.tpu.scheduler import Priority
from gateway.models.tpu.shed import Shedder
from gateway.models.tpu.ticket import Answer
from gateway.seams import StateReport
from gateway.wire.model_card import ModelCard

LOOK_S = 2.0
_GRACE_S = 2.0


class TpuHost:
    """`start`, `ask` from any thread, `close`; or `async with`. Has one life, and one thread that owns the child.

    A model is served once it has passed: a child loads it and answers the trial questions as the CPU twin did.
    Everything that goes wrong comes out of `ask` as a `Transient`, within a second at the latest; the state of part
    "accelerator" is reported with every change. `arrival` names the devices that are plugged in, or None, and is asked
    every `look_s`; without a device, or a model that could use it, nothing is started.
    """

    def __init__(
        self,
        make_child: Callable[[], Child],
        *,
        clock: Clock,
        report: StateReport,
        counters: Counters,
        arrival: Callable[[], str | None] = present,
        shedder: Shedder | None = None,
        backoff: Backoff = BACKOFF,
        look_s: float = LOOK_S,
    ) -> None:
        self._shedder = shedder
        self._desk = Desk(clock=clock, counters=counters, shedder=shedder)
        self._roster = Roster()
        self._keeper = Keeper(backoff)
        self._minder = Minder(
            make_child,
            desk=self._desk,
            roster=self._roster,
            keeper=self._keeper,
            clock=clock,
            report=report,
            counters=counters,
            arrival=arrival,
            look_s=look_s,
        )
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="accelerator")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Ends the child and the thread; whoever still waits is sent to the CPU. Takes a few seconds at most."""
        self._closing = True
        self._desk.wake()
        self._thread.join(_GRACE_S)
        child = self._minder.child
        if self._thread.is_alive() and child is not None:
            child.kill()
        self._thread.join()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def register(self, card: ModelCard, stream_fd: int, trials: tuple[Trial, ...]) -> Hosted:
        """`stream_fd` is the checked file of `card.tpu`, and is duplicated; at least one trial. The model serves once
        it has passed. Give it back with `unregister`."""
        hosted = self._roster.join(card, stream_fd, trials)
        self._desk.wake()
        return hosted

    def unregister(self, hosted: Hosted) -> None:
        self._roster.leave(hosted)
        self._desk.wake()

    def ask(self, hosted: Hosted, inputs: Sequence[Array], priority: Priority) -> Answer:
        """As `Desk.ask`; inputs and outputs in the types of the accelerator's tensors."""
        return self._desk.ask(hosted.card.id, inputs, priority)

    def stood_in(self, took_s: float) -> None:
        """The CPU twin answered in place of the accelerator: load, while that is missed."""
        if self._shedder is not None and self._keeper.mode is not Mode.OFF:
            self._shedder.stood_in(took_s)

    def models(self) -> Mapping[str, str]:
        """By the id of the card: "" for a model that the accelerator serves, otherwise why it does not."""
        away = self._keeper.reason
        return {one.model: "" if one.serving else one.reason or away for one in self._roster.all()}

    def serves(self, card: ModelCard) -> bool:
        """Whether the accelerator answers for this version now. Cheap."""
        return self._roster.serves(card)

    def _run(self) -> None:
        try:
            while not self._closing:
                self._minder.turn()
                if self._shedder is not None:
                    self._shedder.tick()
        except BaseException:  # a bug ends the process, and until then nobody may wait for this thread
            self._minder.stopped("its thread stopped on a bug; the log has the trace")
            raise
        finally:
            self._minder.end()
