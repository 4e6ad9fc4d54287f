"""A start as a whole: what is there afterwards, whatever there was before."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from services.updater.provision import boot, claim
from tests.services.updater.provision.home import ME, SECRETS, FakeMachine, files_below, lay_everything, machine_of


def test_the_first_start_makes_all_that_the_gateway_and_the_broker_need(tmp_path: Path) -> None:
    places, machine = machine_of(tmp_path), FakeMachine()
    assert boot.start(places, ME, machine) == []
    assert machine.called == "hearthgate-ab12"
    assert {file.name for file in places.store.iterdir()} == {f"hearthgate.{name}" for name in boot.HANDED}
    assert len((places.store / "hearthgate.hearthgate-vault-key").read_bytes()) == 32
    settings = places.settings.read_text()
    assert "id: hearthgate-ab12" in settings
    assert "credential: broker" in settings
    assert {file.name for file in places.mqtt.iterdir()} == {"acl", "gateway.crt", "gateway.key", "own", "passwd"}
    assert json.loads(places.imported.read_text()) == []


def test_what_is_secret_can_be_read_by_nobody_else(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    lay_everything(places)
    assert boot.start(places, ME, FakeMachine()) == []
    open_to_all = {"tls/ca.crt", "tls/gateway.crt", "hostname"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (places.ssh, places.networks)} == {0o700}
    modes = {
        str(f.relative_to(places.etc)): stat.S_IMODE(f.stat().st_mode)
        for f in places.etc.rglob("*")
        if f.is_file() and not f.is_symlink()
    }
    assert {name for name, mode in modes.items() if mode & 0o007} == open_to_all
    assert {name for name, mode in modes.items() if mode & 0o077 & ~0o040} == open_to_all


def test_another_start_changes_nothing(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    lay_everything(places)
    boot.start(places, ME, FakeMachine())
    before = {**files_below(places.etc), **files_below(places.stick)}
    record = places.imported.read_text()
    assert boot.start(places, ME, FakeMachine()) == []
    assert {**files_below(places.etc), **files_below(places.stick)} == before
    assert places.imported.read_text() == record, "what was taken in stays on record"


def test_another_start_loads_nothing_that_only_changes_take(tmp_path: Path) -> None:
    lay_everything(machine_of(tmp_path))
    again = """
import sys
from pathlib import Path
import services.updater.provision.__main__
from services.updater.provision import boot
from services.updater.provision.places import Places
from tests.services.updater.provision.home import ME, FakeMachine
print(boot.start(Places(root=Path(sys.argv[1])), ME, FakeMachine()))
print({"pydantic", "cryptography"} & set(sys.modules))
"""
    told = [
        subprocess.run([sys.executable, "-c", again, tmp_path], check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert told[0].splitlines()[0] == "[]"
    assert told[1].splitlines() == ["[]", "set()"]


def test_what_was_laid_beside_is_taken_in_and_its_secrets_erased(tmp_path: Path) -> None:
    places, machine = machine_of(tmp_path), FakeMachine()
    lay_everything(places)
    boot.start(places, ME, machine)
    left = files_below(places.stick)
    assert set(left) == {claim.NOTE}
    assert not any(secret in b"".join(left.values()) for secret in SECRETS)
    assert (places.secrets / "door").read_bytes() == b"admin:c4nary-d00r"
    assert "zigbee2mqtt:$7$" in (places.mqtt / "passwd").read_text()
    assert (places.networks / "home.nmconnection").stat().st_mode & 0o777 == 0o600
    assert (places.firewall / "ssh.nft").exists()
    assert (places.etc / "localtime").readlink() == Path("/usr/share/zoneinfo/Europe/Berlin")
    taken = json.loads(places.imported.read_text())
    assert taken == [{"file": name} for name in ("network/home.nmconnection", "authorized_keys", "hearthgate.yaml")]
    assert not any(secret in places.settings.read_bytes() + machine.asked[0] for secret in SECRETS)


def test_a_bad_file_is_named_and_keeps_nothing_else_out(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    lay_everything(places)
    (places.stick / "hearthgate.yaml").write_text("credentials:\n  door: a:b\ncameras: broken\n")
    (places.stick / "network/x.nmconnection").write_text("[connection]\nid=x\ntype=vpn\n")
    assert boot.start(places, ME, FakeMachine()) == []
    keys = {entry["file"]: entry.get("key") for entry in json.loads(places.imported.read_text())}
    assert keys == {
        "network/home.nmconnection": None,
        "network/x.nmconnection": "network_type",
        "authorized_keys": None,
        "hearthgate.yaml": "settings_invalid",
    }
    assert (places.stick / "hearthgate.yaml").exists(), "to be mended"
    assert "id: hearthgate-ab12" in places.settings.read_text(), "the settings before stay in force"
    assert not (places.secrets / "door").exists()
    detail = next(e["detail"] for e in json.loads(places.imported.read_text()) if e["file"] == "hearthgate.yaml")
    assert detail == "hearthgate.yaml:1: cameras: not so"


@pytest.mark.parametrize("missing", ["usr/share/hearthgate/hearthgate.acl", "usr/share/hearthgate/gateway.yaml"])
def test_a_step_that_fails_stops_no_other(tmp_path: Path, missing: str) -> None:
    places = machine_of(tmp_path)
    (tmp_path / missing).unlink()
    assert len(boot.start(places, ME, FakeMachine())) == 1
    assert (places.stick / claim.NOTE).exists()


def test_a_machine_without_a_fat_partition_starts_as_well(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    places.stick.rmdir()
    assert boot.start(places, ME, FakeMachine()) == []


def test_the_code_goes_from_the_stick_once_the_gateway_has_an_owner(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    boot.start(places, ME, FakeMachine())
    code = (places.credentials / claim.CREDENTIAL).read_text()
    assert code in (places.stick / claim.NOTE).read_text()
    assert code in claim.screen(places, "hearthgate-ab12", [])
    places.claimed.touch()
    boot.start(places, ME, FakeMachine())
    assert not (places.stick / claim.NOTE).exists()
    assert code not in claim.screen(places, "hearthgate-ab12", [])


def test_the_name_outlives_the_network_card(tmp_path: Path) -> None:
    places, machine = machine_of(tmp_path), FakeMachine()
    boot.start(places, ME, machine)
    (tmp_path / "sys/class/net/eth0/address").write_text("d8:3a:dd:01:ff:ff\n")
    boot.start(places, ME, machine)
    assert machine.called == "hearthgate-ab12"


def test_a_raspberry_pi_is_called_by_its_serial_number(tmp_path: Path) -> None:
    places, machine = machine_of(tmp_path), FakeMachine()
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    (tmp_path / "proc/device-tree/serial-number").write_text("10000000c0ffee42\0")
    boot.start(places, ME, machine)
    assert machine.called == "hearthgate-ee42"
