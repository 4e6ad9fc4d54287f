"""The hub's unit as systemd itself judges it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.errors import EX_CONFIG
from services.hub.config.settings import DoorSettings, HubSettings

from .processes import ROOT

UNIT = ROOT / "systemd" / "hearthgate-hub.service"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd (apt-get install systemd)"),
]


def value(key: str) -> str:
    found = re.findall(rf"^{key}=(.*)$", UNIT.read_text(), re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_verify_finds_nothing(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(), flags=re.MULTILINE))
    verified = analyzed("verify", "--man=no", str(unit))
    assert [line for line in verified.stderr.splitlines() if "hearthgate" in line] == []


def test_it_is_well_confined() -> None:
    assert analyzed("security", "--offline=true", "--threshold=15", str(UNIT)).returncode == 0


def test_it_fits_the_program() -> None:
    assert value("RestartPreventExitStatus") == str(EX_CONFIG)
    assert int(value("LimitNOFILE")) > 2 * DoorSettings().most_connections
    assert HubSettings().data_dir == Path("/var/lib") / value("StateDirectory")
    assert value("ExecStart").split()[1:] == ["run", "--config", "/etc/hearthgate-hub/hub.yaml"]
