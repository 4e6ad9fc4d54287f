"""The real process on a real Mosquitto."""

import asyncio
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.simhouse.faults import NONSENSE
from tests.integration.mosquitto import Mosquitto
from tests.services.simhouse.bench import listener, simhouse

pytestmark = pytest.mark.integration


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


async def test_it_announces_tells_and_obeys(broker: Mosquitto, tmp_path: Path) -> None:
    async with listener(broker) as heard, simhouse(broker, tmp_path, "--speed", "600"):
        await heard.until_last("simhouse/hall/status", b"online")
        await heard.until_last("simhouse/hall/lamp/state", b"OFF")
        assert len([topic for topic, _, _ in heard.heard if topic.endswith("/config")]) == 7
        await heard.say("simhouse/hall/lamp/set", "ON")
        await heard.until_last("simhouse/hall/lamp/state", b"ON")
        answers = heard.count("simhouse/hall/lamp/state", b"ON")
        await heard.say("simhouse/hall/lamp/set", "ON")
        await heard.until(lambda: heard.count("simhouse/hall/lamp/state", b"ON") > answers)
        await heard.say("simhouse/hall/lamp/brightness/set", "17")
        await heard.until_last("simhouse/hall/lamp/brightness/state", b"17")
        await heard.say("simhouse/hall/heater/set", "ON")
        await heard.until_last("simhouse/hall/heater/power", b"1500.0")
        await heard.until(lambda: _temperature(heard.last("simhouse/hall/temperature/state")) > 20.0)


async def test_states_are_retained_and_measurements_are_not(broker: Mosquitto, tmp_path: Path) -> None:
    async with simhouse(broker, tmp_path):
        async with listener(broker) as first:
            await first.until(lambda: first.last("simhouse/hall/temperature/state"))
        async with listener(broker) as second:
            await second.until(lambda: second.last("simhouse/hall/temperature/state"))
            retained = {topic for topic, _, was_retained in second.heard if was_retained}
    assert {t for t in retained if t.startswith("simhouse/")} == {
        f"simhouse/hall/{name}"
        for name in ("status", "lamp/state", "lamp/brightness/state", "door/state", "motion/state", "heater/state")
    }


async def test_a_retained_command_is_ignored(broker: Mosquitto, tmp_path: Path) -> None:
    async with listener(broker) as heard:
        await heard.say("simhouse/hall/lamp/set", "ON", retain=True)
        async with simhouse(broker, tmp_path):
            await heard.until_last("simhouse/hall/lamp/state", b"OFF")
            await heard.say("simhouse/hall/heater/set", "ON")
            await heard.until_last("simhouse/hall/heater/state", b"ON")
            assert heard.last("simhouse/hall/lamp/state") == b"OFF"


async def test_sigterm_says_offline_and_a_kill_leaves_it_to_the_will(broker: Mosquitto, tmp_path: Path) -> None:
    async with listener(broker, "simhouse/hall/status") as heard:
        async with simhouse(broker, tmp_path) as process:
            await heard.until_last("simhouse/hall/status", b"online")
        assert process.returncode == 0
        await heard.until_last("simhouse/hall/status", b"offline")
        async with simhouse(broker, tmp_path) as process:
            await heard.until_last("simhouse/hall/status", b"online")
            process.send_signal(signal.SIGKILL)
            await heard.until_last("simhouse/hall/status", b"offline")


async def test_it_comes_back_after_the_broker_was_killed(broker: Mosquitto, tmp_path: Path) -> None:
    async with simhouse(broker, tmp_path):
        async with listener(broker) as heard:
            await heard.until_last("simhouse/hall/lamp/state", b"OFF")
            await heard.say("simhouse/hall/lamp/set", "ON")
            await heard.until_last("simhouse/hall/lamp/state", b"ON")
        broker.kill()
        await asyncio.to_thread(broker.start)
        async with listener(broker) as heard:
            await heard.until_last("simhouse/hall/status", b"online")
            await heard.until_last("simhouse/hall/lamp/state", b"ON")


async def test_home_assistants_birth_message_brings_everything_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with listener(broker) as heard, simhouse(broker, tmp_path):
        await heard.until_last("simhouse/hall/heater/state", b"OFF")
        told = heard.count("simhouse/hall/heater/state", b"OFF")
        await heard.say("homeassistant/status", "online")
        await heard.until(lambda: heard.count("simhouse/hall/heater/state", b"OFF") > told)


async def test_devices_can_be_broken_and_mended(broker: Mosquitto, tmp_path: Path) -> None:
    arguments = ("--mute", "lamp", "--nonsense", "temperature")
    async with listener(broker) as heard, simhouse(broker, tmp_path, *arguments):
        await heard.until(lambda: heard.last("simhouse/hall/temperature/state") in NONSENSE)
        await heard.say("simhouse/hall/lamp/set", "ON")
        await heard.say("simhouse/hall/heater/set", "ON")
        await heard.until_last("simhouse/hall/heater/state", b"ON")
        assert heard.last("simhouse/hall/lamp/state") is None
        await heard.say("simhouse/hall/lamp/fault", "none")
        await heard.say("simhouse/hall/temperature/fault", "none")
        await heard.say("simhouse/hall/lamp/set", "ON")
        await heard.until_last("simhouse/hall/lamp/state", b"ON")
        await heard.until(lambda: heard.last("simhouse/hall/temperature/state") == b'{"temperature": 19.0}')


async def test_the_password_is_in_no_argument(broker: Mosquitto, tmp_path: Path) -> None:
    async with listener(broker) as heard, simhouse(broker, tmp_path) as process:
        await heard.until_last("simhouse/hall/status", b"online")
        arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert b"services.simhouse" in arguments
    assert broker.password.encode() not in arguments


def _temperature(payload: bytes | None) -> float:
    return 0.0 if payload is None else float(json.loads(payload)["temperature"])
