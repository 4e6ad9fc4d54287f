"""The unit as systemd itself judges it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.config.settings import Settings
from gateway.errors import EX_CONFIG
from gateway.flow.priority import BEHIND, behind_the_rest
from gateway.health import tpus
from gateway.health.clock import synchronised
from gateway.models.store.objects import Objects
from gateway.models.store.tryout import try_out
from gateway.models.tpu.process import TpuChild
from gateway.testing.conformance_backend import inputs_for
from tests.integration.confined import Work, allowed, run_confined
from tests.models.tiny import card, tiny_model
from tests.native import FakeEdgeTpu
from tests.native.children import load
from tests.native.compiled import write_twin

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "hearthgate.service"
RULES = SYSTEMD / "udev" / "99-hearthgate-edgetpu.rules"

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


def test_the_exposure_is_small(installed: Path) -> None:
    judged = _run("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", str(installed))
    assert judged.returncode == 0, judged.stdout
    overall = re.search(r"Overall exposure level for hearthgate\.service: ([\d.]+)", judged.stdout)
    assert overall is not None
    assert float(overall[1]) <= 1.5


def test_the_unit_says_what_the_daemon_does() -> None:
    assert _lines("Type") == ["notify"]
    assert _lines("RestartPreventExitStatus") == [str(EX_CONFIG)]
    assert _lines("CapabilityBoundingSet") == [""]
    (command,) = _lines("ExecStart")
    assert command.split()[1:] == ["run", "--config", "/etc/hearthgate/gateway.yaml"]


def test_the_daemon_outlives_the_accelerators_process() -> None:
    """By default a process that the kernel ends for its memory takes the whole service with it."""
    assert _lines("OOMPolicy") == ["continue"]
    assert _lines("KillMode") == ["mixed"]


def test_every_kind_of_accelerator_may_be_opened() -> None:
    assert _lines("DevicePolicy") == ["closed"]
    assert {"char-usb_device rw", "char-apex rw"} <= set(_lines("DeviceAllow"))
    assert "AF_NETLINK" in " ".join(_lines("RestrictAddressFamilies")), "libusb hears there what is plugged in"


def test_the_rules_name_what_the_product_looks_for() -> None:
    """And give that to a group that the daemon is in."""
    rules = [line for line in RULES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    usb = {tuple(re.findall(r'ATTR\{id(?:Vendor|Product)\}=="(\w{4})"', line)) for line in rules if '"usb"' in line}
    assert usb == {("1a6e", "089a"), ("18d1", "9302")} == set(tpus._USB)
    assert any(line.startswith('SUBSYSTEM=="apex"') for line in rules)
    (groups,) = _lines("SupplementaryGroups")
    for line in rules:
        assert line.endswith('MODE="0660", GROUP="plugdev"')
    assert "plugdev" in groups.split()


def _ask_the_accelerator(folder: Path) -> None:
    """Start, load, ask, lose it, start another, end in order."""
    fake, (twin, _, compiled) = FakeEdgeTpu(folder), write_twin(folder)
    for ended in (TpuChild.kill, TpuChild.close):
        child = TpuChild(fake.library)
        child.start()
        load(child, twin, compiled)
        assert len(child.infer(twin.id, inputs_for(twin, 0), 10.0)) == len(twin.outputs)
        ended(child)
        child.close()


def _try_a_model_out(folder: Path) -> None:
    (folder / card().sha256).write_bytes(tiny_model())
    try_out(card(), Objects(folder))


def _make_room(_: Path) -> None:
    behind_the_rest()
    assert os.getpriority(os.PRIO_PROCESS, 0) == BEHIND


def _ask_for_the_time(_: Path) -> None:
    assert synchronised() is None


def _choose_a_core(_: Path) -> None:
    os.sched_setaffinity(0, os.sched_getaffinity(0))


@pytest.mark.parametrize("work", [_ask_the_accelerator, _try_a_model_out, _make_room, _ask_for_the_time])
def test_it_works_under_the_units_system_call_filter(work: Work, tmp_path: Path) -> None:
    assert run_confined(work, allowed(_lines("SystemCallFilter")), tmp_path) == 0


def test_the_filter_does_refuse(tmp_path: Path) -> None:
    assert run_confined(_choose_a_core, allowed(_lines("SystemCallFilter")), tmp_path) == 1


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
