"""What leaves the home: every byte that left, and every byte that waits."""

from aiohttp import web

from gateway.errors import Invalid
from gateway.web.context import PARTS, answer, off, page_of
from gateway.web.parts import Uplink
from gateway.wire.summary import Stream


async def overview(request: web.Request) -> web.Response:
    """{"host", "streams": [...] in the order they leave, "totals": by topic, "spent": epsilon by date}."""
    uplink = _uplink(request)
    streams = sorted(await uplink.streams(), key=lambda one: (one.priority, one.stream))
    totals = await uplink.totals()
    return answer(
        {
            "host": uplink.host,
            "streams": [
                {
                    "stream": one.stream.value,
                    "enabled": one.enabled,
                    "priority": one.priority,
                    "rows": one.rows,
                    "bytes": one.bytes,
                    "oldest_s": None if one.oldest_s is None else round(one.oldest_s),
                }
                for one in streams
            ],
            "totals": {topic: {"count": gone.count, "bytes": gone.bytes} for topic, gone in totals.items()},
            "spent": dict(uplink.spent()),
        }
    )


async def offers(request: web.Request) -> web.Response:
    """{"offers": newest campaign first, "wish": what became of the hub's last wish for settings}."""
    uplink = _uplink(request)
    wish = uplink.wish()
    return answer(
        {
            "offers": [
                {
                    "campaign": one.campaign,
                    "what": one.what,
                    "name": one.name,
                    "version": one.version,
                    "back": one.back,
                    "state": one.state.value,
                    "key": one.key,
                    "heard": one.heard,
                }
                for one in uplink.offers()
            ],
            "wish": {"version": wish.version, "rejected": dict(wish.rejected)},
        }
    )


async def left(request: web.Request) -> web.Response:
    """Newest first; "body" is the text that left, byte by byte (all of it is UTF-8)."""
    limit, before = page_of(request)
    found = await _uplink(request).left(limit, None if before is None else _number(before))
    return answer(
        {
            "left": [
                {
                    "id": one.id,
                    "time": one.time.isoformat().replace("+00:00", "Z"),
                    "topic": one.topic,
                    "bytes": len(one.body),
                    "body": one.body.decode("utf-8", "replace"),
                }
                for one in found
            ]
        }
    )


async def waiting(request: web.Request) -> web.Response:
    """Oldest first, as it will leave."""
    try:
        stream = Stream(request.match_info["stream"])
    except ValueError:
        raise Invalid("stream_unknown", status=404) from None
    limit, _ = page_of(request)
    found = await _uplink(request).waiting(stream, limit, _number(request.query.get("after", "0")))
    return answer(
        {
            "waiting": [
                {"seq": one.id.seq, "id": str(one.id), "bytes": len(one.body), "body": one.body.decode()}
                for one in found
            ]
        }
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid("number_invalid")
    return int(text)


def _uplink(request: web.Request) -> Uplink:
    uplink = request.app[PARTS].uplink
    if uplink is None:
        raise off("uplink")
    return uplink
