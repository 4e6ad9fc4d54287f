"""Models, campaigns and wishes as people work with them, and as a home hears of them."""

import asyncio
import json
from pathlib import Path

import aiomqtt
import pytest

from gateway.wire.summary import UpdateState
from gateway.wire.uplink import Desired, Offer, Progress, Receipt, Reported, UplinkTopics, dump, load
from services.hub.app.bench.programs import free_port
from services.hub.app.cli import main
from tests.services.hub.app.processes import WAIT_S, Gateway, enrol, hub, running_hub
from tests.services.hub.registry.shop import bundle, image, written

PLAN = {"wish": {"what": "settings", "patch": {"climate": {"pause_s": 90}}}}


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "hub.yaml"
    file.write_text("data_dir: data\n")
    return str(file)


def document(folder: Path, what: object) -> str:
    file = folder / "document.json"
    file.write_text(json.dumps(what))
    return str(file)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out.strip()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 1
    return capsys.readouterr().err.strip()


def test_a_model_from_bundle_to_campaign(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(written(tmp_path, bundle(2)))
    at = ("--config", config)
    assert said(capsys, "models", "list", *at) == "no bundles"
    sha256 = said(capsys, "models", "add", file, *at).rpartition(" ")[2]
    assert said(capsys, "models", "promote", "tiny", "beta", *at) == f"beta: tiny 1.2, serial 2: {sha256}"
    assert said(capsys, "models", "list", *at).endswith(f"{sha256}  beta dev")
    plan = document(tmp_path, {"labels": {"ring": "canary"}})
    begin = ("campaign", "begin", plan, "--model", "tiny", *at)
    assert "channel_empty" in refused(capsys, *begin)
    assert said(capsys, *begin, "--channel", "beta") == "campaign 1"
    assert said(capsys, "campaign", "list", *at).split() == ["1", "model/tiny", "running"]
    assert said(capsys, "campaign", "pause", "1", *at) == "campaign 1: paused"
    assert said(capsys, "campaign", "resume", "1", *at) == "campaign 1: running"
    assert said(capsys, "campaign", "stop", "1", "--recall", *at) == "campaign 1: stopped"
    assert said(capsys, "campaign", "show", "1", *at).endswith("stopped (by_hand)")
    assert said(capsys, "models", "remove", sha256, *at) == f"{sha256}: removed"


def test_an_image_from_file_to_campaign(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hearthgate-rpi.raucb"
    file.write_bytes(image())
    at = ("--config", config)
    assert "image_about_invalid" in refused(capsys, "images", "add", str(file), *at)
    (tmp_path / "image.json").write_text('{"board": "rpi", "version": "1.3.0", "suite": "trixie"}')
    sha256 = said(capsys, "images", "add", str(file), *at).rpartition(" ")[2]
    assert said(capsys, "images", "list", *at).split() == ["rpi", "1.3.0", sha256, "dev"]
    assert said(capsys, "models", "list", *at) == "no bundles"
    again = said(capsys, "images", "add", str(file), "--board", "x86_64", "--version", "1.4.0", *at)
    assert again == f"x86_64 1.4.0: {sha256}"
    assert said(capsys, "images", "promote", "x86_64", "beta", *at).startswith("beta: x86_64 1.4.0")
    plan = document(tmp_path, {"labels": {"board": "x86_64"}})
    assert said(capsys, "campaign", "begin", plan, "--image", "x86_64", "--channel", "beta", *at) == "campaign 1"
    assert said(capsys, "campaign", "list", *at).split() == ["1", "image", "running"]


def test_what_cannot_be_is_said(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--config", config)
    assert "campaign_unknown" in refused(capsys, "campaign", "show", "7", *at)
    assert "place=pace.first" in refused(
        capsys, "campaign", "begin", document(tmp_path, {**PLAN, "pace": {"first": 0}}), *at
    )
    assert "file_not_json" in refused(capsys, "campaign", "begin", document(tmp_path, [1]), *at)
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000)
    assert "file_not_json" in refused(capsys, "campaign", "begin", str(deep), *at)
    assert "file_unreadable" in refused(capsys, "campaign", "begin", str(tmp_path / "none.json"), *at)
    assert "bundle_invalid" in refused(capsys, "models", "add", document(tmp_path, {}), *at)
    assert "unknown_gateway" in refused(capsys, "twin", "show", "home1", *at)


class Listening(Gateway):
    """Hears of wishes, offers and receipts, and nothing else."""

    async def hear(self, topic: str) -> bytes:
        """The next that is retained or said there."""
        await self._client.subscribe(topic)
        async with asyncio.timeout(WAIT_S):
            async for message in self._client.messages:
                if message.topic.value == topic and message.payload:
                    assert isinstance(message.payload, bytes)
                    return message.payload
        raise AssertionError("the connection ended")


async def test_a_killed_hub_goes_on_where_it_was(tmp_path: Path) -> None:
    port = free_port()
    config = tmp_path / "hub.yaml"
    config.write_text(f"data_dir: data\ndoor:\n  port: {port}\n")
    token = await enrol(config, "home1")
    at = ("--config", str(config))
    topics = UplinkTopics(gateway="home1")
    async with running_hub(config, b"door open") as process:
        with pytest.raises(aiomqtt.MqttError):
            async with Listening(port, "home1", token) as home:
                await home.hello()
                assert await asyncio.to_thread(hub, "campaign", "begin", document(tmp_path, PLAN), *at) == "campaign 1"
                first: Offer = load(Offer, await home.hear(topics.offer))
                process.kill()
                await home.hear(topics.receipt)
    async with running_hub(config, b"door open"), Listening(port, "home1", token) as home:
        await home.hello()
        assert load(Offer, await home.hear(topics.offer)) == first
        assert first.target.what == "settings"
        wish: Desired = load(Desired, await home.hear(topics.desired))
        assert (wish.version, wish.patch) == (first.target.version, PLAN["wish"]["patch"])
        await home.publish(
            topics.reported,
            dump(Reported(version=wish.version, sources={"climate.pause_s": "hub"}, settings=dict(wish.patch))),
        )
        word = Progress(campaign=1, gateway="home1", state=UpdateState.CONFIRMED)
        await home.publish(topics.progress, dump(word))
        receipt: Receipt = load(Receipt, await home.hear(topics.receipt))
        assert receipt.progress == (word,)
    assert (await asyncio.to_thread(hub, "campaign", "show", "1", *at)).split()[-2:] == ["confirmed", "1"]
    assert (await asyncio.to_thread(hub, "twin", "show", "home1", *at)) == f"version 1: {json.dumps(wish.patch)}"
