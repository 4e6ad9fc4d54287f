"""The real daemon, scraped by a program that has the token."""

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from .corridor import Gateway, configure, wait_for
from .mosquitto import free_port

pytestmark = pytest.mark.integration

TOKEN = "canary-t0k3n-of-the-metrics"


def home(folder: Path) -> Path:
    """A gateway with no camera and a broker of its own."""
    return configure(
        folder,
        web={"host": "127.0.0.1", "port": free_port(), "metrics_credential": "metrics"},
        mqtt={"port": free_port()},
    )


def scraped(gateway: Gateway, token: str) -> tuple[int, str]:
    asked = urllib.request.Request(f"{gateway.page}metrics", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_daemon_is_scraped_and_measures_its_own_loop(tmp_path: Path) -> None:
    config = home(tmp_path)
    (tmp_path / "secrets" / "metrics").touch(mode=0o600)
    (tmp_path / "secrets" / "metrics").write_text(TOKEN + "\n", encoding="utf-8")
    with Gateway(config) as gateway:
        wait_for(lambda: "hearthgate_loop_lag_seconds{" in scraped(gateway, TOKEN)[1], "the loop is measured")
        status, text = scraped(gateway, TOKEN)
        assert status == 200
        assert re.search(r'^hearthgate_state\{part="broker",level="ok",key="\w+"\} 1', text, re.MULTILINE), text
        assert float(re.findall(r"^hearthgate_process_resident_bytes (\S+)$", text, re.MULTILINE)[0]) > 1 << 20
        assert scraped(gateway, "guessed")[0] == 401
        assert gateway.stop() == 0
    assert TOKEN not in gateway.output


def test_a_missing_token_costs_the_metrics_and_nothing_else(tmp_path: Path) -> None:
    with Gateway(home(tmp_path)) as gateway:
        assert "metrics are for signed-in people only" in gateway.output
        status, text = scraped(gateway, "None")
        assert (status, json.loads(text)["key"]) == (401, "login_needed")
        assert gateway.stop() == 0
