"""All homes, one after the other, and what may be the id of one."""

import re
from collections.abc import AsyncIterator

from services.hub.store.contract import Store
from services.hub.store.words import Home

ID = r"[a-z0-9][a-z0-9_-]{0,47}"
"""As `gateway.wire.summary.ThingId`."""

_ID = re.compile(ID)
_PAGE = 500


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


async def all_homes(store: Store, after: str = "") -> AsyncIterator[Home]:
    """By id, from the one that follows `after` on, a page at a time: nothing is held open in between."""
    while page := await store.homes(after=after, limit=_PAGE):
        for home in page:
            yield home
        after = page[-1].gateway
