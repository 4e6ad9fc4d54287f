"""A PostgreSQL cluster of a test's own: in a temporary directory, on a Unix socket, killed and started at will.

PostgreSQL refuses to run as root: then it runs as `postgres`, which Debian's package makes.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WAIT_S = 60.0
_ROOM = 1 << 30


def binaries() -> Path | None:
    """Of the newest installed version; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Cluster:
    """`kill` is `kill -9` of the postmaster; its children notice and go."""

    def __init__(self, directory: Path, tools: Path, *, fsync: bool) -> None:
        self._fsync = fsync
        self._directory = directory
        self._tools = tools
        self._data = directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        root = os.geteuid() == 0
        self._user = pwd.getpwnam("postgres") if root else None
        self._uid = None if self._user is None else self._user.pw_uid
        self._gid = None if self._user is None else self._user.pw_gid

    def create(self) -> None:
        if self._user is not None:
            os.chown(self._directory, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", "hub", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        """Returns once it takes connections. Without fsync a commit survives every kill, but no power cut."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._directory),
            "max_connections": "40",
            "shared_buffers": "64MB",
            "fsync": "on" if self._fsync else "off",
            "logging_collector": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._tools / "postgres"), "-D", str(self._data), *options],
                stdout=log,
                stderr=log,
                cwd=self._directory,
                user=self._uid,
                group=self._gid,
            )
        self._wait_until_ready()

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._wait_until_children_are_gone()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=_WAIT_S)

    def dsn(self, database: str = "postgres", user: str = "hub") -> str:
        return f"postgresql://{user}@/{database}?host={self._directory}"

    def psql(self, sql: str, database: str = "postgres", user: str = "hub") -> str:
        """Every row on a line, columns parted by "|". Stops at the first error."""
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1")
        return self._run("psql", *options, self.dsn(database, user), text=sql).strip()

    def fresh_database(self, name: str) -> str:
        """Its DSN. What was there under this name before is gone."""
        self.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.psql(f"CREATE DATABASE {name} STRATEGY = file_copy TEMPLATE template0")
        return self.dsn(name)

    def fresh_schema(self, name: str) -> str:
        """A DSN that works within it: as good as a database of its own, and made at once."""
        self.psql(f"CREATE SCHEMA {name}")
        return f"{self.dsn()}&search_path={name}"

    def dump(self, database: str) -> str:
        return self._run("pg_dump", "--inserts", "--no-owner", self.dsn(database))

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _WAIT_S
        ready = [str(self._tools / "pg_isready"), "-q", "-h", str(self._directory)]
        while subprocess.run(ready, check=False).returncode != 0:
            assert self._process is not None
            assert self._process.poll() is None, (self._directory / "log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.02)

    def _wait_until_children_are_gone(self) -> None:
        """They hold the shared memory: the next start refuses while one is left."""
        deadline = time.monotonic() + _WAIT_S
        while _works_in(self._data):
            assert time.monotonic() < deadline, "a child of PostgreSQL does not end"
            time.sleep(0.02)

    def _run(self, tool: str, *options: str, text: str = "") -> str:
        done = subprocess.run(
            [str(self._tools / tool), *options],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=self._directory,
            user=self._uid,
            group=self._gid,
        )
        assert done.returncode == 0, f"{tool}: {done.stderr}"
        return done.stdout


def _works_in(directory: Path) -> bool:
    """Whether any process does; each child of PostgreSQL leads a session of its own, but all stay in its data."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == directory:
                return True
        except OSError:
            continue  # it ended, or is somebody else's
    return False


def _memory() -> str | None:
    """Thousands of small files are made and removed: in memory, where there is room, that is no work."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > _ROOM else None


@contextmanager
def cluster(*, fsync: bool = False) -> Iterator[Cluster]:
    """Started. The directory's name is short: a Unix socket's path has room for 107 bytes."""
    tools = binaries()
    assert tools is not None
    directory = Path(tempfile.mkdtemp(prefix="hgpg-", dir=None if fsync else _memory()))
    made = Cluster(directory, tools, fsync=fsync)
    try:
        made.create()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(directory, ignore_errors=True)
