"""The daemon is believed a name and a password's digest, and nothing else that it lays down."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.wire.accounts import FOLDER, MOST_BYTES, WISH, Granted, Wish
from services.updater.provision import accounts, boot, wishes
from services.updater.provision.places import Places
from tests.integration.confined import allowed, run_confined
from tests.services.updater.confined_intake import NOBODY, keep_only
from tests.services.updater.provision.confined_wish import NOBODYS
from tests.services.updater.provision.home import ME, FakeMachine, machine_of

DIGEST = "$7$1000$c2FsdHNhbHQ=$" + "A" * 88
UNIT = Path(__file__).resolve().parents[4] / "systemd/hearthgate-accounts.service"
ID = "0123456789abcdef"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """After a first start."""
    places = machine_of(tmp_path)
    (places.data_of_gateway / FOLDER).mkdir()
    assert boot.start(places, ME, FakeMachine()) == []
    return places


def lay(places: Places, raw: str | bytes) -> Path:
    file = places.data_of_gateway / FOLDER / WISH
    file.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return file


def wish(name: str = "lamp", digest: str | None = DIGEST) -> str:
    return Wish(id=ID, name=name, digest=digest).model_dump_json()


def granted(places: Places) -> Granted:
    return Granted.model_validate_json(places.granted.read_bytes())


def passwd(places: Places) -> list[str]:
    """Names in the file that Mosquitto reads."""
    return [line.partition(":")[0] for line in (places.mqtt / "passwd").read_text().splitlines()]


def test_before_any_wish_the_gateway_is_told_that_nobody_has_one(places: Places) -> None:
    assert granted(places) == Granted()
    assert places.granted.stat().st_mode & 0o777 == 0o640
    assert not wishes.grant(places, ME, FakeMachine())


def test_an_account_is_had_replaced_and_taken_away(places: Places) -> None:
    file = lay(places, wish())
    assert wishes.grant(places, ME, FakeMachine())
    assert granted(places) == Granted(names=("lamp",), last=ID)
    assert f"lamp:{DIGEST}" in (places.mqtt / "passwd").read_text()
    assert not file.exists()
    other = DIGEST.replace("A", "B")
    lay(places, wish(digest=other))
    assert wishes.grant(places, ME, FakeMachine())
    assert passwd(places) == ["hearthgate", "lamp"]
    assert other in (places.mqtt / "passwd").read_text()
    lay(places, wish(digest=None))
    assert wishes.grant(places, ME, FakeMachine())
    assert granted(places) == Granted(last=ID)
    assert passwd(places) == ["hearthgate"]


def test_the_gateways_own_account_is_not_for_wishing(places: Places) -> None:
    before = (places.mqtt / "passwd").read_bytes()
    lay(places, wish(name="hearthgate"))
    assert not wishes.grant(places, ME, FakeMachine())
    assert granted(places).key == "account_name"
    assert (places.mqtt / "passwd").read_bytes() == before


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[1]",
        b"\xff" * 10,
        b"x" * (MOST_BYTES + 1),
        wish().replace("lamp", "lamp\\nroot"),
        wish().replace("lamp", "../lamp"),
        wish().replace(DIGEST, "secret"),
        wish().replace(DIGEST, f"{DIGEST}\\nroot:{DIGEST}"),
        json.dumps({**json.loads(wish()), "file": "/etc/shadow"}),
    ],
    ids=range(9),
)
def test_what_is_no_wish_is_taken_away_and_changes_nothing(places: Places, raw: str | bytes) -> None:
    before = {file: file.read_bytes() for file in (places.mqtt / "passwd", places.granted)}
    file = lay(places, raw)
    assert not wishes.grant(places, ME, FakeMachine())
    assert not file.exists(), "or root would be started for it for ever"
    assert {file: file.read_bytes() for file in before} == before


def test_a_link_to_something_else_is_not_followed(places: Places) -> None:
    (places.root / "elsewhere").write_text(wish())
    link = places.data_of_gateway / FOLDER / WISH
    link.symlink_to(places.root / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        wishes.grant(places, ME, FakeMachine())
    assert passwd(places) == ["hearthgate"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lose")
def test_what_the_unit_is_left_is_enough(places: Places) -> None:
    """For a wish in a folder of the daemon's, and files for the group of the broker."""
    assert boot.start(places, NOBODYS, FakeMachine()) == []
    file = lay(places, wish())
    file.chmod(0o600)
    for path in (file, file.parent):
        os.chown(path, NOBODY, NOBODY)
    filters = re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert run_confined(_grant, allowed(filters), places.root) == 0
    assert granted(places).names == ("lamp",)
    assert (places.mqtt / "passwd").stat().st_gid == places.granted.stat().st_gid == NOBODY


def _grant(folder: Path) -> None:
    kept = re.findall(r"^CapabilityBoundingSet=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    keep_only(kept[0].split())
    command = [sys.executable, "-m", "tests.services.updater.provision.confined_wish", str(folder)]
    sys.exit(subprocess.run(command, check=False, timeout=60, cwd=UNIT.parents[1]).returncode)


def test_there_is_an_end_to_accounts(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_MOST_CLIENTS", 1)
    for name, key in (("lamp", None), ("heater", "account_many"), ("lamp", None)):
        lay(places, wish(name=name))
        assert wishes.grant(places, ME, FakeMachine()) == (key is None)
        assert granted(places).key == key
    assert granted(places).names == ("lamp",)


def test_a_disk_that_takes_nothing_is_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(accounts, "change", full)
    lay(places, wish())
    assert not wishes.grant(places, ME, FakeMachine())
    assert granted(places).key == "memory_unwritable"
