"""A hub of workers for a benchmark: PostgreSQL, Mosquitto, gateways that are enrolled, and any number of workers."""

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.errors import Refused
from services.hub.app.bench.programs import mosquitto, postgresql
from services.hub.app.bench.swarm import name
from services.hub.app.ways import utc_now
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Enrolment

_SUBSCRIBED = b"broker is well"
_AT_ONCE = 6
_DSN = "HEARTHGATE_HUB_DSN"
# No access list: what is measured is the hub. The limits are those `docs/hub.md` gives for workers.
_MOSQUITTO = ("allow_anonymous true", "max_inflight_messages 2000", "max_queued_messages 100000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    dsn: str
    port: int
    config: Path

    @contextmanager
    def worker(self) -> Generator["subprocess.Popen[bytes]"]:
        """Subscribed. Raises `Refused` ("bench_program_failed")."""
        command = [sys.executable, "-m", "services.hub", "run", "--config", str(self.config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:  # noqa: S603  # ourselves
            try:
                assert process.stderr is not None
                if not any(_SUBSCRIBED in line for line in process.stderr):
                    raise Refused("bench_program_failed", program="hearthgate-hub")
                yield process
            finally:
                process.terminate()


@contextmanager
def site() -> Generator[Site]:
    """Raises `Refused` where a program is missing or does not start."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for the broker as well, which inherits it
    given = os.environ.get(_DSN)
    database = postgresql() if given is None else contextlib.nullcontext(given)
    with TemporaryDirectory(prefix="hghub-") as directory, database as dsn, mosquitto(_MOSQUITTO) as port:
        config = Path(directory) / "hub.yaml"
        broker = f"broker:\n  host: 127.0.0.1\n  port: {port}\n  tls: off\n"
        config.write_text(f"database: {dsn}\n{broker}", encoding="utf-8")
        yield Site(dsn=dsn, port=port, config=config)


async def enrol(dsn: str, gateways: int) -> None:
    """All that are not yet, a few at a time."""
    async with HubStore(database_at(dsn)) as store, asyncio.TaskGroup() as tasks:
        known = {home.gateway for home in await store.homes(limit=gateways)}
        new = iter([number for number in range(gateways) if name(number) not in known])
        for _ in range(_AT_ONCE):
            tasks.create_task(_enrol(store, new))


async def _enrol(store: HubStore, numbers: Iterator[int]) -> None:
    for number in numbers:
        await store.enrol(Enrolment(gateway=name(number), token_sha256=f"{number:064x}"), utc_now())
