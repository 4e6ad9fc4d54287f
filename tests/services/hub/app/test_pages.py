"""A hub with pages as its users run it, from an invitation to the first receipt, by certificate alone."""

import asyncio
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiohttp import ClientSession

from gateway.app.cli import main
from gateway.wire.summary import Stream
from gateway.wire.uplink import Hello, UplinkTopics, dump
from services.hub.app.bench.programs import free_port
from tests.integration.certificates import Authority

from .processes import EPOCH, INSTANCE, WAIT_S, hub, running_hub, summary

pytestmark = pytest.mark.integration


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Vouches for the hub; whom the hub vouches for is its own business."""
    return Authority(tmp_path / "ca")


def written(folder: Path, authority: Authority, door: int, web: int) -> Path:
    own = authority.issue("hub")
    tls = f"cert_file: {own.cert}, key_file: {own.key}"
    file = folder / "hub.yaml"
    file.write_text(
        f"data_dir: hub\nweb: {{port: {web}, tls: {{{tls}}}}}\n"
        f"door: {{port: {door}, tls: {{{tls}, ca_file: hub/authority/homes.pem}}}}\n"
    )
    return file


async def test_from_an_invitation_to_a_receipt_and_no_further_once_revoked(
    tmp_path: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    door, web = free_port(), free_port()
    config = written(tmp_path, authority, door, web)
    gateway = tmp_path / "gateway.yaml"
    gateway.write_text(f"version: 1\ngateway: {{id: home1, data_dir: {tmp_path}/home}}\n")
    async with running_hub(config, b"door open"):
        invite = ("invite", "home1", "--label", "ring=canary", "--config", str(config))
        token = await asyncio.to_thread(hub, *invite)
        enrol = ["uplink", "enrol", f"https://127.0.0.1:{web}", token, "--ca", str(authority.ca)]
        assert await asyncio.to_thread(main, [*enrol, "--config", str(gateway)]) == 0
        assert f"ca_file: {authority.ca}" in capsys.readouterr().out
        assert await receipts(door, authority, tmp_path / "home" / "uplink") == 1
        await asyncio.to_thread(hub, "revoke", "home1", "--config", str(config))
        with pytest.raises(aiomqtt.MqttError):
            await receipts(door, authority, tmp_path / "home" / "uplink")


async def receipts(door: int, authority: Authority, folder: Path) -> int:
    """How many came for one summary, to a gateway that shows its certificate and no password."""
    topics = UplinkTopics(gateway="home1")
    tls = aiomqtt.TLSParameters(
        ca_certs=str(authority.ca), certfile=str(folder / "home.pem"), keyfile=str(folder / "home.key")
    )
    client: Any = aiomqtt.Client("127.0.0.1", door, tls_params=tls, protocol=aiomqtt.ProtocolVersion.V5)
    async with asyncio.timeout(WAIT_S), client:
        await client.subscribe(topics.receipt)
        hello = Hello(online=True, instance=INSTANCE, epoch=EPOCH, version="1.0.0")
        await client.publish(topics.hello, dump(hello), qos=1)
        await client.publish(topics.stream(Stream.PRESENCE), summary("home1", 1), qos=1)
        await anext(client.messages)
    return 1


async def test_the_first_start_tells_how_to_become_admin(tmp_path: Path) -> None:
    config = tmp_path / "hub.yaml"
    web = free_port()
    config.write_text(f"data_dir: hub\nweb: {{port: {web}}}\ndoor: {{port: {free_port()}}}\n")
    async with running_hub(config, b"/login#code="), ClientSession() as http:
        answer = await http.get(f"http://127.0.0.1:{web}/api/v1/session")
        assert await answer.json() == {"claimed": False, "name": None}
