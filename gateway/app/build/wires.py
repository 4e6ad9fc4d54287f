"""The channels and inboxes between the stages."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.app.router import Tick
from gateway.app.tally import Tally
from gateway.flow.channel import Channel
from gateway.flow.inbox import Inbox
from gateway.seams import Stimulus
from gateway.types import Command, Event, State

QUEUE = 256
NEWS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """`stimuli` lead to the router, `commands` and `records` away from it. `aside` takes what parts tell that are
    no sources of their own (device answers, camera states); `news` is what the house hears on MQTT."""

    stimuli: Channel[Stimulus | Tick]
    commands: Channel[Command]
    records: Channel[Stimulus]
    aside: Inbox[Stimulus]
    news: Inbox[Event | State]

    @classmethod
    def fresh(cls) -> "Wires":
        loop = asyncio.get_running_loop()
        wires = cls(
            stimuli=Channel("stimuli", QUEUE),
            commands=Channel("commands", QUEUE),
            records=Channel("records", QUEUE),
            aside=Inbox(loop, NEWS),
            news=Inbox(loop, NEWS),
        )
        wires.commands.expect()
        wires.records.expect()
        return wires

    async def carry_aside(self, _beat: Callable[[], None]) -> None:
        """A flow stage: from `aside` into the stimuli."""
        async with self.stimuli.sender():
            async for stimulus in self.aside:
                await self.stimuli.send(stimulus)

    def made_aside(self, tally: Tally, event: Event) -> None:
        tally.event(event)
        self.aside.put(event)
