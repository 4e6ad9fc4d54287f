"""The contracts between the parts. Read after `types/`.

Data flows Source -> Rule -> Sink; a Backend answers with tensors on the way; a Watcher decides, on a camera's
own thread, which packets are worth decoding and what moved. Fakes of all of them live in `gateway.testing`
and pass the same conformance suite as the real ones.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from gateway.types import Command, Event, Frame, Motion, Outcome, Reading, Stamp, State, World
from gateway.wire.envelope import ParcelId
from gateway.wire.model_card import ModelCard

Item = TypeVar("Item", covariant=True)
RuleState = TypeVar("RuleState")

Stimulus = Event | Reading
"""What a rule is stepped with."""

StateReport = Callable[[State], None]
"""Called with every change of a part's named state; thread-safe, never blocks."""


class Source(Protocol[Item]):
    """One attempt to deliver.

    `stream` yields until the source ends or is closed and raises `SourceLost` (try again) or `Refused` (tell a
    person). A normal end is the end of a file; a live source never ends normally. Retrying, back-off and
    watchdogs live in `gateway.flow.supervise`, not here.
    """

    name: str

    def stream(self) -> AsyncGenerator[Item, None]: ...


subject: ContextVar[str] = ContextVar("subject", default="")
"""Whose picture or reading the inference under way on this thread is about (a camera's name): a model that is rolled
out to a share of the cameras is chosen by it."""

Shedding = Callable[[], int]
"""How much optional work to leave out now, 0 (nothing) to 3 (all of it); cheap, thread-safe."""


class Watcher(Protocol):
    """Decides about one camera's packets and frames. Called on that camera's thread only; never blocks on I/O."""

    def wants(self, *, key: bool, stamp: Stamp) -> bool:
        """Whether the packet that just arrived is to be decoded now."""
        ...

    def backfill(self) -> bool:
        """True once after a hit on a key frame: decode the kept packets up to now, then go on live."""
        ...

    def see(self, frame: Frame) -> Motion:
        """Judge one decoded frame; frames come in order."""
        ...

    def gap(self) -> None:
        """Packets were lost, damaged or a connection was made anew: what follows up to a key frame is suspect."""
        ...


class Backend(Protocol):
    """Runs one model. Synchronous; one owner thread for its whole life."""

    def load(self, card: ModelCard, file: Path) -> None:
        """Check the file's SHA-256 against the card, open it, check the card against the real tensors.

        Raises `Refused` ("model_missing", "model_unreadable", "model_hash", "model_tensors", "model_invalid",
        "model_needs_tpu", "runtime_missing")."""
        ...

    def infer(self, inputs: Sequence[npt.NDArray[np.generic]]) -> tuple[npt.NDArray[np.generic], ...]:
        """Outputs in the card's order, fresh arrays. Inputs in the card's order, of its exact shapes and dtypes."""
        ...

    def close(self) -> None: ...


class Rule(Protocol, Generic[RuleState]):
    """A pure step: no await, no clock, no I/O, so it can be replayed and explained."""

    name: str

    def start(self) -> RuleState: ...

    def step(
        self, state: RuleState, stimulus: Stimulus, world: World, now: Stamp
    ) -> tuple[RuleState, tuple[Command, ...]]: ...


class Delivery(Enum):
    BEST_EFFORT = "best_effort"
    DURABLE = "durable"


class Sink(Protocol):
    """Carries commands out."""

    name: str
    delivery: Delivery

    def accepts(self, command: Command) -> bool:
        """Whether this sink knows the target and the action."""
        ...

    async def deliver(self, command: Command) -> Outcome:
        """Carry it out and wait for the device's answer within `ttl_s`. Never raises for what a device does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A summary under way: `body` is the very bytes that leave, see `gateway.wire.envelope`."""

    id: ParcelId
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """`kept` is safe at the other end; `refused`, by the key of the reason, will never be taken. What is in neither has
    to be sent again."""

    kept: frozenset[ParcelId] = frozenset()
    refused: Mapping[ParcelId, str] = field(default_factory=dict)


class Transport(Protocol):
    """Carries summaries to whoever collects them, over one connection at a time.

    Every method raises `Transient` where trying again may help (no network, a stall) and `Refused` where a person has
    to act. Whoever calls does one thing at a time, except that `lost` may be waited for meanwhile."""

    async def open(self) -> None:
        """Connect and say who we are. With an open connection it does nothing."""
        ...

    async def send(self, batch: Sequence[Parcel]) -> Receipts:
        """Send them in order and wait for receipts, for as long as some keep coming. Raises where none came; what
        arrived by then may come again."""
        ...

    async def lost(self) -> None:
        """Wait until the open connection is gone, and raise why. Never returns."""
        ...

    async def close(self) -> None:
        """Take leave, where that is still possible. Harmless without a connection; never raises for weather."""
        ...
