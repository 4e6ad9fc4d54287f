"""The daemon as systemd starts it on an image: sockets, certificate and claim code are given to it."""

import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.integration.corridor import ROOT, configure, wait_for
from tests.integration.mosquitto import free_port
from tests.unit.web.conftest import PASSWORD, USER
from tests.unit.web.test_tls import self_signed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="needs systemd"),
]

CODE = "HEAR-TH23-45GATE"


class Activated:
    """`hearthgate run` behind systemd-socket-activate. `https` and `http` are its ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.https, self.http = free_port(), free_port()
        file = self_signed(folder)
        tls = {"cert_file": str(file), "key_file": str(file)}
        config = configure(folder, web={"host": "127.0.0.1", "port": free_port(), "tls": tls})
        credentials = folder / "credentials"
        credentials.mkdir()
        (credentials / "claim-code").touch(mode=0o400)
        (credentials / "claim-code").chmod(0o600)
        (credentials / "claim-code").write_text(CODE + "\n")
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [
                "systemd-socket-activate",
                *(f"--listen=127.0.0.1:{port}" for port in (self.https, self.http)),
                "--fdname=https:http",
                f"--setenv=CREDENTIALS_DIRECTORY={credentials}",
                f"--setenv=PYTHONPATH={ROOT}",
                *(sys.executable, "-m", "gateway.app.cli", "run", "--config", str(config)),
            ],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def said(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def asked(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with closing(http.client.HTTPSConnection("127.0.0.1", self.https, timeout=60, context=context)) as connection:
            headers |= {"Origin": f"https://127.0.0.1:{self.https}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(45)
        self.log.close()


@pytest.fixture
def activated(tmp_path: Path) -> Iterator[Activated]:
    running = Activated(tmp_path)
    wait_for(lambda: "Listening" in running.said(), "the sockets")
    try:
        yield running
    finally:
        running.stop()


def test_sockets_certificate_and_code_are_given(activated: Activated) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", activated.http, timeout=60)) as connection:
        connection.request("GET", "/login", headers={"Host": f"hearthgate.local:{activated.http}"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (308, f"https://hearthgate.local:{activated.https}/login")
    claimed = activated.folder / "data" / "claimed"
    assert not claimed.exists()
    status, session, headers = activated.asked(
        "POST", "/api/v1/claim", {"code": CODE, "user": USER, "password": PASSWORD}
    )
    assert (status, session["user"]) == (201, USER), activated.said()
    assert "Secure" in headers["Set-Cookie"].split("; ")
    assert claimed.exists()
    status, _, _ = activated.asked("POST", "/api/v1/claim", {"code": CODE, "user": "otto", "password": PASSWORD})
    assert status == 409, "a code opens once"

    cookie, token = headers["Set-Cookie"].partition(";")[0], session["token"]
    me = {"Cookie": cookie, "X-Hearthgate-Token": token}
    status, _, _ = activated.asked("POST", "/api/v1/settings", {"patch": {"faces": {"announce_again_s": 60.0}}}, **me)
    assert status == 204
    deadline = time.monotonic() + 60
    while activated.said().count("page: ") < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    status, found, _ = activated.asked("GET", "/api/v1/settings", **me)
    assert status == 200, "begun anew, it is on the same sockets"
    assert "faces.announce_again_s" in {one["path"] for one in found["settings"]}
    assert activated.process.poll() is None
