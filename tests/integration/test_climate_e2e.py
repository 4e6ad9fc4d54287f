"""A room kept warm by the running gateway: a real Mosquitto, a simulated room as a process, power cuts, wishes."""

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .corridor import Gateway, Listener, configure, wait_for
from .mosquitto import PASSWORD, USER, Mosquitto, free_port

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("house"), pytest.mark.timeout(240)]

ROOM = "hearthgate/test/climate/hall"
HEATER = "simhouse/hall/heater"
PATIENCE_S = 60.0


def configured(folder: Path, broker: Mosquitto) -> Path:
    folder.mkdir()
    return configure(
        folder,
        mqtt={"host": "127.0.0.1", "port": broker.port, "credential": "broker"},
        web={"host": "127.0.0.1", "port": free_port()},
        sensors=[
            {
                "device": "hall",
                "quantity": "temperature",
                "topic": "simhouse/hall/temperature/state",
                "json_path": "temperature",
            }
        ],
        devices=[
            {
                "name": "heater",
                "kind": "heater",
                "command_topic": f"{HEATER}/set",
                "state_topic": f"{HEATER}/state",
                "lease": {"kind": "topic", "topic": f"{HEATER}/lease/set"},
            }
        ],
        climate={
            "rooms": [
                {
                    "name": "hall",
                    "sensor": "hall",
                    "heater": "heater",
                    "emitter": "electric",
                    "limits": {"min_on_s": 0, "min_off_s": 0},
                }
            ]
        },
    )


def publish(broker: Mosquitto, topic: str, text: str, *options: str) -> None:
    login = ("-u", USER, "-P", PASSWORD)
    command = ["mosquitto_pub", "-p", str(broker.port), *login, "-t", topic, "-m", text, *options]
    subprocess.run(command, check=True)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{folder}/data/hearthgate.db?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def retained(listener: Listener, what: str) -> str:
    """What was last told of the room."""
    topic = f"{ROOM}/{what} "
    told = [line.removeprefix(topic) for line in listener.lines if line.startswith(topic)]
    return told[-1] if told else ""


def test_a_cold_room_is_heated_on_a_lease_and_people_have_the_last_word(
    tmp_path: Path, broker: Mosquitto, listener: Listener
) -> None:
    folder = tmp_path / "home"
    publish(broker, f"{ROOM}/target/set", "29", "-r")
    with Gateway(configured(folder, broker)) as gateway:
        wait_for(lambda: listener.heard(f"{HEATER}/state ON"), "it heats", PATIENCE_S)
        lease = next(line for line in listener.lines if line.startswith(f"{HEATER}/lease/set "))
        assert listener.lines.index(lease) < listener.lines.index(f"{HEATER}/set ON")
        assert 0 < float(lease.rpartition(" ")[2]) <= 900
        wait_for(lambda: retained(listener, "action") == "heating", "heating is told", PATIENCE_S)
        assert retained(listener, "target") == "21.0", "yesterday's wish came true"
        assert json.loads(retained(listener, "attributes"))["why"].startswith("heating since ")
        before = len(listener.lines)
        publish(broker, f"{ROOM}/target/set", "15")
        wait_for(lambda: f"{HEATER}/state OFF" in listener.lines[before:], "it stops", PATIENCE_S)
        wait_for(lambda: retained(listener, "target") == "15.0", "the wish is told", PATIENCE_S)
        publish(broker, f"{ROOM}/target/set", "90")
        problem = f'{ROOM}/problem {{"state":"ON","alarms":["restarted","setpoint_rejected"]}}'
        wait_for(lambda: any("setpoint_rejected" in line for line in listener.lines), problem, PATIENCE_S)
        gateway.kill()
        before = len(listener.lines)
        gateway.start()
        wait_for(lambda: retained(listener, "available") == "online", "it is back", PATIENCE_S)
        wait_for(lambda: any("climate/hall" in line for line in listener.lines[before:]), "it tells", PATIENCE_S)
        assert retained(listener, "target") == "15.0", "a power cut forgot what somebody wished for"
        assert gateway.stop() == 0
    kinds = {kind for (kind,) in rows(folder, "SELECT DISTINCT kind FROM events")}
    assert "climate.alarm" in kinds
    whys = [why for (why,) in rows(folder, "SELECT body FROM commands") if "heater" in why]
    assert any("21.0 wanted" in why for why in whys)
