"""What the updater's unit allows it, by systemd's own judgement."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.wire.update import INBOX, SOCKET
from services.updater import paths
from services.updater.run import DAEMON, FETCHER
from tests.integration.confined import allowed, run_confined
from tests.services.updater.confined_intake import NOBODY, keep_only

SYSTEMD = Path(__file__).parents[3] / "systemd"
UNIT = SYSTEMD / "hearthgate-updater.service"
SOCKET_UNIT = SYSTEMD / "hearthgate-updater.socket"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd (apt-get install systemd)"),
]


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)


def _line(unit: Path, key: str) -> str:
    (value,) = re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    return str(value)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Both units, with a program that exists on every machine."""
    shutil.copy(SOCKET_UNIT, tmp_path)
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8"), flags=re.M))
    return unit


def test_verify_finds_nothing(installed: Path) -> None:
    verified = _run("verify", "--man=no", str(installed), str(installed.with_suffix(".socket")))
    about_us = [line for line in verified.stderr.splitlines() if "hearthgate-updater" in line]
    assert (verified.returncode, about_us) == (0, [])


def test_the_exposure_is_at_most_three(installed: Path) -> None:
    judged = _run("security", "--offline=true", "--threshold=30", "--no-pager", str(installed))
    overall = re.search(r"Overall exposure level for \S+: ([\d.]+)", judged.stdout)
    assert overall is not None, judged.stdout + judged.stderr
    assert (judged.returncode, float(overall[1]) <= 3.0) == (0, True)


def test_unit_socket_and_program_mean_the_same_places() -> None:
    assert _line(SOCKET_UNIT, "ListenStream") == SOCKET
    assert (_line(SOCKET_UNIT, "SocketGroup"), _line(SOCKET_UNIT, "SocketMode")) == (DAEMON, "0660")
    assert f"/var/lib/{_line(UNIT, 'StateDirectory')}" == str(paths.STATE.parent) == str(paths.BUNDLES.parent)
    assert _line(UNIT, "ReadWritePaths").split() == [f"-{INBOX}", f"-{paths.FACTORY_RESET.parent}"]
    users = (SYSTEMD / "sysusers.d" / "hearthgate-updater.conf").read_text(encoding="utf-8")
    assert f"\nu {FETCHER} " in users
    rules = (SYSTEMD / "udev" / "98-hearthgate-stick.rules").read_text(encoding="utf-8")
    assert f" {paths.STICKS}/%k" in rules
    assert "--options=ro,nosuid,nodev,noexec" in rules


CHILD = """#!/bin/sh
[ "$(id -u)$(id -g)$(id -G)" = {nobody}{nobody}{nobody} ] || exit 1
read -r _
echo '{{"offset": 0, "total": null}}'
exec cat {file}
"""


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lose")
def test_what_it_is_left_is_enough(tmp_path: Path, open_to_all: Path) -> None:
    """For an upload in a folder of the daemon, and for a download by nobody."""
    data = os.urandom(100_000)
    for name in ("inbox", "bundles"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "inbox" / "new.raucb").write_bytes(data)
    (tmp_path / "inbox" / "new.raucb").chmod(0o600)
    for path in (tmp_path / "inbox", tmp_path / "inbox" / "new.raucb"):
        os.chown(path, NOBODY, NOBODY)
    filters = re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    (open_to_all / "new.raucb").write_bytes(data)
    child = open_to_all / "child"
    child.write_text(CHILD.format(nobody=NOBODY, file=open_to_all / "new.raucb"))
    child.chmod(0o755)
    (tmp_path / "told").write_text(f"{child}\n{hashlib.sha256(data).hexdigest()}")
    assert run_confined(_take_in, allowed(filters), tmp_path) == 0
    assert (tmp_path / "bundles" / "bundle.raucb").read_bytes() == data


def _take_in(folder: Path) -> None:
    child, sha256 = (folder / "told").read_text().splitlines()
    keep_only(_line(UNIT, "CapabilityBoundingSet").split())
    command = [sys.executable, "-m", "tests.services.updater.confined_intake", str(folder), child, sha256]
    sys.exit(subprocess.run(command, check=False, timeout=60, cwd=SYSTEMD.parent).returncode)


def test_nothing_keeps_it_from_judging_the_boot() -> None:
    assert _line(UNIT, "Restart") == "always"
    assert _line(UNIT, "StartLimitIntervalSec") == "0"
