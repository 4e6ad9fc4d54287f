"""The template runs, so that what people copy works."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from gateway.flow.supervise import supervise
from gateway.sources._template.thermometer import Thermometer
from gateway.testing.clock import FakeClock
from gateway.testing.conformance_source import check_closes, check_failure
from gateway.types import State


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "temp"
    file.write_text("41500\n")
    return file


def thermometer(file: Path, clock: FakeClock) -> Thermometer:
    return Thermometer(name="cpu", file=file, every_s=10.0, clock=clock)


async def test_a_reading_each_ten_seconds(file: Path) -> None:
    clock = FakeClock(auto=True)
    async with aclosing(thermometer(file, clock).stream()) as readings:
        first = await anext(readings)
        file.write_text("42000\n")
        second = await anext(readings)
    assert (first.value, second.value, first.unit) == (41.5, 42.0, "degC")
    assert second.stamp.seconds_since(first.stamp) == 10


async def test_it_keeps_what_every_source_keeps(file: Path) -> None:
    await check_closes(lambda: thermometer(file, FakeClock(auto=True)), open_now=lambda: 0)


@pytest.mark.parametrize(("text", "key"), [(None, "sensor_missing"), ("hot", "sensor_unreadable")])
async def test_what_goes_wrong_has_a_name(file: Path, text: str | None, key: str) -> None:
    file.unlink() if text is None else file.write_text(text)
    await check_failure(thermometer(file, FakeClock()), key, open_now=lambda: 0)


async def test_it_comes_back_under_supervision(file: Path) -> None:
    clock, states = FakeClock(auto=True), list[State]()
    file.unlink()

    def report(state: State) -> None:
        states.append(state)
        file.write_text("40000\n")

    readings = supervise(thermometer(file, clock), "sensor/cpu", clock=clock, report=report)
    assert isinstance(readings, AsyncGenerator)
    async with aclosing(readings):
        reading = await anext(readings)
    assert reading.value == 40.0
    assert [state.key for state in states] == ["sensor_missing"]
