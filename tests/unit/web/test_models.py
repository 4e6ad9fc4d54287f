"""GET /models: what a person may want to know of the models at work."""

from typing import Any

from gateway.flow.board import Board
from gateway.flow.meters import Meters
from gateway.testing.clock import FakeClock
from gateway.types import Level, State
from gateway.web.parts import ModelView
from tests.unit.web.conftest import Page, house
from tests.unit.web.fakes import FakeModels


async def read(page: Page) -> Any:
    answer = await page.get("/api/v1/models")
    assert answer.status == 200
    return await answer.json()


async def test_a_gateway_without_models_has_none(clock: FakeClock) -> None:
    async with house(clock) as page:
        assert await read(page) == {"models": [], "accelerator": None, "temperatures": {}}


async def test_each_version_tells_of_the_backend_that_answers_now(clock: FakeClock) -> None:
    meters = Meters()
    meters.took("faces", "tpu", took_s=0.0041, waited_s=0.0005)
    meters.took("faces", "cpu", took_s=0.03)
    meters.failed("faces", "tpu", "tpu_lost")
    meters.took("faces@8", "cpu", took_s=0.02)
    models = FakeModels(
        ModelView(id="faces", version="7", role="face_detector", backend="tpu"),
        ModelView(id="faces", version="8", role="face_detector", phase="shadow", metered="faces@8"),
        ModelView(id="new", version="1", role="motion"),
    )
    async with house(clock, models=models, meters=meters) as page:
        serving, shadow, unused = (await read(page))["models"]
    assert serving == {
        "id": "faces",
        "version": "7",
        "role": "face_detector",
        "phase": "serving",
        "backend": "tpu",
        "count": 1,
        "p50_ms": 4.1,
        "p95_ms": 4.1,
        "wait_p95_ms": 0.5,
        "errors": 1,
        "last_error": "tpu_lost",
    }
    assert (shadow["version"], shadow["phase"], shadow["p50_ms"], shadow["errors"]) == ("8", "shadow", 20.0, 0)
    assert (unused["count"], unused["p50_ms"], unused["last_error"]) == (0, 0.0, "")


async def test_the_accelerator_and_the_heat_are_told(clock: FakeClock) -> None:
    board = Board()
    state = State(part="accelerator", level=Level.DEGRADED, key="cpu", detail="the TPU is gone", since=clock.now())
    board.report(state)
    async with house(clock, board=board, heat=lambda: {"cpu-thermal": 51.26}) as page:
        found = await read(page)
    assert found["accelerator"]["key"] == "cpu"
    assert found["accelerator"]["since"].startswith("2026-01-01T12:00:00")
    assert found["temperatures"] == {"cpu-thermal": 51.3}
