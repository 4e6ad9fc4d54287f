"""The contract between the accelerator's host and the process that holds it.

`gateway.models.tpu.process.TpuChild` keeps it with a real process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gateway.wire.model_card import ModelCard

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class TpuInfo:
    """`version` is what the library says of itself, `devices` the paths of what it found, `took_s` the start."""

    version: str
    devices: tuple[str, ...]
    took_s: float


class Child(Protocol):
    """One life of one process: after `TpuLost`, `kill` or `close` a new one is made.

    Every call blocks and belongs to the thread that called `start`, which has to live as long as the child does (the
    kernel ends the child with it). Only `kill`, `pid` and `alive` may be used from any thread.
    """

    @property
    def pid(self) -> int:
        """Of the process; 0 before `start`."""
        ...

    @property
    def alive(self) -> bool: ...

    def start(self) -> TpuInfo:
        """Raises `TpuLost`, or `Refused`: "tpu_library_missing", "tpu_library_wrong", "tpu_no_device", "tpu_option"."""
        ...

    def load(self, card: ModelCard, stream_fd: int, timeout_s: float) -> float:
        """Make the model of the open, already checked file ready; answers with the seconds it took.

        The tensors are `card.tpu`'s, or the card's where that names none. The descriptor stays the caller's. Raises
        `TpuLost`, `TpuFailed`: "tpu_prepare_failed", "tpu_model_refused"."""
        ...

    def infer(self, model_id: str, inputs: Sequence[Array], timeout_s: float) -> tuple[Array, ...]:
        """Fresh arrays in the types of the accelerator's tensors; see `convert` for the card's.

        Raises `TpuLost`, `TpuFailed("tpu_invoke_failed")`, `Invalid("model_input")` (wrong count, shape or dtype)."""
        ...

    def unload(self, model_id: str) -> None:
        """Free the model; nothing happens where it is not loaded. Raises `TpuLost`."""
        ...

    def close(self) -> None:
        """Let the child end in order, or by force after a moment; may be called twice and after a loss."""
        ...

    def kill(self) -> None:
        """End it now (SIGKILL): a request under way on another thread raises `TpuLost`."""
        ...
