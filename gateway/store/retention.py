"""Pictures of people who never agreed to anything go after a day at most."""

from dataclasses import replace
from datetime import datetime

from gateway.store.events import EventLog
from gateway.store.media import MediaStore
from gateway.types import Kind


async def forget_strangers(events: EventLog, media: MediaStore, before: datetime) -> int:
    """Delete the pictures of unknown faces seen before the aware UTC time; how many went. The picture goes first:
    where this is cut short, the next round finds the event again. Raises what `Database.run` raises."""
    gone = 0
    for event in await events.pictured(Kind.FACE_UNKNOWN, before):
        assert event.evidence is not None
        gone += await media.remove(event.evidence)
        await events.add(replace(event, evidence=None))
    return gone
