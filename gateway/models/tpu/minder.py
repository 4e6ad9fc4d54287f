"""What the accelerator's thread does: start a child, try the models on it, ask it, lose it and get it back."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress

from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.models.tpu.child import Child
from gateway.models.tpu.desk import Desk
from gateway.models.tpu.errors import TpuLost
from gateway.models.tpu.keeper import Keeper, Mode
from gateway.models.tpu.roster import Hosted, Roster
from gateway.models.tpu.telling import NO_DEVICE, NO_MODEL, state_of, wording
from gateway.models.tpu.trials import Trials
from gateway.seams import StateReport

HANG_S = 1.0
"""A child that has not answered by then has hung; whoever waits has long been answered by the CPU twin."""

_log = logging.getLogger(__name__)


class Minder:
    """Belongs to one thread, which calls `turn` until it calls `end`."""

    def __init__(
        self,
        make_child: Callable[[], Child],
        *,
        desk: Desk,
        roster: Roster,
        keeper: Keeper,
        clock: Clock,
        report: StateReport,
        counters: Counters,
        arrival: Callable[[], str | None],
        look_s: float,
    ) -> None:
        self.child: Child | None = None
        self._make_child = make_child
        self._desk = desk
        self._roster = roster
        self._trials = Trials(desk=desk, roster=roster, counters=counters)
        self._keeper = keeper
        self._clock = clock
        self._report = report
        self._counters = counters
        self._arrival = arrival
        self._every_s = look_s
        self._look_s = 0.0
        self._seen: str | None = None
        self._version = ""

    def turn(self) -> None:
        """Do what is to be done now, or wait for it: at most until the next look around."""
        now_s = self._desk.now_s()
        if now_s >= self._look_s:
            self._look(now_s)
        self._part()
        pending = self._roster.pending(now_s)
        if self._keeper.mode is Mode.TPU:
            self._take_in(pending) if pending else self._serve()
        elif pending and self._keeper.due(now_s):
            self._revive(pending)
        else:
            next_s = self._keeper.next_s if pending else None
            self._desk.rest((self._look_s if next_s is None else min(self._look_s, next_s)) - now_s)

    def stopped(self, reason: str) -> None:
        """Say that nothing is going to bring the accelerator back."""
        self._keeper.absent(reason, self._desk.now_s())
        self._tell()

    def end(self) -> None:
        """Let go of the child and of every model."""
        self._drop(Transient("tpu_away"))
        for hosted in [*self._roster.left(), *self._roster.all()]:
            os.close(hosted.stream_fd)

    def _look(self, now_s: float) -> None:
        """What is plugged in, and does an idle child still live?"""
        self._look_s = now_s + self._every_s
        there = self._arrival()
        if there is None:
            if self._keeper.mode is Mode.TPU:
                self._lost(TpuLost("tpu_unplugged"))
            self._keeper.absent(NO_DEVICE, now_s)
        elif there != self._seen:
            self._keeper.arrived(NO_MODEL, now_s)
        elif self._keeper.mode is Mode.TPU and self.child is not None and not self.child.alive:
            self._lost(TpuLost("tpu_exited"))
        self._seen = there
        self._tell()

    def _part(self) -> None:
        """Unload what nobody uses any more."""
        for hosted in self._roster.left():
            if hosted.serving and self.child is not None:
                self._desk.remove(hosted.card.id)
                try:
                    self.child.unload(hosted.card.id)
                except TpuLost as error:
                    self._lost(error)
            os.close(hosted.stream_fd)

    def _serve(self) -> None:
        ticket = self._desk.take()
        if ticket is None:
            self._desk.rest(self._look_s - self._desk.now_s())
            return
        assert self.child is not None
        try:
            outputs = self.child.infer(ticket.request.model, ticket.inputs, HANG_S)
        except TpuLost as error:
            self._lost(error)
        except GatewayError as error:
            self._desk.failed(ticket, error)
            self._counters.add(f"tpu.failed.{error.key}")
            if self._keeper.failed():
                self._lost(error)
        else:
            self._desk.answered(ticket, outputs)
            self._keeper.answered()

    def _revive(self, pending: list[Hosted]) -> None:
        """Start a child; it serves once a model has passed on it."""
        self.child = self._make_child()
        try:
            info = self.child.start()
            self._version = info.version
            failures = self._trials.run(self.child, pending)
        except TpuLost as error:
            self._lost(error)
        except Refused as error:
            self._refused(error)
        else:
            self._counters.add("tpu.started")
            if len(failures) < len(pending):
                self._keeper.passed(self._desk.now_s())
                self._open()
            else:
                for hosted in pending:
                    hosted.retry_s = 0.0  # nothing passed: the device is to blame, which has a back-off of its own
                self._lost(failures[0])
        self._seen = self._arrival()  # the firmware makes another device of it
        self._tell()

    def _take_in(self, pending: list[Hosted]) -> None:
        """Try models while others are served; these have the CPU answer meanwhile."""
        assert self.child is not None
        self._desk.shut(Transient("tpu_away"))
        try:
            self._trials.run(self.child, pending)
        except TpuLost as error:
            self._lost(error)
        else:
            self._open()
        self._tell()

    def _open(self) -> None:
        self._desk.open(hosted.card.id for hosted in self._roster.all() if hosted.serving)

    def _refused(self, error: Refused) -> None:
        """By the library: without a device it is weather, the rest is for a person."""
        if error.key == "tpu_no_device":
            self._lost(error)
            return
        self._drop(error)
        self._keeper.unusable(wording(error), self._desk.now_s())

    def _lost(self, error: GatewayError) -> None:
        self._drop(error)
        self._counters.add(f"tpu.lost.{error.key}")
        self._keeper.lost(wording(error), self._desk.now_s())
        _log.warning("the accelerator is lost: %s", error)
        self._tell()

    def _drop(self, error: GatewayError) -> None:
        """Whoever waits is told first, then the child is ended."""
        self._desk.shut(error)
        for hosted in self._roster.all():
            hosted.serving = False
        child, self.child = self.child, None
        if child is not None:
            with suppress(TpuLost):
                child.close()

    def _tell(self) -> None:
        self._report(state_of(self._keeper, self._version, self._roster.all(), self._clock.now()))
