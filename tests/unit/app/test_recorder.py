import asyncio

from gateway.app.announcer import announce
from gateway.app.recorder import Recorder
from gateway.errors import Transient
from gateway.flow.board import Counters
from gateway.flow.channel import Channel
from gateway.flow.inbox import Inbox
from gateway.seams import Stimulus
from gateway.types import Event, Level, State

from .corridor import event, reading


class Events:
    def __init__(self, *, full: bool = False) -> None:
        self.rows: list[Event] = []
        self._full = full

    async def add(self, one: Event) -> None:
        if self._full:
            raise Transient("disk_full")
        self.rows.append(one)


async def play(log: Events, *records: Stimulus) -> tuple[list[Event], list[Stimulus], Counters]:
    channel: Channel[Stimulus] = Channel("records", 8)
    for record in records:
        await channel.send(record)
    await channel.close()
    kept: list[Event] = []
    told: list[Stimulus] = []
    counters = Counters()
    await Recorder(events=log, counters=counters, kept=kept.append, tell=told.append).run(channel, lambda: None)
    return kept, told, counters


async def test_events_are_written_and_everything_is_told() -> None:
    moved, warm, log = event(), reading(), Events()
    kept, told, counters = await play(log, moved, warm)
    assert log.rows == kept == [moved]
    assert told == [moved, warm]
    assert counters.all() == {}


async def test_a_full_disk_loses_the_row_says_so_and_stops_nothing() -> None:
    first, second = event(), event()
    kept, told, counters = await play(Events(full=True), first, second)
    assert kept == []
    assert told == [first, second]
    assert counters.get("store.lost.event") == 2


class Publisher:
    def __init__(self) -> None:
        self.told: list[Event | State] = []

    async def on_event(self, one: Event) -> None:
        self.told.append(one)

    async def on_state(self, state: State) -> None:
        self.told.append(state)


async def test_events_and_states_are_announced_in_the_order_they_came() -> None:
    news: Inbox[Event | State] = Inbox(asyncio.get_running_loop(), 8)
    told: list[Event | State] = [event(), State(part="camera/door", level=Level.OK, key="running"), event()]
    for item in told:
        news.put(item)
    news.close()
    publisher = Publisher()
    await announce(news, publisher, lambda: None)
    assert publisher.told == told
