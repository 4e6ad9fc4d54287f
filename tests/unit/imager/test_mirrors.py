"""Where packages come from."""

from dataclasses import replace

import pytest

from imager import mirrors
from imager.recipe import Board, suite_of
from imager.shell import BuildError

RPI = suite_of(Board.RPI, fast=False)


def test_the_mirror_of_this_machine_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "Debian-Backports http://b/\nDebian http://near/debian/\nDebian-Security http://near/security/\n"
    monkeypatch.setattr(mirrors, "run", lambda *_command: told)
    lines = [line.split("] ")[1] for line in mirrors.sources(RPI)]
    assert lines == [
        "http://near/debian trixie main non-free-firmware",
        "http://near/debian trixie-updates main non-free-firmware",
        "http://near/security trixie-security main non-free-firmware",
        "http://near/debian trixie-backports main non-free-firmware",
    ]


def test_the_public_one_serves_where_this_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_command: str) -> str:
        raise BuildError("no apt here")

    monkeypatch.setattr(mirrors, "run", fail)
    assert all(RPI.mirror in line or RPI.security_mirror in line for line in mirrors.sources(RPI))


def test_a_snapshot_asks_nobody_else_and_may_be_old() -> None:
    lines = mirrors.sources(replace(RPI, snapshot="20261101T000000Z"))
    assert len(lines) == 4
    for line in lines:
        assert "check-valid-until=no" in line
        assert "snapshot.debian.org/archive/debian" in line
        assert "/20261101T000000Z " in line
