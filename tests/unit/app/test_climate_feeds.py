import asyncio
import json

from gateway.app.climate_feeds import ClimateFeeds, Feed
from gateway.flow.board import Counters
from gateway.testing.link import FakeMqttLink
from gateway.wire.hourly import Hourly


async def test_prices_are_told_also_old_ones_and_nonsense_is_counted() -> None:
    link, counters, told = FakeMqttLink(), Counters(), list[Hourly]()
    feeds = ClimateFeeds(link, {"tariff": Feed(when="start", what="price", tell=told.append)}, counters)
    running = asyncio.create_task(feeds.run(lambda: None))
    await asyncio.sleep(0)
    link.inject("tariff", b"\xff")
    link.inject("tariff", json.dumps([{"start": "2026-01-10T13:00:00+01:00", "price": 0.28}]), retained=True)
    link.inboxes[0].close()
    await running
    assert told == [((1768046400.0, 0.28),)]
    assert counters.all() == {"climate.invalid_feed.payload_not_utf8": 1}


async def test_without_a_topic_nobody_listens() -> None:
    link = FakeMqttLink()
    await ClimateFeeds(link, {}, Counters()).run(lambda: None)
    assert not link.inboxes
