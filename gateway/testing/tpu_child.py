"""An Edge TPU and its child process without either: what the host sees, and every way in which it goes wrong."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.errors import Refused
from gateway.models.owner import check_tensors
from gateway.models.tpu.child import TpuInfo
from gateway.models.tpu.errors import TpuFailed, TpuLost
from gateway.wire.model_card import ModelCard

Array = npt.NDArray[np.generic]
Answer = Callable[[ModelCard, Sequence[Array]], tuple[Array, ...]]

CRASHES = {"crash": "tpu_crashed", "abort": "tpu_aborted", "garble": "tpu_garbled"}
REFUSALS = {"tpu_library_missing", "tpu_library_wrong", "tpu_no_device", "tpu_option"}


class FakeTpu:
    """The device. `make` gives a child for it; `arrival` is what the host asks.

    `answer` maps a card and inputs, in the types of its accelerator tensors, to outputs; without it all outputs are
    zeros. `fault`, while set, is what happens to every run: "crash", "abort", "garble", "hang", "fail" (the run fails,
    the child lives), "prepare" (loading fails), "exit_on_load", or one of `REFUSALS` at the start.
    `release` ends a hang with a late answer. `runs` counts the answers that were made; `children` the starts.
    """

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer
        self.fault: str | None = None
        self.plugged: str | None = "usb 1-1"
        self.release = threading.Event()
        self.runs = 0
        self.children: list[FakeTpuChild] = []

    def make(self) -> "FakeTpuChild":
        self.children.append(FakeTpuChild(self))
        return self.children[-1]

    def arrival(self) -> str | None:
        return self.plugged


class FakeTpuChild:
    """Implements `gateway.models.tpu.child.Child`."""

    def __init__(self, tpu: FakeTpu) -> None:
        self._tpu = tpu
        self._cards: dict[str, ModelCard] = {}
        self._dead = threading.Event()
        self._owner = 0

    @property
    def pid(self) -> int:
        return id(self) if self._owner else 0

    @property
    def alive(self) -> bool:
        return bool(self._owner) and not self._dead.is_set()

    def start(self) -> TpuInfo:
        self._owner = threading.get_ident()
        if self._tpu.fault in REFUSALS:
            raise Refused(self._tpu.fault)
        if self._tpu.plugged is None:
            raise Refused("tpu_no_device")
        return TpuInfo(version="fake", devices=(self._tpu.plugged,), took_s=0.0)

    def load(self, card: ModelCard, stream_fd: int, timeout_s: float) -> float:  # noqa: ARG002  # never slow
        self._check()
        assert card.tpu is not None
        if Path(f"/proc/self/fd/{stream_fd}").stat().st_size != card.tpu.file.bytes:
            raise TpuFailed("tpu_model_refused", model=card.id)
        if self._tpu.fault == "exit_on_load":
            self._die("tpu_exited")
        if self._tpu.fault == "prepare":
            raise TpuFailed("tpu_prepare_failed", model=card.id)
        self._cards[card.id] = card
        return 0.0

    def infer(self, model_id: str, inputs: Sequence[Array], timeout_s: float) -> tuple[Array, ...]:
        self._check()
        card = self._cards.get(model_id)
        if card is None:
            raise RuntimeError("infer before load")
        assert card.tpu is not None
        check_tensors(model_id, card.tpu.inputs or card.inputs, inputs)
        match self._tpu.fault:
            case "crash" | "abort" | "garble" as fault:
                self._die(CRASHES[fault])
            case "hang":
                self._hang(timeout_s)
            case "fail":
                raise TpuFailed("tpu_invoke_failed", model=model_id)
        if self._tpu.plugged is None:
            raise TpuFailed("tpu_invoke_failed", model=model_id)
        self._tpu.runs += 1
        if self._tpu.answer is not None:
            return self._tpu.answer(card, inputs)
        return tuple(np.zeros(spec.shape, spec.dtype) for spec in card.tpu.outputs or card.outputs)

    def unload(self, model_id: str) -> None:
        self._check()
        self._cards.pop(model_id, None)

    def close(self) -> None:
        self._dead.set()

    def kill(self) -> None:
        self._dead.set()
        self._tpu.release.set()

    def _check(self) -> None:
        if self._owner != threading.get_ident():
            raise RuntimeError("a child belongs to the thread that started it")
        if self._dead.is_set():
            raise TpuLost("tpu_exited")

    def _die(self, key: str) -> None:
        self._dead.set()
        raise TpuLost(key)

    def _hang(self, timeout_s: float) -> None:
        if not self._tpu.release.wait(timeout_s):
            self._die("tpu_hung")
        self._check()
