"""Operators, sessions, tokens and the audit, in either database."""

import asyncio
from datetime import timedelta

import pytest

from gateway.errors import Refused
from services.hub.store import audit, credentials
from services.hub.store import operators as people
from services.hub.store.credentials import ApiToken
from services.hub.store.database import Role, Session
from services.hub.store.hub import HubStore, database_at
from services.hub.store.operators import Operator, Rank
from tests.services.hub.store.fleet import NOON

DAY = timedelta(days=1)


def somebody(name: str, rank: Rank = Rank.ADMIN) -> Operator:
    return Operator(name=name, rank=rank, created=NOON, password=f"hash of {name}")


def token(token_id: str, made_by: str) -> ApiToken:
    return ApiToken(
        id=token_id, digest=f"digest {token_id}", label="x", rank=Rank.VIEWER, made_by=made_by, created=NOON
    )


async def test_a_session_ends_in_time_and_has_the_rank_of_now(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for one in (somebody("ida"), somebody("otto")):
            await people.add_operator(session, one)
        await credentials.open_session(session, "s1", "ida", expires=NOON + DAY, at=NOON)
        assert await credentials.rank_in_session(session, "s1", NOON) == ("ida", Rank.ADMIN)
        await people.set_rank(session, "ida", Rank.VIEWER)
        assert await credentials.rank_in_session(session, "s1", NOON) == ("ida", Rank.VIEWER)
        assert await credentials.rank_in_session(session, "s1", NOON + DAY) is None
        await people.set_password(session, "ida", "another")
        assert await credentials.rank_in_session(session, "s1", NOON) is None


async def _demote(session: Session, name: str) -> None:
    await people.set_rank(session, name, Rank.OPERATOR)


async def _lock_out(session: Session, name: str) -> None:
    await people.set_password(session, name, "x")


async def test_somebody_remains_admin(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for one in (somebody("ida"), somebody("otto", Rank.OPERATOR)):
            await people.add_operator(session, one)
        for act in (people.remove_operator, _demote):
            with pytest.raises(Refused, match="last_admin"):
                await act(session, "ida")
        await people.set_rank(session, "otto", Rank.ADMIN)
        await people.remove_operator(session, "ida")
        assert [one.name for one in await people.operators(session)] == ["otto"]


async def test_of_many_first_ones_at_once_there_is_one(store: HubStore) -> None:
    async def claim(name: str) -> None:
        async with store.database.transaction() as session:
            await people.add_first(session, somebody(name))

    ends = await asyncio.gather(*(claim(name) for name in ("ida", "otto", "vera")), return_exceptions=True)
    assert [end.key for end in ends if isinstance(end, Refused)] == ["already_claimed"] * 2
    async with store.database.transaction() as session:
        assert len(await people.operators(session)) == 1


async def test_two_admins_that_remove_each_other_at_once_leave_one(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for one in (somebody("ida"), somebody("otto")):
            await people.add_operator(session, one)

    async def remove(name: str) -> None:
        async with store.database.transaction() as session:
            await people.remove_operator(session, name)

    ends = await asyncio.gather(remove("ida"), remove("otto"), return_exceptions=True)
    assert [end.key for end in ends if isinstance(end, Refused)] == ["last_admin"]
    async with store.database.transaction() as session:
        assert len(await people.operators(session)) == 1


async def test_who_goes_takes_sessions_and_tokens_along(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for one in (somebody("ida"), somebody("otto")):
            await people.add_operator(session, one)
            await credentials.open_session(session, f"of {one.name}", one.name, expires=NOON + DAY, at=NOON)
            await credentials.add_token(session, token(f"t-{one.name}", one.name))
        await people.remove_operator(session, "otto")
        assert await credentials.rank_in_session(session, "of otto", NOON) is None
        assert await credentials.token_of(session, "digest t-otto") is None
        assert await credentials.rank_in_session(session, "of ida", NOON) is not None
        assert [one.id for one in await credentials.tokens(session)] == ["t-ida"]


async def test_nobody_is_told_as_such(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for act in (_demote, _lock_out, people.remove_operator):
            with pytest.raises(Refused, match="operator_unknown"):
                await act(session, "nobody")


async def test_the_audit_is_read_backwards_in_pages(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for number in range(5):
            await audit.note(session, who="ida", what="home_revoked", subject=f"h{number}", at=NOON, detail={"b": "2"})
        newest = await audit.deeds(session, limit=2)
        older = await audit.deeds(session, limit=9, before=newest[-1].id)
    assert [deed.subject for deed in (*newest, *older)] == ["h4", "h3", "h2", "h1", "h0"]
    assert (newest[0].who, newest[0].what, newest[0].at, newest[0].detail) == ("ida", "home_revoked", NOON, {"b": "2"})


@pytest.mark.integration
@pytest.mark.parametrize("write", ["UPDATE audit SET who = 'me'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_no_worker_rewrites_the_audit(dsn: str, write: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        with pytest.raises(Refused, match="store_denied"):
            async with store.database.transaction() as session:
                await session.execute(write)


@pytest.mark.integration
@pytest.mark.parametrize("table", ["operators", "sessions", "api_tokens", "invitations", "audit"])
async def test_a_home_reads_nothing_of_the_people(dsn: str, table: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        with pytest.raises(Refused, match="store_denied"):
            async with store.database.transaction(Role.HOME, gateway="home-a") as session:
                await session.fetch(f"SELECT * FROM {table}")
