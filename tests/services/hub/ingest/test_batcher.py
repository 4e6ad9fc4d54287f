"""Many messages to one commit, and what becomes of them when the store is away or the hub stops."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.errors import Transient
from services.hub.ingest.batch import Outcome
from services.hub.ingest.batcher import Batcher
from services.hub.ingest.words import Answer, Arrival

from .made import hello, ingest_of, kept, sent, seqs, store_with, summary

WAIT_S = 10.0


class Told:
    """An `Ingest` that does as it is told: raises each of `weather`, waits for `gate`, then answers with `keys`."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.weather: list[Transient] = []
        self.keys: dict[bytes, str] = {}
        self.taking = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def take(self, arrivals: Sequence[Arrival]) -> Outcome:
        self.batches.append([arrival.payload for arrival in arrivals])
        self.taking.set()
        if self.weather:
            raise self.weather.pop()
        await self.gate.wait()
        answers = tuple(Answer(topic="t", payload=arrival.payload) for arrival in arrivals)
        return Outcome(keys=tuple(self.keys.get(arrival.payload) for arrival in arrivals), answers=answers)


@asynccontextmanager
async def running(batcher: Batcher) -> AsyncGenerator[None]:
    async with asyncio.timeout(WAIT_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(batcher.run())
        yield
        await batcher.close()


def batcher_of(told: Told, answers: list[Answer] | None = None, **more: float) -> Batcher:
    publish = (lambda _answer: None) if answers is None else answers.append
    return Batcher(told, publish, linger_s=0.0, **more)  # type: ignore[arg-type]


def one(text: bytes) -> Arrival:
    return sent(text)


async def test_what_gathers_during_a_commit_is_the_next_one() -> None:
    told = Told()
    told.gate.clear()
    batcher = batcher_of(told)
    async with running(batcher):
        first = await batcher.put(one(b"a"))
        await told.taking.wait()
        rest = [await batcher.put(one(text)) for text in (b"b", b"c", b"d")]
        assert not first.done()
        told.gate.set()
        await asyncio.gather(first, *rest)
        assert told.batches == [[b"a"], [b"b", b"c", b"d"]]


async def test_answers_leave_before_anything_counts_as_done() -> None:
    told, seen = Told(), []
    done: asyncio.Future[str | None] | None = None
    batcher = Batcher(told, lambda _answer: seen.append(done and done.done()), linger_s=0.0)  # type: ignore[arg-type]
    async with running(batcher):
        done = await batcher.put(one(b"a"))
        await done
    assert seen == [False]


async def test_the_same_is_tried_again_until_the_store_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.hub.ingest.batcher._AGAIN_S", (0.0,))
    told, heard = Told(), list[str | None]()
    told.weather = [Transient("store_unreachable"), Transient("store_busy")]
    batcher = batcher_of(told)
    batcher._weather = heard.append
    async with running(batcher):
        assert await (await batcher.put(one(b"a"))) is None
    assert told.batches == [[b"a"]] * 3
    assert heard == ["store_busy", "store_unreachable", None]


async def test_more_than_can_be_written_waits_outside() -> None:
    told = Told()
    told.gate.clear()
    batcher = batcher_of(told, most=2)
    async with running(batcher):
        puts = [asyncio.create_task(batcher.put(one(bytes((n,))))) for n in range(30)]
        await asyncio.sleep(0.01)
        assert sum(put.done() for put in puts) < 20
        told.gate.set()
        futures = await asyncio.gather(*puts)
        await asyncio.gather(*futures)
    assert sum(map(len, told.batches)) == 30
    assert max(map(len, told.batches)) == 2


async def test_what_was_taken_before_the_end_is_done_and_the_rest_is_not() -> None:
    told = Told()
    batcher = batcher_of(told)
    async with running(batcher):
        before = await batcher.put(one(b"a"))
    after = await batcher.put(one(b"b"))
    assert before.result() is None
    assert after.cancelled()


async def test_nobody_waits_for_ever_when_the_writing_breaks_off() -> None:
    told = Told()
    told.gate.clear()
    batcher = batcher_of(told, most=2)
    writing = asyncio.create_task(batcher.run())
    futures = [await batcher.put(one(bytes((n,)))) for n in range(4)]
    await told.taking.wait()
    writing.cancel()
    await asyncio.gather(writing, *futures, return_exceptions=True)
    assert all(future.cancelled() for future in futures)


async def test_a_summary_may_come_before_its_hello(tmp_path: Path) -> None:
    async with store_with(tmp_path, "home1") as store:
        answers: list[Answer] = []
        batcher = Batcher(ingest_of(store), answers.append, linger_s=0.0, patience_s=WAIT_S)
        async with running(batcher):
            early = await batcher.put(sent(summary(1)))
            await (await batcher.put(sent(summary(1), tail="s/energy")))  # a batch later
            assert not early.done()
            await batcher.put(hello())
            assert await early is None
        assert kept(tuple(answers)) == [(1, 1)]
        assert await seqs(store) == [1]


async def test_it_does_not_wait_for_ever_for_its_hello() -> None:
    told = Told()
    told.keys = {b"a": "wrong_epoch"}
    batcher = batcher_of(told, patience_s=0.01)
    async with running(batcher):
        assert await (await batcher.put(one(b"a"))) == "wrong_epoch"
