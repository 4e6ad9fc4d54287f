"""The unit as systemd itself judges it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.config.settings import Settings
from gateway.errors import EX_CONFIG

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "hearthgate.service"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd (apt-get install systemd)"),
]


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def _lines(key: str) -> list[str]:
    found = re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    return [str(value) for value in found]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit with a program that exists on every machine in place of the daemon."""
    unit = tmp_path / "hearthgate.service"
    unit.write_text(
        re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    return unit


def test_verify_finds_nothing(installed: Path) -> None:
    verified = _run("systemd-analyze", "verify", "--man=no", str(installed))
    about_us = [line for line in verified.stderr.splitlines() if "hearthgate" in line]
    assert (verified.returncode, about_us) == (0, [])


def test_verify_does_find_something_wrong(installed: Path) -> None:
    installed.write_text(installed.read_text().replace("WatchdogSec=30", "WatchdogSecs=30"))
    assert "WatchdogSecs" in _run("systemd-analyze", "verify", "--man=no", str(installed)).stderr


def test_the_exposure_is_at_most_two(installed: Path) -> None:
    judged = _run("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(installed))
    assert judged.returncode == 0, judged.stdout
    overall = re.search(r"Overall exposure level for hearthgate\.service: ([\d.]+)", judged.stdout)
    assert overall is not None
    assert float(overall[1]) <= 2.0


def test_the_unit_says_what_the_daemon_does() -> None:
    assert _lines("Type") == ["notify"]
    assert _lines("RestartPreventExitStatus") == [str(EX_CONFIG)]
    assert _lines("CapabilityBoundingSet") == [""]
    (command,) = _lines("ExecStart")
    assert command.split()[1:] == ["run", "--config", "/etc/hearthgate/gateway.yaml"]


def test_the_unit_gives_the_directories_that_the_defaults_name() -> None:
    gateway = Settings().gateway
    (names,) = _lines("StateDirectory")
    assert {Path("/var/lib") / name for name in names.split()} == {gateway.data_dir, gateway.key_file.parent}
    made = {line.split()[1] for line in _conf("tmpfiles.d")}
    assert str(gateway.secrets_dir) in made
    assert Settings().web.port >= 1024


def _conf(folder: str) -> list[str]:
    text = (SYSTEMD / folder / "hearthgate.conf").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_sysusers_makes_the_user_in_its_groups(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    made = _run("systemd-sysusers", f"--root={tmp_path}", str(SYSTEMD / "sysusers.d" / "hearthgate.conf"))
    assert made.returncode == 0, made.stderr
    passwd = (tmp_path / "etc" / "passwd").read_text()
    assert re.search(r"^hearthgate:.*:/var/lib/hearthgate:.*nologin$", passwd, re.MULTILINE)
    groups = (tmp_path / "etc" / "group").read_text()
    for group in " ".join(_lines("SupplementaryGroups")).split():
        assert re.search(rf"^{group}:.*:hearthgate$", groups, re.MULTILINE)


def test_tmpfiles_makes_the_directories_private(tmp_path: Path) -> None:
    me = f"{os.getuid()} {os.getgid()}"
    conf = tmp_path / "hearthgate.conf"
    text = "\n".join(_conf("tmpfiles.d"))
    conf.write_text(re.sub(r"(root root|hearthgate hearthgate) -", f"{me} -", text) + "\n")
    made = _run("systemd-tmpfiles", f"--root={tmp_path}", "--create", str(conf))
    assert made.returncode == 0, made.stderr
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "etc" / "hearthgate").iterdir()}
    assert modes == {"secrets": 0o700, "credentials": 0o700}
