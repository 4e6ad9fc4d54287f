"""Nonsense from outside, at a running gateway: each is named and counted, and nothing else stops."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .corridor import Gateway, Listener, configure, wait_for
from .mosquitto import PASSWORD, USER, Mosquitto

pytestmark = pytest.mark.integration

TOPIC = "odd/hall"
LAMP = {
    "name": "lamp",
    "kind": "lamp",
    "command_topic": "simhouse/hall/lamp/set",
    "state_topic": "simhouse/hall/lamp/state",
}
SENSOR = {"device": "hall", "quantity": "temperature", "topic": TOPIC, "json_path": "t", "unit": "degF"}
RULE = {
    "name": "Hot",
    "when": {"reading": "temperature", "device": "hall", "above": 30},
    "then": [{"switch": {"target": "lamp", "on": True}}],
}
NOT_TEXT = [b"\xff\xfe\x00", b"\x01", b"x" * 1_000_000]
NOT_A_TEMPERATURE = [b'{"t": NaN}', b'{"t": "warm"}', b"[]", b"{", b'{"t": "90 kWh"}']


def publish(broker: Mosquitto, topic: str, payload: bytes, *more: str) -> None:
    command = ["mosquitto_pub", "-p", str(broker.port), "-u", USER, "-P", PASSWORD, "-t", topic, "-q", "1", "-s", *more]
    subprocess.run(command, input=payload, check=True)


def health(listener: Listener, part: str) -> dict[str, Any]:
    """The state of a part as last published; empty before that."""
    start = f"hearthgate/test/health/{part} "
    told = [line.removeprefix(start) for line in listener.lines if line.startswith(start)]
    state: dict[str, Any] = json.loads(told[-1]) if told else {}
    return state


@pytest.mark.usefixtures("house")
def test_odd_payloads_a_missing_model_and_a_missing_clip_stop_nothing(
    tmp_path: Path, broker: Mosquitto, listener: Listener
) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    config = configure(
        folder,
        mqtt={"host": "127.0.0.1", "port": broker.port, "credential": "broker"},
        models={"directory": "no-models"},
        cameras=[{"name": "gone", "file": "gone.mp4", "faces": True}],
        sensors=[SENSOR],
        devices=[LAMP],
        rules=[RULE],
    )
    with Gateway(config) as gateway:
        wait_for(lambda: health(listener, "broker").get("key") == "running", "the gateway is on the broker")
        assert wait_for(lambda: health(listener, "faces"), "the state of faces")["key"] == "model_missing"
        assert wait_for(lambda: health(listener, "camera/gone"), "the camera's state")["level"] == "down"
        for payload in NOT_TEXT + NOT_A_TEMPERATURE:
            publish(broker, TOPIC, payload)
        publish(broker, "simhouse/hall/lamp/state", b"\xff\xfe", "-r")
        publish(broker, "homeassistant/status", b"\x00\x01")
        assert not listener.heard("simhouse/hall/lamp/set ON")
        publish(broker, TOPIC, b'{"t": 104}')
        wait_for(lambda: listener.heard("simhouse/hall/lamp/set ON"), "40 degC switch the lamp")
        wait_for(lambda: listener.heard("simhouse/hall/lamp/state ON"), "and it answers")
        assert gateway.process.poll() is None
        assert gateway.stop() == 0
    assert "Traceback" not in gateway.output


@pytest.mark.usefixtures("house")
def test_retained_readings_do_not_trigger_rules_after_a_start(
    tmp_path: Path, broker: Mosquitto, listener: Listener
) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    publish(broker, TOPIC, b'{"t": 104}', "-r")
    config = configure(
        folder,
        mqtt={"host": "127.0.0.1", "port": broker.port, "credential": "broker"},
        sensors=[SENSOR],
        devices=[LAMP],
        rules=[RULE],
    )
    with Gateway(config) as gateway:
        wait_for(lambda: health(listener, "sensor/hall/temperature").get("key") == "only_retained", "it was read")
        assert not listener.heard("simhouse/hall/lamp/set ON")
        publish(broker, TOPIC, b'{"t": 105}')
        wait_for(lambda: listener.heard("simhouse/hall/lamp/set ON"), "a live value counts")
        assert gateway.stop() == 0
