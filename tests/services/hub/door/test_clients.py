"""Clients that others wrote, at our door."""

import asyncio
import shutil
import subprocess

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from services.hub.ingest.words import Answer

from .house import TOKEN, WAIT_S, Paho, entrance

VERSIONS = [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_publishes_subscribes_and_is_told(version: MQTTProtocolVersion) -> None:
    async with entrance() as here, Paho(here.door.port, version) as client, asyncio.timeout(WAIT_S):
        assert await client.connected == "Success"
        client.client.subscribe([("gw/v1/home1/receipt", 1), ("gw/v1/home2/receipt", 1), ("gw/v1/+/receipt", 0)])
        refused = 0x87 if version is MQTTProtocolVersion.MQTTv5 else 0x80
        assert await client.subscribed.get() == [0, refused, refused]
        client.client.publish("gw/v1/home1/s/presence", b"one", qos=1)
        assert await client.acknowledged.get() == 0
        here.exchange.publish(Answer(topic="gw/v1/home1/receipt", payload=b"{}"))
        assert await client.heard.get() == ("gw/v1/home1/receipt", b"{}", False)
        assert [(a.topic, a.payload, a.gateway) for a in here.intake.arrivals] == [
            ("gw/v1/home1/s/presence", b"one", "home1")
        ]


@pytest.mark.parametrize("version", VERSIONS)
async def test_nothing_is_acknowledged_before_it_is_taken(version: MQTTProtocolVersion) -> None:
    async with entrance() as here, Paho(here.door.port, version) as client, asyncio.timeout(WAIT_S):
        here.intake.prompt = False
        client.client.publish("gw/v1/home1/s/presence", b"one", qos=1)
        client.client.publish("gw/v1/home1/s/presence", b"two", qos=1)
        await here.intake.have(2)
        here.intake.pending[1].set_result(None)  # the later one first: it must wait for its elder
        client.client.subscribe("gw/v1/home1/notice")
        await client.subscribed.get()
        assert client.acknowledged.empty()
        here.intake.pending[0].set_result(None)
        assert [await client.acknowledged.get() for _ in range(2)] == [0, 0]


async def test_a_reason_is_told_for_what_will_never_be_taken() -> None:
    async with entrance() as here, Paho(here.door.port, VERSIONS[0]) as client, asyncio.timeout(WAIT_S):
        here.intake.keys = {b"foreign": "topic_foreign", b"nonsense": "payload_not_json"}
        client.client.publish("gw/v1/home2/s/presence", b"foreign", qos=1)
        assert await client.acknowledged.get() == 0x87
        client.client.publish("gw/v1/home1/s/presence", b"nonsense", qos=1)
        assert await client.acknowledged.get() == 0x99


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_wrong_token_is_not_let_in(version: MQTTProtocolVersion) -> None:
    async with entrance() as here, Paho(here.door.port, version, token="guess") as client:
        assert await client.connected == "Bad user name or password"
        assert here.turned_away["credentials_wrong"] >= 1
        assert not here.intake.arrivals


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_is_wanted_of_a_home_waits_for_its_subscription(version: MQTTProtocolVersion) -> None:
    async with entrance() as here, Paho(here.door.port, version) as client, asyncio.timeout(WAIT_S):
        here.exchange.publish(Answer(topic="gw/v1/home1/twin/desired", payload=b"old"), retain=True)
        here.exchange.publish(Answer(topic="gw/v1/home1/twin/desired", payload=b"wish"), retain=True)
        here.exchange.publish(Answer(topic="gw/v1/home1/campaign/offer", payload=b"gone"), retain=True)
        here.exchange.publish(Answer(topic="gw/v1/home1/campaign/offer", payload=b""), retain=True)
        client.client.subscribe([("gw/v1/home1/campaign/offer", 0), ("gw/v1/home1/twin/desired", 1)])
        assert await client.heard.get() == ("gw/v1/home1/twin/desired", b"wish", True)


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("mosquitto_pub") is None, reason="mosquitto-clients is not installed")
@pytest.mark.parametrize("version", ["mqttv5", "mqttv311"])
async def test_mosquittos_client(version: str) -> None:
    async with entrance() as here:
        command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(here.door.port), "-V", version, "-q", "1"]
        what = ["-u", "home1", "-P", TOKEN, "-t", "gw/v1/home1/s/health", "-m", "hello"]
        ran = await asyncio.to_thread(subprocess.run, command + what, capture_output=True, timeout=WAIT_S)
        assert ran.returncode == 0, ran.stderr
        assert [a.payload for a in here.intake.arrivals] == [b"hello"]
