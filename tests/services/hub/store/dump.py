"""`python -m tests.services.hub.store.dump` writes the dumps of the newest schema: to be run once for each."""

import asyncio
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

from services.hub.store.hub import HubStore, database_at
from services.hub.store.migrations import scripts
from services.hub.store.upkeep import Retention
from services.hub.store.words import Enrolment
from tests.services.hub.postgresql import cluster
from tests.services.hub.store.fleet import NOON, delivery, energy, greeting

DUMPS = Path(__file__).with_name("dumps")


async def fill(where: str) -> None:
    async with HubStore(database_at(where), Retention(hours=timedelta(days=20))) as store:
        await store.upkeep(NOON)
        await store.enrol(Enrolment(gateway="home-a", key_sha256="a" * 64, labels={"ring": "canary"}), NOON)
        await store.hello("home-a", greeting(), NOON)
        await store.take([delivery(1, energy(1.5))], NOON)
        await store.refuse({("home-a", "summary_invalid"): 2}, NOON)
        await store.upkeep(NOON + timedelta(days=1))


def of_sqlite(version: int) -> str:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "hub.db")
        asyncio.run(fill(str(path)))
        connection = sqlite3.connect(path)
        lines = [*connection.iterdump(), f"PRAGMA user_version = {version};", ""]
        connection.close()
    return "\n".join(lines)


def of_postgresql() -> str:
    with cluster() as started:
        asyncio.run(fill(started.fresh_database("dump")))
        lines = started.dump("dump").splitlines()
    # Newer psql sets these for itself, older ones do not know them.
    kept = [line for line in lines if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))]
    return "\n".join([*kept, ""])


def main() -> None:
    version = max(scripts("sqlite"))
    (DUMPS / f"sqlite_v{version}.sql").write_text(of_sqlite(version), encoding="utf-8")
    (DUMPS / f"postgresql_v{version}.sql").write_text(of_postgresql(), encoding="utf-8")


if __name__ == "__main__":
    main()
