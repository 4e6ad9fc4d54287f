"""The package index is pip's business; we read what it was told."""

import sys

import pytest

from gateway.errors import Refused
from gateway.models import pipconfig

LISTING = """:env:.cert='/etc/authorities.pem'
:env:.default-timeout='180'
download.index-url='https://download.invalid/simple'
global.extra-index-url='file:///opt/one/simple\\nhttps://two.invalid/simple'
global.index-url='https://global.invalid/simple'
install.index-url='https://install.invalid/simple'
"""
HELP = """  -i, --index-url <url>       Base URL of the Python Package Index (default
                              https://index.invalid/simple). This should point to a
  --extra-index-url <url>     Extra URLs (default nothing)
"""


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What pip prints, by its first argument."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    prints = {"config": "", "download": HELP}
    monkeypatch.setattr(pipconfig, "_pip", lambda *arguments: prints[arguments[0]])
    return prints


def test_the_strongest_section_that_counts_for_a_download_wins(pip: dict[str, str]) -> None:
    pip["config"] = LISTING
    assert pipconfig.index_settings() == pipconfig.IndexSettings(
        urls=("https://download.invalid/simple/", "file:///opt/one/simple/", "https://two.invalid/simple/"),
        cert="/etc/authorities.pem",
    )


def test_an_environment_variable_beats_the_files(pip: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    pip["config"] = LISTING
    monkeypatch.setenv("PIP_INDEX_URL", "https://env.invalid/simple/")
    assert pipconfig.index_settings().urls[0] == "https://env.invalid/simple/"


def test_without_configuration_it_is_the_default_that_pip_names(pip: dict[str, str]) -> None:
    assert pipconfig.index_settings().urls == ("https://index.invalid/simple/",)


def test_an_index_that_is_switched_off_is_not_asked(pip: dict[str, str]) -> None:
    pip["config"] = LISTING + ":env:.no-index='1'\n"
    assert pipconfig.index_settings().urls[0] == "file:///opt/one/simple/"


def test_a_machine_without_pip_is_told_what_to_set(pip: dict[str, str]) -> None:
    pip["download"] = ""
    with pytest.raises(Refused) as caught:
        pipconfig.index_settings()
    assert caught.value.key == "index_unknown"
    assert "PIP_INDEX_URL" in str(caught.value)


def test_the_real_pip_is_understood() -> None:
    pytest.importorskip("pip")
    assert "://" in pipconfig.default_index(pipconfig._pip("download", "--help"))


def test_an_interpreter_without_pip_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert pipconfig._pip("config", "list") == ""
