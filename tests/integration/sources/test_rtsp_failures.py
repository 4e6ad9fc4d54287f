"""Every way an RTSP camera fails: a named state, and back by itself once the camera is well again."""

import socket
import traceback
from contextlib import aclosing
from dataclasses import replace

import pytest

from gateway.errors import GatewayError
from gateway.testing.watcher import FakeWatcher
from tests.integration.rtsp_server import RtspServer
from tests.integration.sources.conftest import SHORT, Rig, assert_no_secret, running, watched

pytestmark = pytest.mark.integration


async def test_a_camera_that_is_there_delivers(server: RtspServer) -> None:
    server.start()
    async with running(watched(server)) as rig:
        await rig.until(lambda: len(rig.sightings) >= 10, "saw 10 pictures")
    assert rig.keys == ["opening", "running"]
    assert rig.sightings[0].frame.size == (640, 360)
    seqs = [seen.frame.seq for seen in rig.sightings]
    assert seqs == sorted(set(seqs))
    assert rig.counters.get("camera.cam.frames_decoded") >= 10
    assert rig.counters.get("camera.cam.corrupt") < 5


async def test_refused_then_there(server: RtspServer, free_port: int) -> None:
    server.port = free_port
    async with running(watched(server)) as rig:
        refused = await rig.says("camera_refused")
        server.start()
        await rig.says("running", after=refused)


async def test_silent_then_there(server: RtspServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        server.port = mute.getsockname()[1]
        async with running(watched(server)) as rig:
            silent = await rig.says("camera_silent")
            mute.close()
            server.start()
            await rig.says("running", after=silent)


async def test_killed_then_there(server: RtspServer) -> None:
    server.start()
    async with running(watched(server)) as rig:
        up = await rig.says("running")
        server.kill()
        await rig.until(lambda: bool({"camera_lost", "camera_refused"} & set(rig.keys[up:])), "noticed the loss")
        lost = len(rig.keys)
        server.start()
        await rig.says("running", after=lost)


async def test_stalled_then_going_on(server: RtspServer) -> None:
    server.start()
    async with running(watched(server)) as rig:
        up = await rig.says("running")
        server.pause()
        stalled = await rig.says("camera_stalled", after=up)
        server.resume()
        await rig.says("running", after=stalled)


async def test_a_stall_the_library_does_not_end_is_ended_by_our_watchdog(server: RtspServer) -> None:
    server.start()
    stubborn = replace(SHORT, read_s=60.0, silence_s=1.0)
    async with running(watched(server), stubborn) as rig:
        up = await rig.says("running")
        server.pause()
        stalled = await rig.says("camera_stalled", after=up)
        assert "abandoned" in rig.states[stalled - 1].detail
        assert rig.counters.get("camera.threads_abandoned") >= 1
        server.restart()
        await rig.says("running", after=stalled)


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_wrong_password_then_the_right_one(server: RtspServer, scheme: str) -> None:
    other = RtspServer(server.clip, "--auth", scheme, user="ann", password="another")
    with other:
        async with running(watched(other)) as rig:
            refused = await rig.says("camera_unauthorised")
            other.kill()
            server.port = other.port
            server.start("--auth", scheme)
            await rig.says("running", after=refused)


async def test_no_such_path_then_there(server: RtspServer) -> None:
    server.start()
    async with running(watched(server, "/porch")) as rig:
        absent = await rig.says("camera_not_found")
        server.restart("--also", "/porch")
        await rig.says("running", after=absent)


@pytest.mark.parametrize("path", ["/corrupt", "/torn"])
async def test_damaged_units_then_sound_ones(server: RtspServer, path: str) -> None:
    server.start()
    async with running(watched(server, path)) as rig:
        damaged = await rig.says("camera_corrupt")
        server.restart("--sound")
        await rig.says("running", after=damaged)
        await _settled(rig)
    assert rig.counters.get("camera.cam.corrupt") >= 1
    assert isinstance(rig.watcher, FakeWatcher)
    assert rig.watcher.gaps > 1


async def _settled(rig: Rig) -> None:
    """A good stream stays one."""
    count = len(rig.sightings)
    await rig.until(lambda: len(rig.sightings) >= count + 5, "went on delivering")


@pytest.mark.parametrize(("path", "scheme"), [("/cam", "basic"), ("/cam", "digest"), ("/nope", None)])
async def test_what_is_raised_holds_no_secret(server: RtspServer, path: str, scheme: str | None) -> None:
    with RtspServer(server.clip, *(["--auth", scheme] if scheme else []), password="another") as other:
        rig = Rig(watched(other, path), SHORT)
        with pytest.raises(GatewayError) as caught:
            async with aclosing(rig.camera.stream()) as sightings:
                await anext(sightings)
    told = "".join(traceback.format_exception(caught.value))
    assert_no_secret(told + repr(caught.value) + str(caught.value.facts))
    assert caught.value.__context__ is None
    assert f"127.0.0.1:{other.port}{path}" in str(caught.value)
