"""What people see of a network camera, taken from a real RTSP server and read back with a real demuxer."""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import aclosing

import av
import cv2
import numpy as np
import pytest

from gateway.perception.gate import GateMode, KeyFrameGate
from gateway.sources.live import LiveView
from tests.integration.rtsp_server import RtspServer
from tests.integration.sources.conftest import Rig, running, watched

pytestmark = pytest.mark.integration


def view_of(rig: Rig) -> LiveView:
    return LiveView(rig.ring, name="cam", counters=rig.counters)


async def chunks(stream: AsyncGenerator[bytes, None], count: int) -> bytes:
    async with asyncio.timeout(10):
        return b"".join([await anext(stream) for _ in range(count)])


async def test_a_player_gets_what_the_camera_sends(server: RtspServer) -> None:
    server.start()
    async with running(watched(server)) as rig:
        await rig.says("running")
        live = view_of(rig)
        async with aclosing(live.fragments()) as stream:
            film = await chunks(stream, 21)
        still = await live.jpeg(max_width=320)
        live.close()
    assert live.mime == 'video/mp4; codecs="avc1.4D4016"'
    with av.open(io.BytesIO(film), "r") as container:
        shown = list(container.decode(video=0))
    assert len(shown) == 20
    assert (shown[0].width, shown[0].height) == (640, 360)
    assert shown[0].key_frame
    assert still is not None
    assert np.asarray(cv2.imdecode(np.frombuffer(still, np.uint8), cv2.IMREAD_COLOR)).shape == (180, 320, 3)


async def test_a_viewer_s_stream_ends_with_the_camera_s(server: RtspServer) -> None:
    server.start()
    async with running(watched(server)) as rig:
        await rig.says("running")
        live = view_of(rig)
        async with aclosing(live.fragments()) as stream:
            await chunks(stream, 3)
            server.kill()
            async with asyncio.timeout(10):
                rest = [chunk async for chunk in stream]
        assert all(chunk[4:8] in {b"moof", b"mfra"} for chunk in rest)
        live.close()


async def test_the_gate_idles_on_key_frames_and_wakes_up(server: RtspServer) -> None:
    """A moving test picture: the gate falls back to every frame with the first key frame after it has idled."""
    server.start()
    async with running(watched(server), watcher=KeyFrameGate(max_blind_s=2.0)) as rig:
        gate = rig.watcher
        assert isinstance(gate, KeyFrameGate)
        await rig.until(lambda: gate.mode is not GateMode.EVERY, "measured the key-frame spacing")
        assert gate.blind_s is not None
        assert 0 < gate.blind_s <= 2.0
        await rig.until(lambda: rig.counters.get("camera.cam.frames_decoded") >= 45, "went on")
    # a server that gets no processor drops a packet now and then; waking between key frames would cost most frames
    assert rig.counters.get("camera.cam.frames_undecodable") < 5
    assert rig.counters.get("camera.cam.corrupt") < 5
