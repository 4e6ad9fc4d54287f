"""The broker of an appliance for a benchmark: Debian's Mosquitto, where it is installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gateway.app.playground import free_port
from gateway.errors import Refused

_WAIT_S = 10.0
_SEARCH = "/usr/sbin:/usr/local/sbin:/usr/bin"


def installed() -> bool:
    return _found("mosquitto") is not None and _found("mosquitto_passwd") is not None


@contextmanager
def mosquitto(folder: Path, credential: Path) -> Generator[int]:
    """Its port, on this machine only, for the user of the credential file. Raises `Refused` when it does not start."""
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    passwords.write_text(credential.read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([str(_found("mosquitto_passwd")), "-U", str(passwords)], check=True)  # noqa: S603  # fixed arguments
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text(
        f"user root\nlistener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        "set_tcp_nodelay true\nlog_dest none\n",
        encoding="utf-8",
    )
    with subprocess.Popen([str(_found("mosquitto")), "-c", str(config)]) as process:  # noqa: S603  # fixed arguments
        try:
            _await(port)
            yield port
        finally:
            process.terminate()


def _found(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=_SEARCH)


def _await(port: int) -> None:
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Refused("bench_program_failed", program="mosquitto")
