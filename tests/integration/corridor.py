"""The gateway as a real process, for tests: a configuration, a child, its page and its end."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .mosquitto import PASSWORD, USER, Mosquitto, free_port

ROOT = Path(__file__).parents[2]
CANARY = "canary-c4m3r4-p4ss"
CODE = re.compile(r"code (\S+)")
PAGE = re.compile(r"page: (\S+)")


def wait_for(condition: Callable[[], Any], what: str, within_s: float = 30.0) -> Any:
    """The first true value of `condition`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s:g} s: {what}")


class Gateway:
    """`with Gateway(config) as gateway:` runs `hearthgate run`; `lines` is all it has said. `program` is a module that
    runs it elsewhere, with what it is told first."""

    def __init__(self, config: Path, *arguments: str, program: Sequence[str] = ("gateway.app.cli",)) -> None:
        self._command = [sys.executable, "-m", *program, *arguments, "run", "--config", str(config)]
        self.lines: list[str] = []

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._reader = threading.Thread(target=self._read, name="gateway-output", daemon=True)
        self._reader.start()
        wait_for(lambda: self.page or self.process.poll() is not None, "the page's address")
        assert self.process.poll() is None, self.output

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def page(self) -> str | None:
        found = PAGE.search(self.output)
        return found[1] if found else None

    @property
    def claim_code(self) -> str:
        found = CODE.search(self.output)
        assert found is not None
        return found[1]

    def kill(self) -> None:
        """A power cut."""
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(45)
        finally:
            self._ended()

    def _ended(self) -> None:
        self.process.wait()
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self._ended()


class Listener:
    """Everything on the broker, as `mosquitto_sub` tells it."""

    def __init__(self, broker: Mosquitto) -> None:
        self.lines: list[str] = []
        command = ["mosquitto_sub", "-p", str(broker.port), "-u", USER, "-P", PASSWORD, "-v", "-t", "#"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in iter(self._process.stdout.readline, ""))

    def heard(self, line: str) -> bool:
        return line in self.lines

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def configure(folder: Path, **changes: Any) -> Path:
    secrets = folder / "secrets"
    secrets.mkdir()
    for name, content in (("camera", f"viewer:{CANARY}"), ("broker", f"{USER}:{PASSWORD}")):
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(content)
    home = {"id": "test", "data_dir": "data", "key_file": "key/vault.key", "secrets_dir": "secrets"}
    settings = {"gateway": home, "web": {"host": "127.0.0.1", "port": free_port()}, **changes}
    file = folder / "gateway.yaml"
    file.write_text(json.dumps(settings, indent=1), encoding="utf-8")  # JSON is YAML
    return file
