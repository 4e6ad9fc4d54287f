"""What is known of one device, and the commands that wait for its answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.sinks.device_spec import DeviceSpec, Told
from gateway.sinks.device_wish import Wish
from gateway.types import Result, Stamp

Answer = tuple[Result, str]
"""Result and the error key or short fact beside it."""


@dataclass(slots=True, eq=False)
class Exchange:
    """One command on its way. `published` is set once the broker has it."""

    wish: Wish
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    published: Stamp | None = None

    def settle(self, result: Result, detail: str = "") -> None:
        if not self.answer.done():
            self.answer.set_result((result, detail))


class Device:
    """Memory of one device; belongs to the event loop."""

    def __init__(self, spec: DeviceSpec) -> None:
        self.spec = spec
        self.available: bool | None = None
        self._on: bool | None = None
        self._level_pct: float | None = None
        self._waiting: list[Exchange] = []

    @contextmanager
    def expecting(self, wish: Wish) -> Iterator[Exchange]:
        exchange = Exchange(wish)
        self._waiting.append(exchange)
        try:
            yield exchange
        finally:
            self._waiting.remove(exchange)

    def knows(self, wish: Wish) -> bool:
        """Whether the wish was already the last state told."""
        return wish.met_by(Told(on=self._on, level_pct=self._level_pct))

    def hear(self, told: Told, *, retained: bool) -> None:
        """A retained state is known but answers nobody: it was there before the command."""
        self._on = self._on if told.on is None else told.on
        self._level_pct = self._level_pct if told.level_pct is None else told.level_pct
        self.available = self.available if told.available is None else told.available
        if told.available is False:
            for exchange in self._waiting:
                exchange.settle(Result.UNREACHABLE, "device_offline")
        elif not retained:
            self._answer(told)

    def _answer(self, told: Told) -> None:
        """The newest wish that is met ends the older ones of its kind: a device in a hurry tells only where it
        came to rest."""
        met: set[str] = set()
        for exchange in reversed(self._waiting):
            if exchange.wish.met_by(told):
                exchange.settle(Result.DONE)
                met.add(exchange.wish.topic)
            elif exchange.wish.topic in met:
                exchange.settle(Result.TIMED_OUT, "superseded")
