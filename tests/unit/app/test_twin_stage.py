"""Wishes of the hub come in, what came of them goes back, and garbage is counted."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from gateway.app.ending import Ending
from gateway.app.twin_stage import DESIRED, REPORTED, TwinStage
from gateway.config.layers import Layers
from gateway.errors import Refused
from gateway.flow.board import Counters
from gateway.uplink.twin.twin import Twin
from gateway.wire.uplink import Desired, Reported, dump, load


class FakeLink:
    """A connection that keeps what was published."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[bytes], None]] = {}
        self.hooks: list[Callable[[], Awaitable[None]]] = []
        self.told: asyncio.Queue[Reported] = asyncio.Queue()

    def on_message(self, suffix: str, handler: Callable[[bytes], None]) -> None:
        self.handlers[suffix] = handler

    def on_connected(self, hook: Callable[[], Awaitable[None]]) -> None:
        self.hooks.append(hook)

    async def publish(self, suffix: str, payload: bytes, *, retain: bool = False) -> None:
        assert suffix == REPORTED
        self.told.put_nowait(load(Reported, payload))


class Desk:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "gateway.yaml"
        self.file.write_text("climate: {pause_s: 1200}\n")
        self.ending, self.link, self.counters = Ending(), FakeLink(), Counters()
        loop = asyncio.get_running_loop()

        def changed() -> None:
            loop.call_soon_threadsafe(self.ending.restart)

        self.twin = Twin(self.file, Layers(), lambda _layers: None, changed)
        self.stage = TwinStage(self.twin, self.link, self.counters)

    def begin(self) -> "asyncio.Task[None]":
        return asyncio.create_task(self.stage.run(lambda: None))

    async def wish(self, *wishes: Desired | bytes) -> None:
        for wish in wishes:
            self.link.handlers[DESIRED](wish if isinstance(wish, bytes) else dump(wish))


async def end(running: "asyncio.Task[None]") -> None:
    running.cancel()
    await asyncio.wait({running})


async def test_a_wish_is_granted_reported_and_starts_the_gateway_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    running = desk.begin()
    await desk.wish(Desired(version=1, patch={"climate": {"pause_s": 600}}))
    async with asyncio.timeout(10):
        told = await desk.link.told.get()
        await desk.ending.begun.wait()
    assert (told.version, told.settings["climate"]["pause_s"]) == (1, 600)
    assert desk.ending.anew
    await end(running)


async def test_of_several_wishes_the_newest_counts_and_garbage_is_counted(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.wish(
        Desired(version=3, patch={"climate": {"pause_s": 900}}),
        Desired(version=2, patch={"climate": {"pause_s": 600}}),
        b"{",
        b"",
    )
    running = desk.begin()
    async with asyncio.timeout(10):
        told = await desk.link.told.get()
    assert (told.version, told.settings["climate"]["pause_s"]) == (3, 900)
    assert (desk.counters.get("twin.wishes"), desk.counters.get("twin.invalid")) == (2, 1)
    await end(running)


async def test_every_connection_begins_with_a_report(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for hook in desk.link.hooks:
        await hook()
    told = desk.link.told.get_nowait()
    assert (told.version, told.sources) == (0, {"climate.pause_s": "file"})


async def test_a_hub_that_takes_no_report_still_takes_summaries(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def refused(suffix: str, payload: bytes, *, retain: bool = False) -> None:
        raise Refused("uplink_not_authorised")

    desk.link.publish = refused  # type: ignore[method-assign]
    for hook in desk.link.hooks:
        await hook()
    assert desk.counters.get("twin.untold") == 1


async def test_a_file_that_is_being_edited_is_no_reason_to_end(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.file.write_text("climate: {pause_s: [")
    running = desk.begin()
    await desk.wish(Desired(version=1, patch={"climate": {"pause_s": 600}}))
    for hook in desk.link.hooks:
        await hook()
    desk.file.write_text("climate: {pause_s: 1200}\n")
    await desk.wish(Desired(version=2, patch={"climate": {"pause_s": 700}}))
    async with asyncio.timeout(10):
        while (told := await desk.link.told.get()).version < 2:
            pass
    assert told.settings["climate"]["pause_s"] == 700
    await end(running)


def test_who_was_told_to_stop_stops() -> None:
    ending = Ending(asyncio.Event())
    ending.restart()
    assert ending.anew
    ending.stop()
    ending.restart()
    assert ending.begun.is_set()
    assert not ending.anew
