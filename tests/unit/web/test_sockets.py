"""Live pictures and updates over WebSockets, and how they end."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from gateway.flow.board import Counters
from gateway.testing.clock import FakeClock
from gateway.types import Level, State
from gateway.web.hub import RESYNC, Broadcast
from gateway.web.sockets import MOST_PER_SESSION
from tests.unit.web.conftest import Page, house
from tests.unit.web.fakes import FakeLive, event

LIVE = "/api/v1/cameras/door/live"


class EndlessLive(FakeLive):
    """Sends its init segment and then waits; tells when it was let go."""

    def __init__(self) -> None:
        super().__init__()
        self.released = asyncio.Event()

    async def fragments(self) -> AsyncGenerator[bytes, None]:
        try:
            yield b"init"
            await asyncio.Event().wait()
        finally:
            self.released.set()


async def test_the_codec_comes_first_then_the_picture_then_the_end(clock: FakeClock) -> None:
    async with house(clock, cameras={"door": FakeLive()}) as page:
        socket = await page.socket(LIVE)
        assert await socket.receive_str() == 'video/mp4; codecs="avc1.42C01E"'
        assert [await socket.receive_bytes() for _ in range(3)] == [b"init", b"one", b"two"]
        assert (await socket.receive()).type is WSMsgType.CLOSE
        assert socket.close_code == 1013


async def test_a_camera_without_h264_says_that_it_has_pictures_only(clock: FakeClock) -> None:
    async with house(clock, cameras={"door": FakeLive(mime=None)}) as page:
        assert await (await page.socket(LIVE)).receive_str() == "image/jpeg"


async def test_a_camera_without_a_picture_asks_to_come_back(clock: FakeClock) -> None:
    async with house(clock, cameras={"door": FakeLive(mime=None, picture=None)}) as page:
        socket = await page.socket(LIVE)
        assert (await socket.receive()).type is WSMsgType.CLOSE
        assert socket.close_code == 1013


async def test_a_page_that_leaves_lets_the_camera_go(clock: FakeClock) -> None:
    view = EndlessLive()
    async with house(clock, cameras={"door": view}) as page:
        socket = await page.socket(LIVE)
        await socket.receive_str()
        await socket.receive_bytes()
        await socket.close()
        await asyncio.wait_for(view.released.wait(), 5)


async def test_a_server_that_stops_lets_the_camera_go(clock: FakeClock) -> None:
    view = EndlessLive()
    async with house(clock, cameras={"door": view}) as page:
        socket = await page.socket(LIVE)
        await socket.receive_str()
        await socket.receive_bytes()
    assert view.released.is_set()


async def test_logout_ends_the_sockets_of_that_session(clock: FakeClock) -> None:
    view = EndlessLive()
    async with house(clock, cameras={"door": view}) as page:
        live, updates = await page.socket(LIVE), await page.socket("/api/v1/updates")
        assert await updates.receive_json() == {"kind": "hello"}
        await live.receive_str()
        await live.receive_bytes()
        await page.post("/api/v1/logout")
        for socket in (live, updates):
            last = await socket.receive()
            assert (last.type, last.data) == (WSMsgType.CLOSE, 1008)


async def refused(page: Page, path: str, **headers: str) -> int:
    with pytest.raises(WSServerHandshakeError) as caught:
        await page.socket(path, **headers)
    return caught.value.status


async def test_a_socket_needs_the_origin_and_a_session(clock: FakeClock) -> None:
    async with house(clock, cameras={"door": FakeLive()}) as page:
        for path in (LIVE, "/api/v1/updates"):
            assert await refused(page, path, Origin="http://elsewhere.example") == 403
            assert await refused(page, path, Origin="") == 403
        page.http.cookie_jar.clear()
        for path in (LIVE, "/api/v1/updates"):
            assert await refused(page, path) == 401


async def test_no_session_hoards_sockets(clock: FakeClock) -> None:
    async with house(clock) as page:
        sockets = [await page.socket("/api/v1/updates") for _ in range(MOST_PER_SESSION)]
        assert await refused(page, "/api/v1/updates") == 429
        await sockets[0].close()
        await (await page.socket("/api/v1/updates")).close()


async def test_updates_tell_what_is_published(clock: FakeClock) -> None:
    counters = Counters()
    hub = Broadcast(counters)
    async with house(clock, hub=hub) as page:
        socket = await page.socket("/api/v1/updates")
        assert await socket.receive_json() == {"kind": "hello"}
        told = event(clock.now())
        hub.publish("event", told)
        state = State(part="broker", level=Level.DOWN, key="lost", since=clock.now())
        await asyncio.get_running_loop().run_in_executor(None, hub.publish, "state", state)
        first, second = await socket.receive_json(), await socket.receive_json()
    assert (first["kind"], first["data"]["id"]) == ("event", told.id)
    assert (second["kind"], second["data"]["level"]) == ("state", "down")
    assert hub.listeners == 0


async def test_a_slow_page_is_told_to_fetch_anew_and_the_loss_is_counted() -> None:
    counters = Counters()
    hub = Broadcast(counters, size=3)
    messages = hub.messages()
    first = asyncio.ensure_future(anext(messages))
    await asyncio.sleep(0)  # the page listens
    for number in range(5):
        hub.publish("note", {"id": str(number)})
    await asyncio.sleep(0)  # all five arrive before the page takes one
    taken = [await first, await anext(messages)]
    assert taken[0] == RESYNC
    assert '"4"' in taken[1]
    assert counters.get("web.updates_dropped") == 4
    await messages.aclose()
    hub.publish("note", {"id": "nobody listens"})


async def test_a_page_may_talk_but_is_not_heard(clock: FakeClock) -> None:
    async with house(clock) as page:
        socket = await page.socket("/api/v1/updates")
        await socket.receive_json()
        await socket.send_str("hello?")
        await socket.send_str("x" * 2000)
        assert (await socket.receive()).type is WSMsgType.CLOSE
        assert socket.close_code == 1009
