import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import pytest

from gateway.errors import Invalid, SourceLost
from gateway.flow.board import Board, Counters
from gateway.sources.mqtt_sensors import MqttSensorSource, SensorSpec
from gateway.testing.clock import FakeClock
from gateway.testing.link import FakeMqttLink
from gateway.types import Quality, Quantity, Reading


class Bench:
    """A source on a fake link and a fake clock."""

    def __init__(self, *sensors: SensorSpec) -> None:
        self.link = FakeMqttLink()
        self.clock = FakeClock()
        self.board = Board()
        self.counters = Counters()
        self.source = MqttSensorSource(
            self.link, sensors, clock=self.clock, report=self.board.report, counters=self.counters
        )

    async def readings(self, stream: AsyncGenerator[Reading, None], count: int) -> list[Reading]:
        return [await asyncio.wait_for(anext(stream), 5) for _ in range(count)]

    def key(self, part: str) -> str:
        return self.board.all()[part].key


def spec(
    quantity: Quantity = Quantity.TEMPERATURE,
    topic: str = "t",
    *,
    json_path: str | None = None,
    unit: str = "",
    max_age_s: float | None = None,
    max_step: float | None = None,
) -> SensorSpec:
    return SensorSpec(
        device="hall",
        quantity=quantity,
        topic=topic,
        json_path=json_path,
        unit=unit,
        max_age_s=max_age_s,
        max_step=max_step,
    )


async def first(bench: Bench, *injected: tuple[str, bytes | str], count: int = 1) -> list[Reading]:
    """The first `count` readings after `injected`."""
    async with aclosing(bench.source.stream()) as stream:
        task = asyncio.ensure_future(bench.readings(stream, count))
        await until(lambda: bench.link.inboxes)
        for topic, payload in injected:
            bench.link.inject(topic, payload)
        return await task


async def test_plain_text_in_fahrenheit_becomes_a_good_reading_in_celsius() -> None:
    bench = Bench(spec(unit="°F"))
    (reading,) = await first(bench, ("t", "68.0"))
    assert (reading.device, reading.quantity, reading.unit) == ("hall", Quantity.TEMPERATURE, "degC")
    assert reading.value == pytest.approx(20.0)
    assert (reading.quality, reading.stamp) == (Quality.GOOD, bench.clock.now())
    assert bench.key("sensor/hall/temperature") == "running"


async def test_one_json_message_feeds_several_quantities() -> None:
    bench = Bench(
        spec(topic="z", json_path="AM2301.Temperature"), spec(Quantity.HUMIDITY, "z", json_path="AM2301.Humidity")
    )
    readings = await first(bench, ("z", '{"AM2301": {"Temperature": 21.5, "Humidity": 44}}'), count=2)
    assert [(r.quantity, r.value) for r in readings] == [(Quantity.TEMPERATURE, 21.5), (Quantity.HUMIDITY, 44.0)]


@pytest.mark.parametrize(("payload", "value"), [("ON", 1.0), ("off", 0.0), ("open", 1.0), ("true", 1.0), ("0", 0.0)])
async def test_booleans(payload: str, value: float) -> None:
    (reading,) = await first(Bench(spec(Quantity.CONTACT)), ("t", payload))
    assert (reading.value, reading.unit) == (value, "bool")


