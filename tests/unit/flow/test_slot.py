import asyncio
import threading

import pytest

from gateway.errors import SourceLost
from gateway.flow.slot import Slot


async def test_a_slow_consumer_gets_the_latest_value_and_the_rest_is_counted() -> None:
    slot: Slot[int] = Slot(asyncio.get_running_loop())

    def produce() -> None:
        for number in range(1000):
            slot.put(number)

    producer = threading.Thread(target=produce)
    producer.start()
    producer.join()
    slot.end()
    assert [item async for item in slot] == [999]
    assert slot.dropped == 999


async def test_keep_chooses_between_an_untaken_value_and_the_next() -> None:
    slot: Slot[int] = Slot(asyncio.get_running_loop(), keep=max)
    for number in (3, 9, 4):
        slot.put(number)
    slot.end()
    assert [item async for item in slot] == [9]


async def test_the_error_follows_the_last_value() -> None:
    slot: Slot[int] = Slot(asyncio.get_running_loop())
    slot.put(7)
    slot.end(SourceLost("camera_lost"))
    got = []
    with pytest.raises(SourceLost):
        async for item in slot:
            got.append(item)
    assert got == [7]


def test_putting_after_the_loop_is_closed_is_harmless() -> None:
    loop = asyncio.new_event_loop()
    slot: Slot[int] = Slot(loop)
    loop.close()
    slot.put(1)
    slot.put(2)
    assert slot.dropped == 1
