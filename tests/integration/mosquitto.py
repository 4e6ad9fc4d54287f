"""A real Mosquitto from Debian on a free port of this machine, with a password file and no anonymous access."""

import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

_SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"  # Debian keeps daemons off a user's PATH
MOSQUITTO = shutil.which("mosquitto", path=_SEARCH)
PASSWD = shutil.which("mosquitto_passwd", path=_SEARCH)

USER, PASSWORD = "gateway", "canary-5up3r-53cr37"


def free_port() -> int:
    """Below those that the kernel gives to outgoing connections: whoever asks again and again for one of them on which
    nobody listens is in the end connected to itself, and then it is taken."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


class Mosquitto:
    """`with Mosquitto(tmp_path) as broker:`; `kill`, `start`, `stop_answering`, `answer_again` on the same port.

    Retained messages survive a kill only with `persistent` (saved at every change).
    """

    def __init__(self, directory: Path, *, persistent: bool = False) -> None:
        if MOSQUITTO is None or PASSWD is None:
            pytest.skip("mosquitto is not installed (apt-get install mosquitto)")
        self.port = free_port()
        self.username, self.password = USER, PASSWORD
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self.users({USER: PASSWORD})
        self._config = directory / "mosquitto.conf"
        self._config.write_text(
            f"user {getpass.getuser()}\nlistener {self.port} 127.0.0.1\n"
            f"allow_anonymous false\npassword_file {directory / 'passwd'}\n"
            f"set_tcp_nodelay true\npersistence {str(persistent).lower()}\npersistence_location {directory}/\n"
            "autosave_interval 1\nautosave_on_changes true\nlog_dest stderr\nlog_type error\nlog_type warning\n"
        )

    def users(self, users: dict[str, str]) -> None:
        """Write the password file anew; `reload` makes a running broker read it."""
        assert PASSWD is not None
        file = self._directory / "passwd"
        file.write_text("".join(f"{name}:{password}\n" for name, password in users.items()))
        file.chmod(0o600)
        subprocess.run([PASSWD, "-U", str(file)], check=True, capture_output=True)

    def start(self) -> None:
        assert MOSQUITTO is not None
        with (self._directory / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._config)], stderr=log, stdout=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, (self._directory / "mosquitto.log").read_text()
            time.sleep(0.02)
        raise AssertionError("mosquitto does not listen")

    def kill(self) -> None:
        """Die at once, as in a power cut."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop_answering(self) -> None:
        self._signal(signal.SIGSTOP)

    def answer_again(self) -> None:
        self._signal(signal.SIGCONT)

    def reload(self) -> None:
        self._signal(signal.SIGHUP)

    def log(self) -> str:
        return (self._directory / "mosquitto.log").read_text()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.answer_again()
        self.kill()
