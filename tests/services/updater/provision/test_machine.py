"""The other programs, where this machine has them."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from gateway.errors import Refused
from services.updater.provision.machine import RealMachine
from services.updater.provision.places import Owners
from tests.services.updater.provision.home import ME

NOBODY = Owners(gateway=65534, gateway_group=65534, broker_group=65534)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root: another user is asked")
@pytest.mark.skipif(not Path(sys.executable).with_name("hearthgate").exists(), reason="needs an installed hearthgate")
@pytest.mark.parametrize(("text", "valid"), [("gateway:\n  name: Hall\n", True), ("gateway:\n  nmae: Hall\n", False)])
def test_settings_are_judged_by_the_gateway_itself(tmp_path: Path, text: str, valid: bool) -> None:
    file = tmp_path / "hearthgate.yaml"
    file.write_text(text)
    verdict = RealMachine(ME).check_settings(file)
    assert verdict.valid is valid
    assert valid or "hearthgate.yaml:2: gateway.nmae" in verdict.told


@pytest.mark.skipif(os.getuid() != 0, reason="needs root: another user is asked")
def test_they_are_judged_without_privileges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "hearthgate"
    program.write_text("#!/bin/sh\nid -u >&2\nid -G >&2\nenv >&2\n")
    program.chmod(0o755)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("SECRET", "canary")
    told = RealMachine(NOBODY).check_settings(tmp_path / "file").told
    assert told.splitlines()[:2] == ["65534", "65534"]
    assert "canary" not in told


def test_a_check_that_cannot_be_made_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(Refused, match="settings_unchecked"):
        RealMachine(ME).check_settings(tmp_path / "file")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs openssh-client")
def test_a_host_key_is_two_files(tmp_path: Path) -> None:
    RealMachine(ME).host_key(tmp_path / "key")
    assert "PRIVATE KEY" in (tmp_path / "key").read_text()
    assert (tmp_path / "key.pub").read_text().startswith("ssh-ed25519 ")


def test_a_program_that_is_missing_or_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program, path=None: None)
    with pytest.raises(Refused, match="ssh-keygen"):
        RealMachine(ME).host_key(tmp_path / "key")
    assert RealMachine(ME).addresses() == []
    monkeypatch.setattr(shutil, "which", lambda _program, path=None: "/bin/false")
    with pytest.raises(Refused, match="CalledProcessError"):
        RealMachine(ME).host_key(tmp_path / "key")
