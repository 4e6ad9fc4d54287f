"""A fake accelerator, children of it and a model for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.models.tpu.process import TpuChild
from tests.native import FakeEdgeTpu
from tests.native.children import Start, Twin
from tests.native.compiled import write_twin


@pytest.fixture
def fake(tmp_path: Path) -> FakeEdgeTpu:
    return FakeEdgeTpu(tmp_path)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts children and ends them after the test."""
    started: list[TpuChild] = []

    def make(library: str, options: dict[str, str] | None = None) -> TpuChild:
        child = TpuChild(library, options or {})
        started.append(child)
        child.start()
        return child

    yield make
    for child in started:
        child.close()


@pytest.fixture
def twin(tmp_path: Path) -> Twin:
    card, _, compiled = write_twin(tmp_path)
    return card, compiled
