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


def gone(pid: int) -> bool:
    """Within the time a loaded machine may take; a zombie of somebody else's is gone too."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.key


def failure(call: Callable[[], object]) -> str:
    with pytest.raises(TpuFailed) as caught:
        call()
    return caught.value.key
