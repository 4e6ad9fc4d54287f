"""The hub's file: what is taken, and how what is wrong is told."""

import re
from pathlib import Path

import pytest
import yaml

from gateway.errors import ConfigError
from services.hub.config.load import load_settings
from services.hub.config.settings import HubSettings

SHOWN = Path(__file__).parents[4] / "config" / "hub.yaml"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "hub.yaml"
    file.write_text(text)
    return file


def test_an_empty_file_is_a_complete_one(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, ""))
    assert settings == HubSettings()
    assert (settings.door.host, settings.door.listens_on) == ("127.0.0.1", 1883)
    assert settings.store == Path("/var/lib/hearthgate-hub/hub.db")


def test_the_file_that_is_shown_holds_every_key_and_its_default(tmp_path: Path) -> None:
    """Without the '#' it must be a good file; what stands there as a default must be one."""
    assert load_settings(SHOWN) == HubSettings()
    shown = re.sub(r"^# ?(?= *[a-z_]+:)", "", SHOWN.read_text(), flags=re.MULTILINE)
    assert set(yaml.safe_load(shown)) == set(HubSettings.model_fields)
    settings = load_settings(written(tmp_path, shown))
    defaults = HubSettings()
    assert settings.broker is not None
    for name in ("data_dir", "secrets_dir", "batch", "retention", "upkeep_s"):
        assert getattr(settings, name) == getattr(defaults, name)
    assert settings.broker == type(settings.broker)(
        host="broker.example.org", tls=settings.broker.tls, credential="broker"
    )


def test_files_count_from_the_directory_of_the_configuration(tmp_path: Path) -> None:
    text = "data_dir: data\ndoor:\n  tls:\n    cert_file: hub.pem\n    key_file: /etc/hub.key\n"
    settings = load_settings(written(tmp_path, text))
    assert settings.store == tmp_path / "data" / "hub.db"
    assert settings.door.tls is not None
    assert settings.door.tls.cert_file == tmp_path / "hub.pem"
    assert settings.door.tls.key_file == Path("/etc/hub.key")
    assert settings.door.listens_on == 8883


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("door:\n  host: 0.0.0.0", "1: door: without tls listens on this machine only"),
        ("door:\n  host: '::'", "1: door: without tls"),
        ("\ndatabase: postgresql://hub:hidden@db/x", "2: database: holds a password"),
        ("database: postgresql://db/x?password=hidden", "1: database: holds a password"),
        ("database: mysql://db/x", "1: database: must begin with postgresql://"),
        ("broker:\n  host: b\n  group: a/b", "3: broker.group: is not of the allowed form"),
        ("broker:\n  host: b\n  tls:\n    cert_file: c", "3: broker.tls"),
        ("batch:\n  moist: 3", "2: batch.moist: is not a known key (did you mean 'most'?)"),
        ("- a", "1: (file): must be a mapping"),
        ("a: b: c", "1: (file): mapping values are not allowed here"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text))
    assert told in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_settings(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(tmp_path / "latin.yaml")
