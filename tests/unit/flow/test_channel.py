import asyncio

import pytest

from gateway.flow.channel import Channel, Closed, Policy


async def drain(channel: Channel[int]) -> list[int]:
    return [item async for item in channel]


async def test_what_was_sent_before_close_is_still_received_in_order() -> None:
    channel: Channel[int] = Channel("c", 8)
    for item in range(5):
        await channel.send(item)
    await channel.close()
    assert await drain(channel) == [0, 1, 2, 3, 4]
    assert (channel.sent, channel.taken, channel.dropped) == (5, 5, 0)


async def test_a_full_blocking_channel_makes_the_sender_wait() -> None:
    channel: Channel[int] = Channel("c", 1)
    await channel.send(1)
    waiting = asyncio.create_task(channel.send(2))
    await asyncio.sleep(0)
    assert not waiting.done()
    taken = channel.__aiter__()
    assert await anext(taken) == 1
    await waiting
    assert await anext(taken) == 2
    await taken.aclose()


async def test_a_full_latest_channel_drops_the_oldest_and_counts_it() -> None:
    channel: Channel[int] = Channel("c", 2, Policy.LATEST)
    for item in range(5):
        await channel.send(item)
    await channel.close()
    assert await drain(channel) == [3, 4]
    assert channel.dropped == 3


async def test_sending_into_a_closed_channel_is_refused_also_while_waiting() -> None:
    channel: Channel[int] = Channel("c", 1)
    await channel.send(1)
    waiting = asyncio.create_task(channel.send(2))
    await asyncio.sleep(0)
    await channel.close()
    with pytest.raises(Closed):
        await waiting
    with pytest.raises(Closed):
        await channel.send(3)


async def test_the_channel_closes_when_its_last_sender_leaves() -> None:
    channel: Channel[int] = Channel("c", 8)
    channel.expect(2)
    async with channel.sender():
        async with channel.sender():
            await channel.send(1)
        assert not channel.closed
        await channel.send(2)
    assert await drain(channel) == [1, 2]


async def test_a_cancelled_sender_still_delivers_what_it_had_begun_to_send() -> None:
    channel: Channel[int] = Channel("c", 1)
    await channel.send(1)
    waiting = asyncio.create_task(channel.send(2))
    await asyncio.sleep(0)
    waiting.cancel()
    taken = channel.__aiter__()
    assert [await anext(taken), await anext(taken)] == [1, 2]
    await taken.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_receiver_that_leaves_early_frees_its_senders() -> None:
    channel: Channel[int] = Channel("c", 1)
    await channel.send(1)
    taken = channel.__aiter__()
    await anext(taken)
    await channel.send(2)
    waiting = asyncio.create_task(channel.send(3))
    await asyncio.sleep(0)
    await taken.aclose()
    with pytest.raises(Closed):
        await waiting
