"""The accelerator's process and its fake keep the same promises."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gateway.models.tpu.process import TpuChild
from gateway.testing.conformance_child import check_child
from gateway.testing.tpu_child import FakeTpu, FakeTpuChild
from gateway.wire.model_card import ModelCard
from tests.models.tiny import tiny_model
from tests.native import FakeEdgeTpu
from tests.native.compiled import write_twin


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other"
    path.write_bytes(tiny_model())
    return path


@pytest.mark.parametrize("quantised", [False, True])
def test_the_real_process_keeps_the_promises(quantised: bool, tmp_path: Path, other: Path) -> None:
    library = FakeEdgeTpu(tmp_path).library
    card, _, file = write_twin(tmp_path, quantised=quantised)
    check_child(lambda: TpuChild(library), card, file, other)


@pytest.mark.parametrize("quantised", [False, True])
def test_its_fake_keeps_them_too(quantised: bool, tmp_path: Path, other: Path) -> None:
    card, _, file = write_twin(tmp_path, quantised=quantised)
    check_child(FakeTpu().make, card, file, other)


def test_a_child_that_breaks_a_promise_is_found(tmp_path: Path, other: Path) -> None:
    kept: list[npt.NDArray[np.generic]] = []

    def sloppy(card: ModelCard, inputs: Sequence[npt.NDArray[np.generic]]) -> tuple[npt.NDArray[np.generic], ...]:
        kept[:] = kept or [np.zeros(spec.shape, spec.dtype) for spec in card.outputs]
        for output in kept:
            np.copyto(output, np.sum(np.asarray(inputs[0], np.float32)), casting="unsafe")
        return tuple(kept)

    card, _, file = write_twin(tmp_path)
    with pytest.raises(AssertionError, match="does not change"):
        check_child(lambda: FakeTpuChild(FakeTpu(sloppy)), card, file, other)
