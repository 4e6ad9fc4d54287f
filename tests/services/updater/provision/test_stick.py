"""What people write into files on a card, with whatever editor they have."""

from pathlib import Path

import pytest

from gateway.errors import Invalid
from services.updater.provision import accounts, boot, disk
from services.updater.provision.stick import keys, network, settings
from tests.services.updater.provision.home import KEY, ME, WIFI, FakeMachine, machine_of


def test_secrets_leave_the_settings_and_every_line_keeps_its_number() -> None:
    parted = settings.part("# mine\ncredentials:\n  door: 'it''s: #1'\n\n  yard: \"a b\"\ncameras:\n  - name: door\n")
    assert parted.credentials == {"door": "it's: #1", "yard": "a b"}
    assert parted.settings == "# mine\n\n\n\n\ncameras:\n  - name: door\n"


def test_a_word_elsewhere_is_no_section() -> None:
    text = "cameras:\n  - credentials: 1\n    mqtt_accounts: 2\n"
    assert settings.part(text).settings == text


@pytest.mark.parametrize(
    "line", ["  door", "  - door: a:b", "  door:", "  door: {a: b}", "  door: a #b", "  'door': a:b", "  ../door: a:b"]
)
def test_a_secret_in_another_form_is_refused_by_its_line(line: str) -> None:
    with pytest.raises(Invalid, match="settings_secrets") as refused:
        settings.part(f"credentials:\n{line}\n")
    assert refused.value.facts["line"] == 2
    assert "a:b" not in str(refused.value)


def test_a_section_that_is_not_ours_to_part_is_left_to_the_settings_check() -> None:
    """Where it is refused: nobody's password lands in a file of settings."""
    assert "secret" in settings.part("credentials: {door: secret}\n").settings


@pytest.mark.parametrize("zone", ["Europe/Berlinn", "../../etc/shadow", "/etc/shadow", ""])
def test_a_time_zone_is_one_that_the_machine_knows(tmp_path: Path, zone: str) -> None:
    places = machine_of(tmp_path)
    boot.make_folders(places, ME)
    (places.stick / "hearthgate.yaml").write_text(f"timezone: {zone} # mine\n")
    with pytest.raises(Invalid, match="settings_timezone"):
        settings.take_in(places, ME, FakeMachine())


def test_the_broker_of_this_machine_is_the_one_unless_another_is_named() -> None:
    assert "host: 127.0.0.1" in settings.complete("cameras: []\n")
    assert "127.0.0.1" not in settings.complete("mqtt:\n  host: 192.168.1.10\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_editor_will_do(tmp_path: Path, encoding: str) -> None:
    places, machine = machine_of(tmp_path), FakeMachine()
    boot.make_folders(places, ME)
    (places.stick / "hearthgate.yaml").write_bytes("gateway:\r\n  name: Küche\r\n".encode(encoding))
    settings.take_in(places, ME, machine)
    assert "name: Küche\n" in places.settings.read_text()


def test_text_that_is_none_is_refused(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    boot.make_folders(places, ME)
    (places.stick / "hearthgate.yaml").write_bytes(b"name: K\xfcche\n")
    with pytest.raises(Invalid, match="settings_text"):
        settings.take_in(places, ME, FakeMachine())


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (b"type=wifi", b"type=vpn", "network_type"),
        (b"id=home", b"", "network_form"),
        (b"ssid=Home", b"", "network_ssid"),
        (b"psk=0pen-sesame", b"psk=short", "network_password"),
        (b"psk=0pen-sesame", b"", "network_password"),
        (b"[wifi]", b"[wifi", "network_form"),
        (b"ssid=Home", b"ssid=\xfc", "network_form"),
        (b"id=home", b"id=home\nid=again", "network_form"),
    ],
)
def test_a_connection_that_cannot_work_is_refused(old: bytes, new: bytes, key: str) -> None:
    network.check(WIFI)
    with pytest.raises(Invalid, match=key) as refused:
        network.check(WIFI.replace(old, new))
    assert "sesame" not in str(refused.value)


def test_a_password_with_any_sign_is_a_password() -> None:
    network.check(WIFI.replace(b"0pen-sesame", b"a#b;c=%d$e:[f"))


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    with pytest.raises(Invalid, match="network_name"):
        network.take_in(places, places.stick / "-x;y.nmconnection")


@pytest.mark.parametrize(
    "line",
    ["", "# nothing", f'command="sh" {KEY}', "ssh-dss AAAAB3NzaC1kc3M=", KEY.replace("AAAAC3", "AAAAC4"), "hello"],
)
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(Invalid, match="key"):
        keys.check(line.encode())


def test_keys_are_taken_in_with_their_comments() -> None:
    assert keys.check(f"# mine\n\n{KEY}\r\n{KEY}".encode()) == [KEY, KEY]


def test_without_a_key_there_is_no_door(tmp_path: Path) -> None:
    places = machine_of(tmp_path)
    disk.folder(places.firewall)
    (places.firewall / "ssh.nft").touch()
    keys.open_door(places, FakeMachine())
    assert list(places.firewall.iterdir()) == []


@pytest.mark.parametrize("name", ["hearthgate", "", "Shelly", "a b", "a:b", "../x", "x" * 64])
def test_an_account_has_a_plain_name_that_is_not_the_gateways(name: str) -> None:
    with pytest.raises(Invalid, match="account_name"):
        accounts.check(name, "long enough")


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "with\nline", "with\0nul"])
def test_an_account_has_a_password(password: str) -> None:
    with pytest.raises(Invalid, match="account_password") as refused:
        accounts.check("shelly", password)
    assert not password or password not in str(refused.value)


def test_a_file_that_is_none_or_endless_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 100)
    with pytest.raises(Invalid, match="file_too_large"):
        disk.read(tmp_path / "long", 99)
    with pytest.raises(Invalid, match="file_irregular"):
        disk.read(Path("/dev/null"), 99)
    (tmp_path / "link").symlink_to(tmp_path / "long")
    with pytest.raises(OSError, match="symbolic"):
        disk.read(tmp_path / "link", 99)


def test_what_is_erased_was_overwritten(tmp_path: Path) -> None:
    """Another name of the same file still shows what is left of it."""
    (tmp_path / "file").write_bytes(b"secret")
    (tmp_path / "other").hardlink_to(tmp_path / "file")
    disk.erase(tmp_path / "file")
    assert (tmp_path / "other").read_bytes() == bytes(6)
    assert not (tmp_path / "file").exists()
