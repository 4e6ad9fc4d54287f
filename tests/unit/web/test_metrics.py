"""/metrics, read as a real Prometheus reads it; and who may read it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.errors import Transient
from gateway.flow.board import Board, Counters
from gateway.flow.lag import Lag
from gateway.flow.meters import Meters
from gateway.testing.clock import FakeClock
from gateway.types import Level, State
from gateway.web.parts import StreamView
from gateway.wire.exposition import Family, exposition
from gateway.wire.summary import Stream
from tests.unit.web.conftest import Page, house

TOKEN = "a-token-that-nobody-guesses"

Sample = tuple[str, tuple[tuple[str, str], ...]]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def parsed(text: str) -> dict[Sample, float]:
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, "each sample once"
            found[key] = sample.value
    return found


def at(name: str, /, **labels: str) -> Sample:
    return (f"hearthgate_{name}", tuple(sorted(labels.items())))


async def scrape(page: Page) -> Mapping[Sample, float]:
    answer = await page.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(await answer.text())


async def test_an_idle_gateway_tells_its_version_and_its_own_cost(clock: FakeClock) -> None:
    async with house(clock) as page:
        found = await scrape(page)
    assert found[at("info", version="1.2.3")] == 1
    assert found[at("process_resident_bytes")] > 1 << 20
    assert found[at("process_cpu_seconds_total")] > 0
    assert {name for name, _ in found} == {
        "hearthgate_info",
        "hearthgate_process_resident_bytes",
        "hearthgate_process_cpu_seconds_total",
    }


class FakeUplink:
    broken = False

    async def streams(self) -> Sequence[StreamView]:
        if self.broken:
            raise Transient("disk_io")
        waits = StreamView(stream=Stream.EVENTS, enabled=True, priority=5, rows=7, bytes=70, oldest_s=90.5)
        return [waits, StreamView(stream=Stream.DROPS, enabled=True, priority=0)]


async def test_what_waits_to_leave_is_told_and_for_how_long(clock: FakeClock) -> None:
    uplink = FakeUplink()
    async with house(clock, uplink=uplink) as page:
        found = await scrape(page)
        uplink.broken = True
        without = await scrape(page)
    assert found[at("uplink_waiting", stream="events")] == 7
    assert found[at("uplink_waiting", stream="drops")] == 0
    assert found[at("uplink_oldest_seconds", stream="events")] == 90.5
    assert at("uplink_oldest_seconds", stream="drops") not in found
    assert at("uplink_waiting", stream="events") not in without
    assert at("info", version="1.2.3") in without, "a broken disk hides no other number"


async def test_counts_and_states_are_told_by_their_names(clock: FakeClock) -> None:
    board, counters = Board(), Counters()
    counters.add("camera.garden.frames", 18_220)
    counters.add('odd "name"\\with\nall of it')
    board.report(State(part="camera/door", level=Level.DOWN, key="camera_unreachable", detail="no route"))
    async with house(clock, board=board, counters=counters) as page:
        found = await scrape(page)
    assert found[at("count_total", name="camera.garden.frames")] == 18_220
    assert found[at("count_total", name='odd "name"\\with\nall of it')] == 1
    assert found[at("state", part="camera/door", level="down", key="camera_unreachable")] == 1


async def test_inference_is_told_by_model_and_backend(clock: FakeClock) -> None:
    meters = Meters()
    for _ in range(10):
        meters.took("blazeface", "tpu", took_s=0.004, waited_s=0.001)
    meters.took("blazeface", "cpu", took_s=0.03)
    meters.failed("blazeface", "tpu", "tpu_lost")
    async with house(clock, meters=meters) as page:
        found = await scrape(page)
    tpu = {"model": "blazeface", "backend": "tpu"}
    assert found[at("inference_seconds_count", **tpu)] == 10
    assert found[at("inference_seconds_sum", **tpu)] == pytest.approx(0.04)
    assert found[at("inference_seconds", **tpu, quantile="0.95")] == 0.004
    assert found[at("inference_wait_seconds", **tpu, quantile="0.5")] == 0.001
    assert found[at("inference_errors_total", **tpu)] == 1
    assert found[at("inference_seconds", model="blazeface", backend="cpu", quantile="0.5")] == 0.03


@pytest.mark.parametrize("key", ["tpu", "cpu", "off"])
async def test_exactly_one_state_of_the_accelerator_is_1(clock: FakeClock, key: str) -> None:
    board = Board()
    board.report(State(part="accelerator", level=Level.OK, key=key))
    async with house(clock, board=board) as page:
        found = await scrape(page)
    assert {state: found[at("accelerator", state=state)] for state in ("tpu", "cpu", "off")} == {
        state: float(state == key) for state in ("tpu", "cpu", "off")
    }


async def test_heat_and_lag_are_told_where_they_are_known(clock: FakeClock) -> None:
    lag = Lag(clock)
    lag._late_s.extend([0.001] * 98 + [0.5] * 2)
    async with house(clock, lag=lag, heat=lambda: {"cpu-thermal": 48.5}) as page:
        found = await scrape(page)
    assert found[at("temperature_celsius", sensor="cpu-thermal")] == 48.5
    assert found[at("loop_lag_seconds", quantile="0.5")] == 0.001
    assert found[at("loop_lag_seconds", quantile="0.99")] == 0.5


def test_numbers_that_are_none_and_odd_labels_survive() -> None:
    samples = [
        ("", {"at": odd}, value) for odd, value in (("nan", float("nan")), ("inf", float("inf")), ("\\n", -1e-9))
    ]
    text = exposition([Family(name="odd", kind="gauge", help="two\nlines \\ and more", samples=samples)])
    found = parsed(text)
    assert found["odd", (("at", "inf"),)] == float("inf")
    assert found["odd", (("at", "nan"),)] != found["odd", (("at", "nan"),)]
    assert found["odd", (("at", "\\n"),)] == -1e-9


async def test_a_program_needs_the_token(clock: FakeClock) -> None:
    async with house(clock, metrics_token=TOKEN) as page:
        page.http.cookie_jar.clear()
        assert (await page.get("/metrics", headers=bearer(TOKEN))).status == 200
        assert (await page.get("/metrics", headers={"Authorization": f"bearer  {TOKEN} "})).status == 200
        for headers, key in (
            ({}, "login_needed"),
            ({"Authorization": f"Basic {TOKEN}"}, "login_needed"),
            (bearer(TOKEN[:-1]), "token_wrong"),
            (bearer(""), "token_wrong"),
            (bearer("\udcff"), "token_wrong"),
        ):
            answer = await page.get("/metrics", headers=headers)
            assert (answer.status, (await answer.json())["key"]) == (401, key)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await page.get("/api/v1/states", headers=bearer(TOKEN))).status == 401


async def test_without_a_token_only_who_is_signed_in_may_read(clock: FakeClock) -> None:
    async with house(clock) as page:
        assert (await page.get("/metrics")).status == 200
        page.http.cookie_jar.clear()
        for headers in ({}, bearer(""), bearer("None")):
            assert (await page.get("/metrics", headers=headers)).status == 401


async def test_wrong_tokens_are_limited_and_right_ones_are_not(clock: FakeClock) -> None:
    async with house(clock, metrics_token=TOKEN) as page:
        page.http.cookie_jar.clear()

        async def status(token: str) -> Any:
            return (await page.get("/metrics", headers=bearer(token))).status

        assert [await status(TOKEN) for _ in range(50)] == [200] * 50
        assert [await status("wrong") for _ in range(6)] == [401] * 5 + [429]
        assert await status(TOKEN) == 429, "else guessing would not be slowed"
        await clock.advance(31)
        assert await status(TOKEN) == 200
