"""Prices and the weather to come, as services tell them over MQTT."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.errors import Invalid
from gateway.flow.board import Counters
from gateway.links.contract import Link
from gateway.wire.hourly import Hourly, hourly_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The keys of an entry's time and number, and who wants to know."""

    when: str
    what: str
    tell: Callable[[Hourly], None]


class ClimateFeeds:
    """`feeds` by topic. What cannot be read is counted as "climate.invalid_feed.<key>", and what was told before
    stays."""

    def __init__(self, link: Link, feeds: Mapping[str, Feed], counters: Counters) -> None:
        self._link = link
        self._feeds = feeds
        self._counters = counters

    async def run(self, beat: Callable[[], None]) -> None:
        """Until cancelled. A retained message is as good as any: services publish once a day."""
        if not self._feeds:
            return
        inbox = self._link.subscribe(*self._feeds)
        try:
            async for message in inbox:
                beat()
                feed = self._feeds[message.topic]
                try:
                    feed.tell(hourly_of(message.payload, when=feed.when, what=feed.what))
                except Invalid as error:
                    self._counters.add(f"climate.invalid_feed.{error.key}")
        finally:
            inbox.close()
