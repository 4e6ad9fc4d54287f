"""`make install` from a clone, as a newcomer does it on a Debian of their own: one command, and the page is there."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imager.mirrors import sources
from imager.recipe import Board, suite_of
from imager.shell import run
from tests.image.debian import Debian, answer
from tests.image.paths import REPOSITORY
from tests.integration.mosquitto import free_port

NEEDED = "systemd,systemd-sysv,udev,git,make,python3-venv,ca-certificates"
SETTINGS = "etc/hearthgate/gateway.yaml"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(os.getuid() != 0, reason="needs root: a Debian is set up"),
    pytest.mark.skipif(shutil.which("mmdebstrap") is None, reason="needs mmdebstrap"),
]


class Newcomer(Debian):
    """What documentation asks for is there, and a clone in /src."""

    def set_up(self, release: str) -> None:
        suite = replace(suite_of(Board.X86_64, fast=False), suite=release, kernel_suite="")
        asked = ["--mode=root", "--variant=minbase", f"--include={NEEDED}"]
        run("mmdebstrap", *asked, release, self.root, *sources(suite))
        run("git", "clone", "--quiet", REPOSITORY, self.root / "src")
        # What this machine's own pip needs to reach its index.
        for file in (AUTHORITIES, Path("/etc/pip.conf")):
            if file.exists():
                shutil.copyfile(file, self.root / file.relative_to("/"))

    def make_install(self) -> None:
        env = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        env |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        subprocess.run(["chroot", self.root, "make", "-C", "/src", "install"], check=True, env=env, timeout=3000)


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def machine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp(request.param)
    folder.chmod(0o755)
    newcomer = Newcomer(folder)
    newcomer.set_up(request.param)
    with newcomer:
        newcomer.make_install()
        yield newcomer
    shutil.rmtree(newcomer.root)


def test_the_service_starts_with_the_machine_and_is_in_order(machine: Newcomer) -> None:
    assert machine.run("systemctl", "is-enabled", "hearthgate.service").strip() == "enabled"
    verified = machine.run("systemd-analyze", "verify", "--man=no", "hearthgate.service", "hearthgate.socket")
    assert "hearthgate" not in verified
    assert machine.run("/usr/local/bin/hearthgate", "check-config", f"/{SETTINGS}") == ""
    owners = machine.run("stat", "-c", "%U", "/opt/hearthgate", "/var/lib/hearthgate").split()
    assert owners == ["root", "hearthgate"]


def test_its_page_answers_and_wants_to_be_claimed(machine: Newcomer, tmp_path: Path) -> None:
    port = free_port()
    (machine.root / SETTINGS).write_text(
        f"gateway:\n  name: Hall\nmqtt:\n  port: {free_port()}\nweb:\n  port: {port}\n"
    )
    with machine.service("hearthgate.service", tmp_path / "log") as process:
        assert "earthgate" in answer(f"http://127.0.0.1:{port}/", process)
        session = json.loads(answer(f"http://127.0.0.1:{port}/api/v1/session", process))
        assert session == {"claimed": False, "user": None}
    assert process.returncode == 0, (tmp_path / "log").read_text()


def test_the_same_command_again_brings_what_is_new_and_leaves_settings_alone(machine: Newcomer) -> None:
    before = (machine.root / SETTINGS).read_text()
    (machine.root / "src/docs/new.md").write_text("new\n")
    run("git", "-C", machine.root / "src", "add", "docs/new.md")
    who = ("-c", "user.name=Ida", "-c", "user.email=ida@example.org")
    run("git", *who, "-C", machine.root / "src", "commit", "--quiet", "-m", "Add a page")
    machine.make_install()
    assert (machine.root / "opt/hearthgate/docs/new.md").read_text() == "new\n"
    assert (machine.root / SETTINGS).read_text() == before
