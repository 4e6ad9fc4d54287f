"""What tests of the accelerator's process share."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.models.tpu.child import Child
from gateway.models.tpu.errors import TpuFailed
from gateway.models.tpu.process import TpuChild
from gateway.wire.model_card import ModelCard

PATIENCE_S = 10.0
"""More than anything takes on a loaded machine; nothing waits so long when all is well."""

Start = Callable[..., TpuChild]
Twin = tuple[ModelCard, Path]
"""A card and its file for the accelerator."""


def load(child: Child, card: ModelCard, file: Path, timeout_s: float = PATIENCE_S) -> float:
    with file.open("rb") as stream:
        return child.load(card, stream.fileno(), timeout_s)


def soon(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def gone(pid: int, patience_s: float = PATIENCE_S) -> bool:
    """Whether the process ends in time; one that nobody has waited for yet has ended too."""
    return soon(lambda: _ended(pid), patience_s)


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.key


def failure(call: Callable[[], object]) -> str:
    with pytest.raises(TpuFailed) as caught:
        call()
    return caught.value.key
