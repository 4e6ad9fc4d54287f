"""A real Home Assistant Core on this machine, without its supervisor, spoken to by its own REST API.

`make homeassistant` installs it into an environment of its own: it pins hundreds of packages that are not ours.
"""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from .corridor import ROOT, wait_for
from .mosquitto import Mosquitto, free_port

USER, PASSWORD = "ida", "three quiet words"
STARTS_WITHIN_S = 240.0
WORRIES = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL)\b.*", re.MULTILINE)
_OF_ITS_OWN = ("Skipping pip", "zlib_ng and isal are not available", "Error loading libturbojpeg", "is taking over")
"""What it complains about wherever it runs without its container, or slowly."""

_CONFIGURATION = """
homeassistant: {{name: Test, latitude: 52.5, longitude: 6.1, elevation: 1, time_zone: Europe/Amsterdam}}
http: {{server_host: 127.0.0.1, server_port: {port}}}
api:
config:
logger: {{default: warning}}
"""


def home_assistant() -> Path:
    """Its environment; skips the test where there is none."""
    place = Path(os.environ.get("HEARTHGATE_HOMEASSISTANT", ROOT / ".venv-homeassistant"))
    if not (place / "bin" / "hass").is_file():
        pytest.skip("Home Assistant is not installed (make homeassistant)")
    return place


class HomeAssistant:
    """`with HomeAssistant(tmp_path, broker) as home:` starts it afresh, with a user and the broker set up as a person
    does."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self._program = home_assistant() / "bin" / "hass"
        self._folder = folder
        self._broker = broker
        self._log = folder / "hass.txt"
        self._token: str | None = None
        folder.mkdir()
        self._base = f"http://127.0.0.1:{(port := free_port())}"
        (folder / "configuration.yaml").write_text(_CONFIGURATION.format(port=port))

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [str(self._program), "--config", str(self._folder), "--skip-pip"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for(self._answers, "Home Assistant answers", STARTS_WITHIN_S)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)

    def worries(self) -> list[str]:
        """Warnings and errors that it logged, but those that have nothing to do with us."""
        found = [match[0] for match in WORRIES.finditer(self._log.read_text(errors="replace"))]
        return [line for line in found if not any(own in line for own in _OF_ITS_OWN)]

    def state(self, entity: str) -> dict[str, Any]:
        """{"state", "attributes", ...}; empty where there is no such entity."""
        try:
            found: dict[str, Any] = self._call("GET", f"/api/states/{entity}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return {}
        return found

    def entities(self) -> set[str]:
        """Ours."""
        names = [state["entity_id"] for state in self._call("GET", "/api/states")]
        return {name for name in names if "hearthgate" in name}

    def ask(self, domain: str, service: str, **data: Any) -> None:
        self._call("POST", f"/api/services/{domain}/{service}", data)

    def version(self) -> tuple[int, int]:
        year, month, *_ = str(self._call("GET", "/api/config")["version"]).split(".")
        return int(year), int(month)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text(errors="replace")[-2000:]
        try:
            return self._token is None or self._call("GET", "/api/config")["state"] == "RUNNING"
        except OSError:
            return False

    def _call(self, method: str, path: str, body: Any = None, *, form: bool = False) -> Any:
        data = (urllib.parse.urlencode(body) if form else json.dumps(body)).encode() if body is not None else None
        request = urllib.request.Request(self._base + path, data, method=method)
        request.add_header("Content-Type", "application/x-www-form-urlencoded" if form else "application/json")
        if self._token is not None:
            request.add_header("Authorization", f"Bearer {self._token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def _sign_in(self) -> None:
        """As its own page does."""
        me = {"client_id": f"{self._base}/"}
        asked = {**me, "handler": ["homeassistant", None], "redirect_uri": f"{self._base}/"}
        flow = wait_for(lambda: self._tried("/auth/login_flow", asked), "a login", STARTS_WITHIN_S)
        found = self._call(
            "POST", f"/auth/login_flow/{flow['flow_id']}", {**me, "username": USER, "password": PASSWORD}
        )
        grant = {**me, "grant_type": "authorization_code", "code": found["result"]}
        self._token = self._call("POST", "/auth/token", grant, form=True)["access_token"]

    def _tried(self, path: str, body: Any) -> Any:
        try:
            return self._call("POST", path, body)
        except OSError:
            return None

    def _add_broker(self) -> None:
        """The form of its MQTT integration."""
        broker = self._broker
        login = {"broker": "127.0.0.1", "port": broker.port, "username": broker.username, "password": broker.password}
        flow = self._call("POST", "/api/config/config_entries/flow", {"handler": "mqtt"})
        made = self._call("POST", f"/api/config/config_entries/flow/{flow['flow_id']}", login)
        assert made["type"] == "create_entry", made

    def __enter__(self) -> Self:
        user = ["--script", "auth", "--config", str(self._folder), "add", USER, PASSWORD]
        subprocess.run([self._program, *user], check=True, capture_output=True)
        with ExitStack() as unless_it_works:
            unless_it_works.callback(self._end)
            self.start()
            self._sign_in()
            wait_for(self._answers, "Home Assistant runs", STARTS_WITHIN_S)
            self._add_broker()
            unless_it_works.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
