"""Real processes that several integration tests share."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .corridor import ROOT, Listener, wait_for
from .mosquitto import PASSWORD, USER, Mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder) as running:
        yield running


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Listener]:
    listening = Listener(broker)
    yield listening
    listening.stop()


@pytest.fixture
def house(tmp_path: Path, broker: Mosquitto, listener: Listener) -> Iterator[None]:
    credentials = tmp_path / "house"
    credentials.touch(mode=0o600)
    credentials.write_text(f"{USER}:{PASSWORD}")
    command = [sys.executable, "-m", "services.simhouse", "--port", str(broker.port)]
    with subprocess.Popen([*command, "--credentials-file", str(credentials)], cwd=ROOT) as process:
        wait_for(lambda: listener.heard("simhouse/hall/status online"), "the house is up")
        yield
        process.terminate()
