"""What starts on the image, as systemd judges it; what each service reads, as the service itself does."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from services.updater.provision import boot
from services.updater.provision.stick import keys

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "systemd"
OVERLAY = ROOT / "image-build" / "overlay" / "common"
PRESET = OVERLAY / "usr/lib/systemd/system-preset/50-hearthgate.preset"

EXPOSURE = {
    "hearthgate.service": 1.5,
    "hearthgate-accounts.service": 2.0,
    "hearthgate-claimed.service": 1.5,
    "hearthgate-console.service": 2.5,
    "hearthgate-firstboot.service": 3.5,
    "hearthgate-renew.service": 2.5,
    "hearthgate-reset.service": 1.5,
    "mosquitto.service": 1.5,
}

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd (apt-get install systemd)"),
]


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """All of ours, with programs that exist on every machine."""
    for file in (*SYSTEMD.glob("hearthgate*.*"), OVERLAY / "etc/systemd/system/mosquitto.service"):
        if not file.name.startswith("hearthgate-hub"):
            text = re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", file.read_text(), flags=re.MULTILINE)
            (tmp_path / file.name).write_text(text)
    dropins = OVERLAY / "usr/lib/systemd/system"
    for folder in dropins.glob("hearthgate*.d"):
        shutil.copytree(folder, tmp_path / folder.name)
    return tmp_path


def test_verify_finds_nothing(units: Path) -> None:
    verified = _run("systemd-analyze", "verify", "--man=no", *_files(units))
    assert [line for line in verified.stderr.splitlines() if str(units) in line or "cycle" in line] == []


def _files(units: Path) -> list[str]:
    return sorted(str(path) for path in units.iterdir() if path.is_file())


@pytest.mark.parametrize("unit", EXPOSURE)
def test_the_exposure_is_small(units: Path, unit: str) -> None:
    judged = _run("systemd-analyze", "security", "--offline=true", "--no-pager", str(units / unit))
    overall = re.search(rf"Overall exposure level for {re.escape(unit)}: ([\d.]+)", judged.stdout)
    assert overall is not None
    assert float(overall[1]) <= EXPOSURE[unit]


def test_exactly_what_is_needed_starts() -> None:
    lines = [line for line in PRESET.read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "disable *"
    enabled = [line.removeprefix("enable ") for line in lines[:-1]]
    ours = {name for name in enabled if name.startswith("hearthgate")}
    there = [*SYSTEMD.glob("*.*"), *(OVERLAY / "usr/lib/systemd/system").glob("*.*")]
    wanted = {file.name for file in there if file.is_file() and "[Install]" in file.read_text()}
    assert ours == {name for name in wanted if not name.startswith("hearthgate-hub")}


def test_the_daemon_is_handed_what_the_first_start_lays_down() -> None:
    """By a name, not a path: a missing one is no reason not to start."""
    text = (OVERLAY / "usr/lib/systemd/system/hearthgate.service.d/image.conf").read_text()
    loaded = dict(line.split(":") for line in re.findall(r"^LoadCredential=(.*)$", text, re.MULTILINE))
    assert loaded == {name: f"hearthgate.{name}" for name in boot.HANDED}


def test_the_first_start_comes_before_all_that_reads_its_work() -> None:
    text = (SYSTEMD / "hearthgate-firstboot.service").read_text()
    before = " ".join(re.findall(r"^Before=(.*)$", text, re.MULTILINE)).split()
    readers = {"hearthgate.service", "mosquitto.service", "NetworkManager.service", "ssh.service", "nftables.service"}
    assert readers | {"avahi-daemon.service", "network-pre.target", "hearthgate-updater.service"} <= set(before)
    reset = (SYSTEMD / "hearthgate-reset.service").read_text()
    assert re.search(r"^Before=hearthgate-data.service local-fs.target", reset, re.MULTILINE)


def test_what_avahi_offers_is_what_the_firewall_lets_in() -> None:
    offered = ET.parse(OVERLAY / "etc/avahi/services/hearthgate.service").getroot()  # ours
    types = {service.findtext("type"): int(service.findtext("port") or 0) for service in offered.iter("service")}
    assert types == {"_https._tcp": 443, "_http._tcp": 80, "_secure-mqtt._tcp": 8883}
    rules = (OVERLAY / "etc/nftables.conf").read_text()
    (ports,) = re.findall(r"tcp dport \{ (.*) \}", rules)
    assert {int(port) for port in ports.split(",")} == set(types.values())
    assert "policy drop" in rules
    sockets = re.findall(r"^ListenStream=(\d+)$", (SYSTEMD / "hearthgate.socket").read_text(), re.MULTILINE)
    assert {int(port) for port in sockets} < set(types.values())


def test_the_hole_for_ssh_fits_the_firewall() -> None:
    rules = (OVERLAY / "etc/nftables.conf").read_text()
    table, chain = re.findall(r"^add rule (inet \w+) (\w+) ", keys.RULE.decode())[0]
    assert f"table {table} {{\n\tchain {chain} {{" in rules
    assert '"/run/hearthgate-nftables/*.nft"' in rules


@pytest.mark.skipif(shutil.which("nft", path="/usr/sbin:/sbin") is None, reason="needs nftables")
def test_nft_understands_the_firewall(tmp_path: Path) -> None:
    (tmp_path / "ssh.nft").write_bytes(keys.RULE)
    text = (OVERLAY / "etc/nftables.conf").read_text().replace("/run/hearthgate-nftables", str(tmp_path))
    (tmp_path / "rules").write_text(text)
    checked = _run("/usr/sbin/nft", "-c", "-f", str(tmp_path / "rules"))
    assert (checked.returncode, checked.stderr) == (0, "")


def test_nobody_gets_in_with_a_password() -> None:
    text = (OVERLAY / "etc/ssh/sshd_config.d/hearthgate.conf").read_text()
    said = dict(line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    assert said["AuthenticationMethods"] == "publickey"
    assert {said[key] for key in ("PasswordAuthentication", "KbdInteractiveAuthentication", "UsePAM")} == {"no"}
    assert said["AuthorizedKeysFile"] == f"/etc/ssh/keys/{keys.FILE}"
    assert said["HostKey"] == f"/etc/ssh/keys/{keys.HOST_KEY}"
