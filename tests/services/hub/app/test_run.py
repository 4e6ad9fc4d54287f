"""The hub as its users run it: a file, a process, and gateways at its door."""

import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import aiomqtt
import pytest

from services.hub.app.bench.programs import free_port

from .processes import ROOT, Gateway, enrol, running_hub


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def config(tmp_path: Path, port: int) -> Path:
    file = tmp_path / "hub.yaml"
    file.write_text(f"data_dir: data\ndoor:\n  port: {port}\n")
    return file


def rows(config: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(config.parent / "data" / "hub.db") as db:
        found = db.execute("SELECT gateway, seq FROM summaries ORDER BY gateway, seq").fetchall()
    db.close()
    return found


async def test_what_a_gateway_has_a_receipt_for_is_on_the_disk(config: Path, port: int) -> None:
    token = await enrol(config, "home1")
    async with running_hub(config, b"door open"), Gateway(port, "home1", token) as gateway:
        await gateway.hello()
        await gateway.send(1, 2, 3, 2)
        await gateway.until(kept=3)
        assert rows(config) == [("home1", 1), ("home1", 2), ("home1", 3)]
    assert rows(config) == [("home1", 1), ("home1", 2), ("home1", 3)]


async def test_it_is_still_known_after_the_hub_was_killed(config: Path, port: int) -> None:
    token = await enrol(config, "home1")
    async with running_hub(config, b"door open") as process:
        with pytest.raises(aiomqtt.MqttError):
            async with Gateway(port, "home1", token) as gateway:
                await gateway.hello()
                await gateway.send(1, 2)
                await gateway.until(kept=2)
                process.kill()
                await gateway.until(kept=3)
    async with running_hub(config, b"door open"), Gateway(port, "home1", token) as gateway:
        await gateway.hello()
        await gateway.send(1, 2, 3)
        await gateway.until(kept=3)
    assert rows(config) == [("home1", 1), ("home1", 2), ("home1", 3)]


async def test_a_stranger_is_not_let_in(config: Path, port: int) -> None:
    await enrol(config, "home1")
    async with running_hub(config, b"door open"):
        with pytest.raises(aiomqtt.MqttError, match="Bad user name or password"):
            async with Gateway(port, "home1", "guessed"):
                pass


async def test_of_two_gateways_under_one_id_both_are_told_and_the_second_is_shown_out(config: Path, port: int) -> None:
    token = await enrol(config, "home1")
    async with running_hub(config, b"door open"), Gateway(port, "home1", token) as first:
        await first.hello()
        await first.send(1)
        await first.until(kept=1)
        with pytest.raises(aiomqtt.MqttError):
            async with Gateway(port, "home1", token, instance="cd" * 16) as second:
                await second.hello()
                await second.until(notices=1)
                assert second.notices == ['{"key":"duplicate_id"}']
                await second.until(notices=2)
        await first.until(notices=1)
        await first.send(2)
        await first.until(kept=2)


def test_a_wrong_file_is_told_with_its_lines(config: Path) -> None:
    config.write_text("door:\n  host: 0.0.0.0\nbroker:\n  host: x\n  porte: 3\ndatabase: postgresql://hub:hidden@/x\n")
    command = [sys.executable, "-m", "services.hub", "run", "--config", str(config)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 78
    assert [line.split(":")[1] for line in done.stderr.splitlines()] == ["1", "5", "6"]
    assert "hidden" not in done.stderr


def test_a_port_that_is_taken_is_told_in_a_line(config: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        command = [sys.executable, "-m", "services.hub", "run", "--config", str(config)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("hearthgate-hub: door_port")
    assert len(done.stderr.splitlines()) == 1
