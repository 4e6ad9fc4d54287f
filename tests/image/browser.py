"""A browser that looks at the page of an emulated machine, from the outside."""

import json
import ssl
import time
import urllib.request
from collections.abc import Mapping
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.image.machine import Machine
from tests.image.vm import BOOT_S

OWNER = {"user": "owner", "password": "long enough for a test"}


class Browser:
    """Believes any certificate, as a person does who was told to expect the warning; keeps cookies."""

    def __init__(self, machine: Machine) -> None:
        self.home = f"https://127.0.0.1:{machine.vm.https_port}"
        believing = ssl.create_default_context()
        believing.check_hostname = False
        believing.verify_mode = ssl.CERT_NONE
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=believing), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def get(self, path: str) -> Any:
        return json.loads(self.fetch(path))

    def fetch(self, path: str) -> bytes:
        with self._opener.open(f"{self.home}/api/v1/{path}", timeout=30) as answer:
            found: bytes = answer.read()
            return found

    def post(self, path: str, body: Mapping[str, str]) -> Any:
        headers = {"Content-Type": "application/json", "Origin": self.home}
        return self._send(urllib.request.Request(f"{self.home}/api/v1/{path}", json.dumps(body).encode(), headers))

    def upload(self, file: Path) -> Any:
        """Into the inbox for bundles, in one piece."""
        data = file.read_bytes()
        headers = {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}", "Origin": self.home}
        headers |= {"Content-Type": "application/octet-stream"}
        place = f"{self.home}/api/v1/machine/inbox/{file.name}"
        return self._send(urllib.request.Request(place, data, headers, method="PUT"))

    def _send(self, asked: urllib.request.Request) -> Any:
        """With the word that only the page itself knows, once there is an owner."""
        asked.add_header("X-Hearthgate-Token", self.get("session").get("token", ""))
        with self._opener.open(asked, timeout=60) as answer:
            return json.load(answer)

    def wait(self, timeout: float = BOOT_S) -> None:
        """Until the page answers."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._opener.open(self.home, timeout=10).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def own(self, machine: Machine) -> None:
        """Claim the gateway with the code on its FAT partition, where nobody has done so."""
        if not self.get("session")["claimed"]:
            told = machine.vm.run("cat /boot/hearthgate/claim-code.txt")
            code = next(word for word in told.split() if "-" in word and word.upper() == word)
            self.post("claim", OWNER | {"code": code})
