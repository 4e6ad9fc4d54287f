"""The accelerator's process, seen from the daemon: `child.Child` kept with a real one.

Nothing the child does may harm the daemon: an answer is taken only for the very order that was given, within its time;
everything else ends the child. The process contains accidents of the vendor's library. It is no sandbox.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

import numpy as np

from gateway.errors import Refused
from gateway.models.owner import check_tensors
from gateway.models.tpu import shared
from gateway.models.tpu.child import Array, TpuInfo
from gateway.models.tpu.connection import Connection
from gateway.models.tpu.errors import TpuLost
from gateway.models.tpu.protocol import Garbled, Kind, LoadOrder, Started, StartOrder, read
from gateway.wire.model_card import ModelCard, TensorSpec

_UNLOAD_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    handle: int
    inputs: tuple[TensorSpec, ...]
    area: shared.Area


class TpuChild:
    """Implements `child.Child`.

    `library` is opened in the child only; "" runs plain models on the processor there, which benchmarks and tests use.
    `options` are the library's: "device" ("usb:0"), "Performance" ("Low" to "Max").
    """

    def __init__(
        self, library: str, options: Mapping[str, str] = MappingProxyType({}), *, start_timeout_s: float = 20.0
    ) -> None:
        self._order = StartOrder(library=library, options=dict(options))
        self._start_timeout_s = start_timeout_s
        self._connection: Connection | None = None
        self._owner = 0
        self._models: dict[str, _Loaded] = {}

    @property
    def pid(self) -> int:
        return 0 if self._connection is None else self._connection.pid

    @property
    def alive(self) -> bool:
        return self._connection is not None and self._connection.alive

    def start(self) -> TpuInfo:
        if self._connection is not None:
            raise RuntimeError("a child has one life")
        begun = time.monotonic()
        self._owner = threading.get_ident()
        self._connection = Connection()
        try:
            body = self._connection.ask(Kind.START, self._start_timeout_s, body=self._order.model_dump_json().encode())
            started = read(Started, body)
        except Refused:
            self.close()
            raise
        except Garbled:
            raise self._connection.lose(TpuLost("tpu_garbled")) from None
        return TpuInfo(version=started.version, devices=started.devices, took_s=time.monotonic() - begun)

    def load(self, card: ModelCard, stream_fd: int, timeout_s: float) -> float:
        begun = time.monotonic()
        self.unload(card.id)
        inputs = (card.tpu and card.tpu.inputs) or card.inputs
        outputs = (card.tpu and card.tpu.outputs) or card.outputs
        order = LoadOrder(model=card.id, inputs=inputs, outputs=outputs)
        taken = {loaded.handle for loaded in self._models.values()}
        handle = next(free for free in count(1) if free not in taken)
        memory = shared.create(inputs, outputs)
        try:
            fds = (stream_fd, memory)
            self._running().ask(Kind.LOAD, timeout_s, handle, order.model_dump_json().encode(), fds)
            area = shared.attach(memory, inputs, outputs)
        finally:
            os.close(memory)
        self._models[card.id] = _Loaded(handle=handle, inputs=inputs, area=area)
        return time.monotonic() - begun

    def infer(self, model_id: str, inputs: Sequence[Array], timeout_s: float) -> tuple[Array, ...]:
        connection, loaded = self._running(), self._models.get(model_id)
        if loaded is None:
            raise RuntimeError("infer before load")
        check_tensors(model_id, loaded.inputs, inputs)
        for view, value in zip(loaded.area.inputs, inputs, strict=True):
            np.copyto(view, value, casting="no")
        connection.ask(Kind.INFER, timeout_s, loaded.handle)
        return tuple(view.copy() for view in loaded.area.outputs)

    def unload(self, model_id: str) -> None:
        loaded = self._models.pop(model_id, None)
        if loaded is not None:
            self._running().ask(Kind.UNLOAD, _UNLOAD_S, loaded.handle)

    def close(self) -> None:
        self._models.clear()
        if self._connection is not None:
            self._connection.close()

    def kill(self) -> None:
        if self._connection is not None:
            self._connection.kill()

    def _running(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the child was not started")
        if self._owner != threading.get_ident():
            raise RuntimeError("a child belongs to the thread that started it")
        return self._connection
