import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.hub.store.hub import HubStore, database_at
from tests.services.hub.postgresql import Cluster, binaries, cluster

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    if binaries() is None:
        pytest.skip("needs Debian's postgresql")
    with cluster() as started:
        yield started


@pytest.fixture
def mortal() -> Iterator[Cluster]:
    """A cluster of the test's own, to be killed."""
    if binaries() is None:
        pytest.skip("needs Debian's postgresql")
    with cluster() as started:
        yield started


@pytest.fixture
def dsn(postgresql: Cluster) -> str:
    """Of an empty schema."""
    return postgresql.fresh_schema(f"test_{next(_numbers)}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    return str(tmp_path / "hub.db") if request.param == "sqlite" else request.getfixturevalue("dsn")


@pytest.fixture
async def store(where: str) -> AsyncIterator[HubStore]:
    async with HubStore(database_at(where)) as opened:
        yield opened
