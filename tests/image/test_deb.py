"""From one command to the page, an upgrade, a removal and a purge, on a Debian of its own."""

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.debian import Debian, answer, package
from tests.integration.mosquitto import free_port

SETTINGS = "etc/hearthgate/gateway.yaml"
OURS = ("opt/hearthgate", "usr/bin/hearthgate", "usr/lib/systemd/system/hearthgate.service")
OF_THE_HOME = (SETTINGS, "var/lib/hearthgate/hearthgate.db", "etc/hearthgate/secrets/door")

pytestmark = [
    pytest.mark.image,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(os.getuid() != 0, reason="needs root: a Debian is set up"),
    pytest.mark.skipif(shutil.which("mmdebstrap") is None, reason="needs mmdebstrap"),
]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    found, folder = package(), tmp_path_factory.mktemp("debian")
    folder.chmod(0o755)
    debian = Debian(folder)
    debian.install(found)
    with debian:
        yield debian
    shutil.rmtree(debian.root)


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same package as a later version."""
    found, folder = package(), tmp_path_factory.mktemp("another")
    subprocess.run(["dpkg-deb", "-R", found, folder / "tree"], check=True)
    control = folder / "tree/DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 999.0", control.read_text(), flags=re.MULTILINE))
    (folder / "tree" / SETTINGS).write_text("# another default\n")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", folder / "tree", folder / "another.deb"], check=True
    )
    shutil.rmtree(folder / "tree")
    return folder / "another.deb"


def test_it_is_complete(machine: Debian) -> None:
    assert machine.files(*OURS) == set(OURS)
    assert machine.run("hearthgate", "check-config", f"/{SETTINGS}") == ""
    assert machine.run("systemctl", "is-enabled", "hearthgate.service").strip() == "enabled"
    verified = machine.run("systemd-analyze", "verify", "--man=no", "hearthgate.service", "hearthgate.socket")
    assert "hearthgate" not in verified


def test_nothing_of_the_image_comes_along(machine: Debian) -> None:
    units = {path.name for path in (machine.root / "usr/lib/systemd/system").glob("hearthgate*")}
    assert units == {"hearthgate.service", "hearthgate.socket"}


def test_the_daemon_is_nobody_and_its_secrets_are_its_own(machine: Debian) -> None:
    found = machine.run("stat", "-c", "%a %U", "/etc/hearthgate/secrets", "/etc/hearthgate/credentials").split("\n")
    assert found[:2] == ["700 hearthgate", "700 root"]
    code = machine.root / "opt/hearthgate/.venv"
    owners = {path.lstat().st_uid for path in code.rglob("*")}
    assert owners == {0}
    writable = [path for path in code.rglob("*") if not path.is_symlink() and path.stat().st_mode & stat.S_IWOTH]
    assert writable == []


def test_the_page_answers_and_wants_to_be_claimed(machine: Debian, tmp_path: Path) -> None:
    port = free_port()
    (machine.root / SETTINGS).write_text(
        f"gateway:\n  name: Hall\nmqtt:\n  port: {free_port()}\nweb:\n  port: {port}\n"
    )
    with machine.service("hearthgate.service", tmp_path / "log") as process:
        assert "earthgate" in answer(f"http://127.0.0.1:{port}/", process)
        session = json.loads(answer(f"http://127.0.0.1:{port}/api/v1/session", process))
        assert session == {"claimed": False, "user": None}
    assert process.returncode == 0, (tmp_path / "log").read_text()
    secret = machine.root / "etc/hearthgate/secrets/door"
    secret.write_text("admin:secret")


def test_an_upgrade_keeps_the_home_and_what_was_turned_off(machine: Debian, another: Path) -> None:
    before = (machine.root / SETTINGS).read_text()
    machine.run("systemctl", "disable", "--quiet", "hearthgate.service")
    shutil.copyfile(another, machine.root / "root/another.deb")
    machine.run("dpkg", "--force-confold", "-i", "/root/another.deb")
    (machine.root / "root/another.deb").unlink()
    assert "999.0" in machine.run("dpkg-query", "-W", "hearthgate")
    assert (machine.root / SETTINGS).read_text() == before
    assert machine.files(*OF_THE_HOME) == set(OF_THE_HOME)
    assert not list((machine.root / "etc/systemd/system").glob("*/hearthgate.service"))


def test_a_removal_keeps_the_home(machine: Debian) -> None:
    machine.run("dpkg", "--remove", "hearthgate")
    assert machine.files(*OURS) == set()
    assert machine.files(*OF_THE_HOME) == set(OF_THE_HOME)


def test_a_purge_forgets_it(machine: Debian) -> None:
    machine.run("dpkg", "--purge", "hearthgate")
    assert machine.files("etc/hearthgate", "var/lib/hearthgate", "var/lib/hearthgate-key") == set()