async def test_json_booleans() -> None:
    (reading,) = await first(Bench(spec(Quantity.OCCUPANCY, json_path="occupancy")), ("t", '{"occupancy": true}'))
    assert reading.value == 1.0


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b"\xff\xfe", "payload_not_utf8"),
        (b"x" * 1_000_000, "payload_too_large"),
        (b"nan", "not_finite"),
        (b"inf", "not_finite"),
        (b"warm", "not_a_number"),
        (b"70 lx", "unit_wrong"),
        (b"70 \xc2\xb0F", "unit_wrong"),
        (b"", "payload_empty"),
    ],
)
async def test_nonsense_is_counted_by_reason_and_stops_nothing(
    payload: bytes, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(spec())
    with caplog.at_level(logging.WARNING):
        (reading,) = await first(bench, ("t", payload), ("t", payload), ("t", "21 °C"))
    assert reading.value == 21.0
    assert bench.counters.get(f"sensor.invalid.{key}") == 2
    assert len([record for record in caplog.records if key in record.getMessage()]) == 1


async def test_json_nonsense_is_counted_by_reason() -> None:
    bench = Bench(spec(json_path="a.b"))
    await first(bench, ("t", "{"), ("t", '{"a": 1}'), ("t", '{"a": {"b": true}}'), ("t", '{"a": {"b": 1}}'))
    counts = bench.counters.all()
    assert {name: n for name, n in counts.items() if "invalid" in name} == {
        "sensor.invalid.payload_not_json": 1,
        "sensor.invalid.path_missing": 1,
        "sensor.invalid.wrong_type": 1,
    }


async def test_an_implausible_value_is_suspect() -> None:
    bench = Bench(spec())
    (reading,) = await first(bench, ("t", "-127"))
    assert reading.quality is Quality.SUSPECT
    assert bench.key("sensor/hall/temperature") == "sensor_implausible"


async def test_one_outlier_is_suspect_but_a_real_jump_is_believed_from_its_second_message() -> None:
    bench = Bench(spec(max_step=3.0))
    sent = ["20", "30", "20.5", "10", "9.5"]
    readings = await first(bench, *(("t", value) for value in sent), count=5)
    assert [r.quality.value for r in readings] == ["good", "suspect", "good", "suspect", "good"]


async def test_a_silent_sensor_is_told_stale_once_with_its_last_value() -> None:
    bench = Bench(spec(max_age_s=60.0))
    async with aclosing(bench.source.stream()) as stream:
        first_two = asyncio.ensure_future(bench.readings(stream, 2))
        await until(lambda: bench.link.inboxes)
        bench.link.inject("t", "21")
        await until(lambda: bench.counters.get("sensor.readings"))
        heard = bench.clock.now()
        await _pass(bench, 62)
        good, stale = await first_two
        assert (good.quality, stale.quality) == (Quality.GOOD, Quality.STALE)
        assert (stale.value, stale.stamp) == (21.0, heard)
        assert bench.key("sensor/hall/temperature") == "sensor_silent"
        third = asyncio.ensure_future(bench.readings(stream, 1))
        await _pass(bench, 300)
        assert not third.done()
        bench.link.inject("t", "22")
        assert [r.quality for r in await third] == [Quality.GOOD]
    assert bench.counters.get("sensor.silent") == 1


async def test_a_sensor_that_never_spoke_becomes_a_named_state() -> None:
    bench = Bench(spec(max_age_s=60.0), spec(Quantity.HUMIDITY, "h"))
    async with aclosing(bench.source.stream()) as stream:
        waiting = asyncio.ensure_future(bench.readings(stream, 1))
        await until(lambda: bench.link.inboxes)
        await _pass(bench, 62)
        assert bench.key("sensor/hall/temperature") == "sensor_silent"
        assert bench.key("sensor/hall/humidity") == "waiting"
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_retained_value_is_stale_until_a_live_one_comes_and_no_news_afterwards() -> None:
    bench = Bench(spec())
    async with aclosing(bench.source.stream()) as stream:
        task = asyncio.ensure_future(bench.readings(stream, 3))
        await until(lambda: bench.link.inboxes)
        bench.link.inject("t", "21", retained=True)
        bench.link.inject("t", "21")
        bench.link.inject("t", "21", retained=True)
        bench.link.inject("t", "25", retained=True)
        readings = await task
    assert [(r.value, r.quality.value) for r in readings] == [(21.0, "stale"), (21.0, "good"), (25.0, "stale")]
    assert bench.counters.get("sensor.repeated") == 1


async def test_a_closed_subscription_is_a_lost_source() -> None:
    bench = Bench(spec())
    async with aclosing(bench.source.stream()) as stream:
        task = asyncio.ensure_future(bench.readings(stream, 1))
        await until(lambda: bench.link.inboxes)
        bench.link.inboxes[0].close()
        with pytest.raises(SourceLost, match="subscription_closed"):
            await task


async def test_closing_the_stream_closes_the_subscription() -> None:
    bench = Bench(spec())
    await first(bench, ("t", "21"))
    assert bench.link.inboxes[0].closed


@pytest.mark.parametrize(("topic", "unit", "key"), [("a/#", "", "topic_wrong"), ("t", "lx", "unit_wrong")])
def test_a_wrong_specification_is_refused_at_the_door(topic: str, unit: str, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        spec(topic=topic, unit=unit)
    assert caught.value.key == key


async def until(condition: Callable[[], object]) -> None:
    """Let the others run until `condition` holds."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never held")


async def _pass(bench: Bench, seconds: int) -> None:
    """Time goes by second by second, and everybody gets to act on it."""
    for _ in range(seconds):
        await bench.clock.advance(1.0)
        for _ in range(6):
            await asyncio.sleep(0)
