"""The image's services, judged by the image's own programs in its own root."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from imager.shell import run
from services.updater.provision.stick import keys
from tests.image.image import find

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]

NEEDED = {"firstboot", "reset", "console", "updater"}


class Root:
    def __init__(self, tree: Path) -> None:
        self.tree = tree

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        asked = ["chroot", str(self.tree), *command]
        return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    """Of the PC's image: its programs run here."""
    image, tree = find("x86_64"), tmp_path_factory.mktemp("services") / "root"
    run("unsquashfs", "-q", "-n", "-d", tree, image.root)
    run("mknod", "-m", "666", tree / "dev/null", "c", "1", "3")
    run("mount", "-t", "proc", "proc", tree / "proc")
    try:
        yield Root(tree)
    finally:
        run("umount", tree / "proc")
    shutil.rmtree(tree)


def test_nothing_in_the_order_of_the_start_contradicts_itself(root: Root) -> None:
    verified = root.run("systemd-analyze", "verify", "--man=no", "multi-user.target", "sysinit.target")
    wrong = [line for line in verified.stderr.splitlines() if re.search(r"cycle|hearthgate|mosquitto|nftables", line)]
    assert wrong == []


def test_what_has_to_start_is_enabled_and_nobody_can_log_in_at_a_screen(root: Root) -> None:
    wanted = {path.name for path in (root.tree / "etc/systemd/system").glob("*.wants/*")}
    assert {f"hearthgate-{name}.service" for name in NEEDED} <= wanted
    assert {"hearthgate.service", "hearthgate.socket", "mosquitto.service", "nftables.service"} <= wanted
    assert not [name for name in wanted if "getty" in name or "apt" in name]


@pytest.mark.parametrize(
    ("unit", "most"), [("hearthgate.service", 1.5), ("hearthgate-updater.service", 3.0), ("mosquitto.service", 1.5)]
)
def test_the_exposure_is_small(root: Root, unit: str, most: float) -> None:
    judged = root.run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    overall = re.search(rf"Overall exposure level for {re.escape(unit)}: ([\d.]+)", judged.stdout)
    assert overall is not None
    assert float(overall[1]) <= most


def test_the_firewall_is_understood_with_and_without_ssh(root: Root) -> None:
    for rule in (b"", keys.RULE):
        (root.tree / "run/hearthgate-nftables").mkdir(exist_ok=True)
        (root.tree / "run/hearthgate-nftables/ssh.nft").write_bytes(rule)
        checked = root.run("nft", "-c", "-f", "/etc/nftables.conf")
        assert (checked.returncode, checked.stderr) == (0, "")


def test_ssh_takes_keys_alone(root: Root) -> None:
    for folder in ("etc/ssh/keys", "run/sshd"):
        (root.tree / folder).mkdir(exist_ok=True)
    root.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"/etc/ssh/keys/{keys.HOST_KEY}")
    said = dict(line.split(" ", 1) for line in root.run("sshd", "-T").stdout.splitlines() if " " in line)
    assert said["authenticationmethods"] == "publickey"
    assert {said[key] for key in ("passwordauthentication", "kbdinteractiveauthentication", "usepam")} == {"no"}
    assert said["authorizedkeysfile"] == f"/etc/ssh/keys/{keys.FILE}"


def test_the_clock_has_servers_and_a_floor(root: Root) -> None:
    printed = root.run("chronyd", "-p", "-f", "/etc/chrony/chrony.conf")
    assert printed.returncode == 0, printed.stderr
    assert "-s" in (root.tree / "etc/default/chrony").read_text().partition("DAEMON_OPTS=")[2].strip('"\n').split()
    floor = (root.tree / "usr/lib/clock-epoch").stat().st_mtime
    assert floor > 1_767_225_600, "2026; systemd sets no clock to an earlier time"
