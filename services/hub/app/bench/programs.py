"""PostgreSQL and Mosquitto of a benchmark's own: in a temporary directory, on this machine only."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import Refused

_WAIT_S = 60.0
_SEARCH = "/usr/sbin:/usr/local/sbin:/usr/bin"


def postgresql_tools() -> Path | None:
    """Of the newest version Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def mosquitto_program() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_SEARCH)


@contextmanager
def postgresql() -> Generator[str]:
    """Its address, by a Unix socket; every commit is synced. Raises `Refused` ("bench_program_missing",
    "bench_program_failed"). As root it runs as `postgres`, for it refuses root."""
    tools = postgresql_tools()
    if tools is None:
        raise Refused("bench_program_missing", program="postgresql")
    owner = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="hgpg-") as name:  # short: a socket's path has room for 107 bytes
        if owner is not None:
            os.chown(name, owner, -1)
        init = [str(tools / "initdb"), "-D", f"{name}/data", "-U", "hub", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run(init, check=True, user=owner, cwd=name, stdout=subprocess.DEVNULL)  # noqa: S603  # fixed arguments
        options = {"listen_addresses": "", "unix_socket_directories": name, "shared_buffers": "128MB"}
        command = [str(tools / "postgres"), "-D", f"{name}/data", *(f"--{k}={v}" for k, v in options.items())]
        fast = signal.SIGINT  # SIGTERM would wait for whoever is connected
        with running(command, lambda: _answers(tools, name), user=owner, directory=name, stop=fast):
            yield f"postgresql://hub@/postgres?host={name}"


def _answers(tools: Path, socket_directory: str) -> bool:
    ready = [str(tools / "pg_isready"), "-q", "-h", socket_directory]
    return subprocess.run(ready, check=False).returncode == 0  # noqa: S603  # fixed arguments


@contextmanager
def mosquitto(config: Sequence[str]) -> Generator[int]:
    """The port of a broker with these lines of configuration besides its listener. Raises as `postgresql` does."""
    program = mosquitto_program()
    if program is None:
        raise Refused("bench_program_missing", program="mosquitto")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hgmq-") as name:
        file = Path(name) / "mosquitto.conf"
        lines = ["user root", f"listener {port} 127.0.0.1", "set_tcp_nodelay true", "log_dest none", *config]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with running([program, "-c", str(file)], lambda: _listens(port)):
            yield port


@contextmanager
def running(
    command: Sequence[str],
    ready: Callable[[], bool],
    *,
    user: int | None = None,
    directory: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Generator[subprocess.Popen[bytes]]:
    """Started, ready, and told to `stop` at the end. Raises `Refused` ("bench_program_failed")."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, user=user, cwd=directory, stdout=quiet, stderr=quiet) as process:  # noqa: S603  # ours
        try:
            deadline = time.monotonic() + _WAIT_S
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Refused("bench_program_failed", program=Path(command[0]).name)
                time.sleep(0.05)
            yield process
        finally:
            process.send_signal(stop)


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
